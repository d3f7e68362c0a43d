"""Step 6: hosts."""

import re

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from colibris.api import ParseError
from colibris.conf import settings

__all__ = ['check_host']

_HOST = re.compile(r'(?P<name>\[[0-9a-f:.]+\]|[\w-]+(\.[\w-]+)*)\.?(:\d*)?', re.IGNORECASE | re.ASCII)


@web.middleware
async def check_host(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a request that is not for one of ``ALLOWED_HOSTS``, so that no link is made from a name that is not ours.

    What counts is the header, and the first line too if that holds a whole URL.
    """
    if not all(_is_allowed(host) for host in (*request.headers.getall(hdrs.HOST, ['']), request.host)):
        raise ParseError('the host is not among ALLOWED_HOSTS')
    return await handler(request)


def _is_allowed(host: str) -> bool:
    match = _HOST.fullmatch(host)
    name = match['name'].lower() if match else None
    return name is not None and any(_fits(name, pattern) for pattern in settings.ALLOWED_HOSTS)


def _fits(name: str, pattern: str) -> bool:
    if pattern.startswith('.'):
        return name == pattern[1:] or name.endswith(pattern)
    return pattern in ('*', name)
