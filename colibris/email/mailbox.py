"""Addresses such as ``Zoë Müller <zoe@example.com>``."""

import re
from dataclasses import dataclass

from colibris.email.errors import InvalidMessage
from colibris.email.texts import check_line

__all__ = ['Mailbox']

MAX_LOCAL = 64
MAX_DOMAIN = 253

_FORM = re.compile(r'(?P<name>[^<>]*)<(?P<address>[^<>]*)>')
_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~.-]+")
_DOMAIN = re.compile(r'(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*')
_ESCAPED = re.compile(r'\\(.)')


@dataclass(frozen=True)
class Mailbox:
    """Somebody's name, which may be empty, and address, whose domain is in ASCII form."""

    name: str
    local: str
    domain: str

    @property
    def address(self) -> str:
        """The bare address."""
        return f'{self.local}@{self.domain}'

    @classmethod
    def parse(cls, text: str, field: str) -> 'Mailbox':
        """Read ``address`` or ``name <address>``; the name may stand in quotes.

        :param field: what the text is, for the error.
        :raises InvalidMessage: it is neither.
        """
        check_line(field, text)
        match = _FORM.fullmatch(text.strip())
        name, address = (match['name'], match['address']) if match else ('', text)
        local, _, domain = address.strip().rpartition('@')
        if not _LOCAL.fullmatch(local) or len(local.encode()) > MAX_LOCAL:
            raise _not_an_address(field, text)
        return cls(_unquoted(name.strip()), local, _ascii_domain(domain, field, text))


def _unquoted(name: str) -> str:
    if len(name) > 1 and name.startswith('"') and name.endswith('"'):
        return _ESCAPED.sub(r'\1', name[1:-1])
    return name


def _ascii_domain(domain: str, field: str, text: str) -> str:
    if not domain.isascii():
        import idna

        try:
            domain = idna.encode(domain, uts46=True).decode()
        except idna.IDNAError as exc:
            raise _not_an_address(field, text) from exc
    if not _DOMAIN.fullmatch(domain) or len(domain) > MAX_DOMAIN:
        raise _not_an_address(field, text)
    return domain


def _not_an_address(field: str, text: str) -> InvalidMessage:
    return InvalidMessage(f"{field}: {text!r} is no address; it has to look like 'ada@example.com' or 'Ada <ada@…>'")
