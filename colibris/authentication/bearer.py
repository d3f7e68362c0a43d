"""Tokens in the header ``Authorization``."""

from aiohttp import hdrs, web

from colibris.authentication.errors import AuthenticationError

__all__ = ['bearer_token', 'has_bearer_token']


def has_bearer_token(request: web.Request) -> bool:
    """Whether the request says ``Authorization: Bearer …``, with whatever behind it."""
    return _split(request)[0] == 'bearer'


def bearer_token(request: web.Request) -> str | None:
    """The token of ``Authorization: Bearer TOKEN``, or ``None`` if the request has no such header.

    :raises AuthenticationError: the header has another form.
    """
    if hdrs.AUTHORIZATION not in request.headers:
        return None
    scheme, token = _split(request)
    if scheme != 'bearer':
        raise AuthenticationError('the Authorization header must have the form: Bearer TOKEN')
    return token


def _split(request: web.Request) -> tuple[str, str]:
    scheme, _, rest = request.headers.get(hdrs.AUTHORIZATION, '').partition(' ')
    return scheme.lower(), rest.strip(' ')
