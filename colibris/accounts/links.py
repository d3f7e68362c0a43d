"""Links that are sent by e-mail: whoever has one has read the account's mail."""

import base64
import binascii
import hmac
import time
from dataclasses import dataclass

from colibris.authentication.keys import derive_key
from colibris.conf.definitions import of_type
from colibris.errors import ConfigurationError

__all__ = ['Link']

PLACE = '{token}'

_SIZE = 32


@dataclass(frozen=True)
class Link:
    """One kind of links, with a token in each that proves whom it was made for.

    Nothing is stored. The token is signed by a key that is made of ``SECRET_KEY`` and of the account's *state*, so that
    it is worth nothing any more once that has changed: after it has been used, for example.

    :param purpose: what the links are for; a token for one purpose is worth nothing for another.
    :param url: the link, with ``{token}`` where the token belongs.
    :param seconds: how long a token is valid.
    :raises ConfigurationError: ``url`` has no place for the token.
    """

    purpose: str
    url: str
    seconds: int

    def __post_init__(self) -> None:
        if of_type(str, name='')(self.url) or self.url.count(PLACE) != 1:
            raise ConfigurationError(f"'{self.purpose}_url' must be a URL with {PLACE} in it, not {self.url!r}")

    def make(self, identity: str, state: str) -> str:
        """The link for the account that ``identity`` names."""
        claim = f'{_encode(identity.encode())}.{int(time.time()) + self.seconds}'
        return self.url.replace(PLACE, f'{claim}.{_encode(self._sign(claim, state))}')

    def claimed_identity(self, token: str) -> str | None:
        """The account that a token names, whether it is right or not; ``None`` if it has expired or is malformed."""
        try:
            identity, expires, _ = token.split('.')
            return _decode(identity).decode() if int(expires) > time.time() else None
        except ValueError:
            return None

    def is_valid(self, token: str, state: str) -> bool:
        """Whether a token was made for the account that it names, in the state in which the account is."""
        claim, _, signature = token.rpartition('.')
        try:
            return hmac.compare_digest(_decode(signature), self._sign(claim, state))
        except ValueError:
            return False

    def _sign(self, claim: str, state: str) -> bytes:
        return hmac.digest(derive_key(f'colibris.accounts.{self.purpose}', state), claim.encode(), 'sha256')[:_SIZE]


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip('=')


def _decode(text: str) -> bytes:
    """The bytes, if this is the one way to write them.

    :raises ValueError: it is not.
    """
    data = base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))
    if _encode(data) != text:
        raise binascii.Error('not what is written for these bytes')
    return data
