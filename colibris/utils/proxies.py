"""Who a request comes from, where proxies stand in between."""

import functools
import ipaddress
import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

from aiohttp import web

from colibris.conf import settings
from colibris.conf.origins import PROXY_PROTOCOL, UNIX_PEERS

__all__ = ['client_address', 'client_scheme', 'is_trusted_peer']

Address = IPv4Address | IPv6Address

# One element of the header Forwarded (RFC 7239), whose values may be quoted.
_PAIR = re.compile(r'\s*([\w-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;,"]*)\s*(?:;|$)')
_MAX_ELEMENT = 1000  # a longer one is nonsense, over which the pattern would brood
_WITH_PORT = re.compile(r'\[(?P<v6>[^\]]*)\](?::\d+)?|(?P<v4>[\d.]+)(?::\d+)?')


def client_address(request: web.BaseRequest) -> str | None:
    """The IP address that the request comes from, or ``None`` where nobody knows it, as with a Unix socket.

    Anybody can write ``X-Forwarded-For``. So it counts only if the peer is one of ``TRUSTED_PROXIES``, and then the
    address that this proxy has added, the last one; if that is a trusted proxy too, the one before, and so on.
    """
    found = _parse(request.remote or '')
    for hop in _hops(request) if _is_trusted(found) else ():
        address = _parse(hop)
        if address is None:
            break
        found = address
        if not _is_trusted(found):
            break
    return None if found is None else str(found)


def client_scheme(request: web.BaseRequest) -> str:
    """The scheme that the client uses, ``http`` or ``https``; a trusted proxy says it in ``X-Forwarded-Proto``."""
    if settings.PROXY_HEADER == PROXY_PROTOCOL:
        origin = getattr(request.protocol, 'origin', None)
        return 'https' if origin and origin.is_tls else request.scheme
    if settings.TRUSTED_PROXIES and _is_trusted(_parse(request.remote or '')):
        said = _said_scheme(request).strip().lower()
        if said in ('http', 'https'):
            return said
    return request.scheme


def is_trusted_peer(host: str | None) -> bool:
    """Whether who has connected is one of ``TRUSTED_PROXIES``.

    :param host: the address; ``None`` with a Unix socket.
    """
    return _is_trusted(_parse(host or ''))


def _hops(request: web.BaseRequest) -> Iterator[str]:
    """The addresses that proxies have added, the last one first."""
    if settings.PROXY_HEADER == PROXY_PROTOCOL:
        return  # the connection's address is the client's already
    for text in reversed(_elements(request, settings.PROXY_HEADER)):
        yield _forwarded(text).get('for', '') if settings.PROXY_HEADER == 'Forwarded' else text


def _said_scheme(request: web.BaseRequest) -> str:
    if settings.PROXY_HEADER == 'Forwarded':
        return next((_forwarded(text).get('proto', '') for text in reversed(_elements(request, 'Forwarded'))), '')
    return next(reversed(_elements(request, 'X-Forwarded-Proto')), '')


def _elements(request: web.BaseRequest, header: str) -> list[str]:
    """A list that may be spread over several headers of the same name."""
    return ','.join(request.headers.getall(header, ())).split(',')


def _forwarded(element: str) -> dict[str, str]:
    pairs = _PAIR.findall(element) if len(element) <= _MAX_ELEMENT else ()
    return {name.lower(): value.strip('"') for name, value in pairs}


def _is_trusted(address: Address | None) -> bool:
    networks, trusts_unix = _trusted(tuple(settings.TRUSTED_PROXIES))
    if address is None:
        return trusts_unix
    return any(address in network for network in networks)


@functools.lru_cache(maxsize=8)
def _trusted(texts: tuple[str, ...]) -> tuple[list[ipaddress.IPv4Network | ipaddress.IPv6Network], bool]:
    return [ipaddress.ip_network(text) for text in texts if text != UNIX_PEERS], UNIX_PEERS in texts


def _parse(text: str) -> Address | None:
    """An address, also with a port behind; ``None`` if it is none."""
    match = _WITH_PORT.fullmatch(text.strip())
    try:
        address = ipaddress.ip_address((match['v6'] or match['v4']) if match else text.strip().partition('%')[0])
    except ValueError:
        return None
    return getattr(address, 'ipv4_mapped', None) or address
