"""What a backend notes about the credentials by which it has found a request's account."""

from aiohttp import web

__all__ = ['is_authenticated_by_cookie', 'key_of', 'note_cookie', 'note_key']

_BY_COOKIE: web.RequestKey[bool] = web.RequestKey('colibris.authenticated_by_cookie', bool)
_KEY: web.RequestKey[str] = web.RequestKey('colibris.authenticated_by_key', str)


def note_cookie(request: web.Request) -> None:
    """Note that a cookie has told the request's account: browsers send cookies by themselves."""
    request[_BY_COOKIE] = True


def is_authenticated_by_cookie(request: web.Request) -> bool:
    """Whether the request's account has been found by a cookie, so that another site may have made the browser ask."""
    return _BY_COOKIE in request


def note_key(request: web.Request, key: str) -> None:
    """Note the key or token that has told the request's account, by which limits ``by key`` count.

    :param key: a text of which a client cannot send another spelling.
    """
    request[_KEY] = key


def key_of(request: web.Request) -> str | None:
    """The key or token that has told the request's account, or ``None``."""
    return request.get(_KEY)
