"""Checks of the settings that say who may talk to the server, and through whom."""

import ipaddress
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

__all__ = ['PROXY_PROTOCOL', 'UNIX_PEERS', 'each', 'is_header_name', 'is_headers', 'is_host', 'is_network', 'is_origin']

UNIX_PEERS = 'unix'
"""In ``TRUSTED_PROXIES``: whoever connects by a Unix socket."""

PROXY_PROTOCOL = 'PROXY'
"""In ``PROXY_HEADER``: not a header of HTTP, but what comes before it, by the PROXY protocol."""

_LABELS = r'[a-z0-9_-]+(\.[a-z0-9_-]+)*'
_HOST = re.compile(rf'\*|\.?{_LABELS}|\[[0-9a-f:.]+\]', re.ASCII)
_ORIGIN = re.compile(rf'[a-z][a-z0-9+.-]*://({_LABELS}|\[[0-9a-f:.]+\])(:\d{{1,5}})?', re.ASCII)
_DEFAULT_PORTS = {'http': 80, 'https': 443}
_TOKEN = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)


def each(check: Callable[[str], str | None]) -> Callable[[Any], str | None]:
    """A check that a value is a list of texts, each of which ``check`` accepts."""

    def check_all(value: Any) -> str | None:
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            return 'must be a list of texts'
        return '; '.join(f'{item!r} {problem}' for item in value if (problem := check(item))) or None

    return check_all


def is_host(text: str) -> str | None:
    """Check that a text is the name of a host as in ``ALLOWED_HOSTS``."""
    return None if _HOST.fullmatch(text) else "has to look like 'api.example.com', '.example.com', '[::1]' or '*'"


def is_origin(text: str) -> str | None:
    """Check that a text is an origin as browsers write it, or ``*``."""
    if text == '*':
        return None
    if not _ORIGIN.fullmatch(text):
        return "has to look like 'https://app.example.com': lower case, nothing behind the host or port"
    parts = urlsplit(text)
    return (
        'must leave out the port, which is the default' if parts.port == _DEFAULT_PORTS.get(parts.scheme, 0) else None
    )


def is_network(text: str) -> str | None:
    """Check that a text is an address, a network, or ``'unix'``."""
    try:
        _ = text == UNIX_PEERS or ipaddress.ip_network(text)
    except ValueError:
        return f"has to look like '10.0.0.7', '10.0.0.0/8', 'fd00::/8' or {UNIX_PEERS!r}"
    return None


def is_header_name(text: str) -> str | None:
    """Check that a text can be the name of a header or of a method."""
    return None if _TOKEN.fullmatch(text) else 'is no name: it must have no spaces, colons or the like'


def is_headers(value: Any) -> str | None:
    """Check that a value is a dictionary of headers."""
    if not isinstance(value, dict):
        return f'must be a dictionary of headers, not {type(value).__name__}'
    return '; '.join(f'{name!r} {problem}' for name, text in value.items() if (problem := _header(name, text))) or None


def _header(name: Any, text: Any) -> str | None:
    if not isinstance(name, str) or is_header_name(name):
        return 'is no name of a header'
    return None if isinstance(text, str) and text.isprintable() and text.isascii() else 'must have a text of one line'
