"""Which page has made a browser send a request."""

from aiohttp import hdrs, web

from colibris.conf import settings

__all__ = ['SAFE_METHODS', 'is_allowed_origin', 'is_from_foreign_page']

SAFE_METHODS = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS, hdrs.METH_TRACE})
"""Those of requests that change nothing."""

_OWN_SITES = frozenset({'same-origin', 'none'})
_DEFAULT_PORTS = (':80', ':443')


def is_allowed_origin(origin: str | None) -> bool:
    """Whether pages of this origin may use the API."""
    return origin is not None and (origin in settings.CORS_ORIGINS or '*' in settings.CORS_ORIGINS)


def is_from_foreign_page(request: web.Request) -> bool:
    """Whether the browser says that a page of another origin has sent the request; other clients say nothing.

    Origins in ``CORS_ORIGINS`` count as one's own with ``CORS_CREDENTIALS``.
    """
    site, origin = request.headers.get('Sec-Fetch-Site'), request.headers.get(hdrs.ORIGIN)
    if site in _OWN_SITES or (site is None and origin is None):
        return False
    if settings.CORS_CREDENTIALS and is_allowed_origin(origin):
        return False
    return site is not None or _host((origin or '').partition('://')[2]) != _host(request.host)


def _host(authority: str) -> str:
    """A host and port, without the port if every browser would leave it out."""
    authority = authority.lower()
    return next((authority.removesuffix(port) for port in _DEFAULT_PORTS if authority.endswith(port)), authority)
