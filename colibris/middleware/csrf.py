"""Step 10: requests that another site's page makes a browser send."""

import base64
import contextlib
import hmac
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Any

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from colibris import authentication
from colibris.authentication import AuthenticationBackend, ForgeryError
from colibris.authentication.chain import ChainBackend
from colibris.authentication.null import NullBackend
from colibris.utils.origins import SAFE_METHODS, is_from_foreign_page

__all__ = ['HEADER', 'give_token', 'may_be_forged', 'refuse_forgery', 'token_of']

HEADER = 'X-CSRF-Token'


def may_be_forged() -> bool:
    """Whether browsers send credentials by themselves; a backend that does not describe its own may have such."""
    return _has_cookie(authentication.get_backend())


@web.middleware
async def refuse_forgery(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a request that may change something, and that a cookie authenticates, unless a page of ours has sent it.

    Such a page tells by the header ``X-CSRF-Token`` what only it can know, and by ``Sec-Fetch-Site`` or ``Origin``,
    which browsers write, where it comes from. Websockets can have no such header.
    """
    if authentication.is_authenticated_by_cookie(request):
        _check_sender(request)
    return await handler(request)


def give_token(request: web.Request, response: web.StreamResponse) -> None:
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


def _has_cookie(backend: AuthenticationBackend) -> bool:
    if isinstance(backend, ChainBackend):
        return any(map(_has_cookie, backend.backends))
    schemes = backend.security_schemes().values()
    if isinstance(backend, NullBackend):
        return False
    return not schemes or any(scheme.get('in') == 'cookie' for scheme in schemes)


def _check_sender(request: web.Request) -> None:
    is_websocket = request.headers.get(hdrs.UPGRADE, '').lower() == 'websocket'
    if request.method in SAFE_METHODS and not is_websocket:
        return
    if is_websocket and _opens_websockets(request.match_info.handler, request.headers.get(hdrs.ORIGIN)):
        return
    if is_from_foreign_page(request):
        raise ForgeryError
    if not is_websocket:
        _check_token(request)


def _check_token(request: web.Request) -> None:
    expected = token_of(request.cookies.get(name, '') for name in _cookie_names())
    sent = request.headers.get(HEADER, '')
    if expected and not hmac.compare_digest(sent.encode('utf-8', 'surrogateescape'), expected.encode()):
        raise ForgeryError(f'the header {HEADER} must hold what the header of the same name of an earlier answer held')


def _opens_websockets(view: Any, origin: str | None) -> bool:
    """Whether a view says itself that pages of this origin may open its websocket."""
    return not {origin, '*'}.isdisjoint(getattr(view, 'allowed_origins', ()))


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
