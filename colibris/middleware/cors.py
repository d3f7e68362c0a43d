"""Step 7: pages of other origins."""

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from colibris.api import PermissionDenied
from colibris.conf import settings
from colibris.errors import ConfigurationError
from colibris.utils.origins import is_allowed_origin

__all__ = ['allow_origin', 'answer_preflight', 'check_cors']

_METHODS = 'DELETE, GET, HEAD, PATCH, POST, PUT'
_REQUEST_HEADERS = (
    'Accept-Language',
    'Authorization',
    'Content-Type',
    'If-Match',
    'If-None-Match',
    'Last-Event-ID',
    'traceparent',
    'X-API-Key',
    'X-CSRF-Token',
    'X-Request-ID',
)
_ANSWER_HEADERS = (
    'Authorization',
    'Content-Disposition',
    'ETag',
    'Location',
    'RateLimit',
    'RateLimit-Policy',
    'Retry-After',
    'WWW-Authenticate',
    'X-CSRF-Token',
    'X-Request-ID',
)


def check_cors() -> None:
    """Check what the settings say together.

    :raises ConfigurationError: every page of the world could act in the name of whoever looks at it.
    """
    if settings.CORS_CREDENTIALS and '*' in settings.CORS_ORIGINS:
        raise ConfigurationError(
            "CORS_CREDENTIALS = True cannot go with CORS_ORIGINS = ['*']: list the origins that may send cookies"
        )


@web.middleware
async def answer_preflight(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a browser that asks, before it sends a page's request, whether it may."""
    if request.method != hdrs.METH_OPTIONS or hdrs.ACCESS_CONTROL_REQUEST_METHOD not in request.headers:
        return await handler(request)
    if not is_allowed_origin(request.headers.get(hdrs.ORIGIN)):
        raise PermissionDenied('pages of this origin may not use the API')
    headers = {
        hdrs.ACCESS_CONTROL_ALLOW_METHODS: _METHODS,
        hdrs.ACCESS_CONTROL_ALLOW_HEADERS: ', '.join((*_REQUEST_HEADERS, *settings.CORS_HEADERS)),
        hdrs.ACCESS_CONTROL_MAX_AGE: str(settings.CORS_MAX_AGE),
    }
    return web.Response(status=204, headers=headers)


def allow_origin(request: web.Request, response: web.StreamResponse) -> None:
    """Have a browser show the answer to pages of ``CORS_ORIGINS``; called when any answer is about to begin."""
    origin = request.headers.get(hdrs.ORIGIN, '')
    is_for_all = '*' in settings.CORS_ORIGINS
    if not is_for_all:
        response.headers.add(hdrs.VARY, hdrs.ORIGIN)
    if not origin or not is_allowed_origin(origin):
        return
    response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = '*' if is_for_all else origin
    response.headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = ', '.join((*_ANSWER_HEADERS, *settings.CORS_EXPOSE_HEADERS))
    if settings.CORS_CREDENTIALS:
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_CREDENTIALS] = 'true'
