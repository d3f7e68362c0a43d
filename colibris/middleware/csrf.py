"""Step 10: requests that another site's page makes a browser send."""

import base64
import contextlib
import hmac
import logging
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from colibris import authentication
from colibris.api import PermissionDenied
from colibris.authentication.null import NullBackend
from colibris.conf import settings
from colibris.middleware.cors import is_allowed_origin

__all__ = ['HEADER', 'give_token', 'may_be_forged', 'refuse_forgery', 'token_of']

HEADER = 'X-CSRF-Token'

SAFE_METHODS = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS, hdrs.METH_TRACE})

_OWN_SITES = frozenset({'same-origin', 'none'})
_DEFAULT_PORTS = (':80', ':443')


def may_be_forged() -> bool:
    """Whether browsers send credentials by themselves; a backend that does not describe its own may have such."""
    backend = authentication.get_backend()
    schemes = backend.security_schemes().values()
    if isinstance(backend, NullBackend):
        return False
    return not schemes or any(scheme.get('in') == 'cookie' for scheme in schemes)


@web.middleware
async def refuse_forgery(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a request that may change something, and that a cookie authenticates, unless a page of ours has sent it.

    Such a page tells by the header ``X-CSRF-Token`` what only it can know, and by ``Sec-Fetch-Site`` or ``Origin``,
    which browsers write, where it comes from. Websockets can have no such header.
    """
    if authentication.is_authenticated_by_cookie(request):
        problem = _find_problem(request)
        if problem:
            account = authentication.get_account(request)
            authentication.record_event('forgery_refused', request, account, level=logging.WARNING, reason=problem)
            raise PermissionDenied(problem, code='csrf_failed')
    return await handler(request)


async def give_token(request: web.Request, response: web.StreamResponse) -> None:
    """Tell a client whose cookie holds credentials the token; called when any answer is about to begin.

    Pages of other origins can read no header of an answer, unless ``CORS_ORIGINS`` lists them. What caches keep for
    everybody holds nobody's token.
    """
    if 'public' in response.headers.get(hdrs.CACHE_CONTROL, ''):
        return
    changed = _changed_cookies(response)
    if changed or authentication.is_authenticated_by_cookie(request):
        token = token_of(changed.get(name, request.cookies.get(name, '')) for name in _cookie_names())
        if token:
            response.headers[HEADER] = token
            response.headers.add(hdrs.VARY, hdrs.COOKIE)


def token_of(credentials: Iterable[str]) -> str | None:
    """The token that belongs to credentials, which tells nothing about them; ``None`` if there are none.

    It needs no memory and no ``SECRET_KEY``: whoever knows the credentials may know it, and nobody else can make it.
    """
    key = '\0'.join(credentials).encode('utf-8', 'surrogatepass')
    if not key.strip(b'\0'):
        return None
    return base64.urlsafe_b64encode(hmac.digest(key, b'colibris.csrf', 'sha256')).decode().rstrip('=')


def _find_problem(request: web.Request) -> str | None:
    is_websocket = request.headers.get(hdrs.UPGRADE, '').lower() == 'websocket'
    if request.method in SAFE_METHODS and not is_websocket:
        return None
    if is_websocket and _opens_websockets(request.match_info.handler, request.headers.get(hdrs.ORIGIN)):
        return None
    if _is_foreign(request):
        return 'the request comes from a page of another site'
    if is_websocket:
        return None
    expected = token_of(request.cookies.get(name, '') for name in _cookie_names())
    sent = request.headers.get(HEADER, '')
    if expected and not hmac.compare_digest(sent.encode('utf-8', 'surrogateescape'), expected.encode()):
        return f'the header {HEADER} must hold what the header of the same name of an earlier answer held'
    return None


def _opens_websockets(view: Any, origin: str | None) -> bool:
    """Whether a view says itself that pages of this origin may open its websocket."""
    return not {origin, '*'}.isdisjoint(getattr(view, 'allowed_origins', ()))


def _is_foreign(request: web.Request) -> bool:
    """Whether the browser says that a page of another origin has sent the request; other clients say nothing."""
    site, origin = request.headers.get('Sec-Fetch-Site'), request.headers.get(hdrs.ORIGIN)
    if site in _OWN_SITES or (site is None and origin is None):
        return False
    if settings.CORS_CREDENTIALS and is_allowed_origin(origin):
        return False
    return site is not None or _host(urlsplit(origin or '').netloc) != _host(request.host)


def _host(authority: str) -> str:
    """A host and port, without the port if every browser would leave it out."""
    authority = authority.lower()
    return next((authority.removesuffix(port) for port in _DEFAULT_PORTS if authority.endswith(port)), authority)


def _cookie_names() -> list[str]:
    schemes = authentication.get_backend().security_schemes().values()
    return sorted(scheme['name'] for scheme in schemes if scheme.get('in') == 'cookie')


def _changed_cookies(response: web.StreamResponse) -> dict[str, str]:
    """The credentials' cookies that the answer sets, or removes by an empty value."""
    cookies: SimpleCookie = SimpleCookie()
    for text in response.headers.getall(hdrs.SET_COOKIE, ()):
        with contextlib.suppress(CookieError):  # of the view's own making
            cookies.load(text)
    return {name: cookies[name].value for name in _cookie_names() if name in cookies}
