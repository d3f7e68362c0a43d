"""Cookies that hold credentials."""

import re
from http.cookies import SimpleCookie
from typing import Any

from aiohttp import hdrs, web

from colibris.authentication.answers import change_answer
from colibris.authentication.errors import ForgeryError
from colibris.authentication.notes import is_authenticated_by_cookie, key_of
from colibris.conf import settings
from colibris.errors import ConfigurationError
from colibris.utils.origins import SAFE_METHODS, is_from_foreign_page

__all__ = ['CredentialsCookie']

_NAME = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
_DOMAIN = re.compile(r'\.?[a-z0-9-]+(\.[a-z0-9-]+)*', re.IGNORECASE | re.ASCII)


class CredentialsCookie:
    """A cookie that scripts cannot read, other sites cannot send along, and, outside ``DEBUG``, only HTTPS carries.

    :param name: its name.
    :param domain: the domain for which, and for whose subdomains, it is; by default only for the host that sets it.
    """

    def __init__(self, name: str, domain: str | None = None) -> None:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ConfigurationError(f"'cookie_name' cannot be {name!r}: it may hold no spaces, commas or the like")
        if domain is not None and not (isinstance(domain, str) and _DOMAIN.fullmatch(domain)):
            raise ConfigurationError(f"'cookie_domain' cannot be {domain!r}; it has to look like example.com")
        self.name = name
        self.domain = domain

    def read(self, request: web.Request) -> str | None:
        """What the request's cookie holds, or ``None``."""
        return request.cookies.get(self.name) or None

    def give(self, request: web.Request, value: str, seconds: int | None) -> None:
        """Have the answer set the cookie.

        :param seconds: how long a browser keeps it; ``None``: until it is closed.
        :raises ForgeryError: a page of another site logs its visitor in.
        """
        _refuse_foreign_page(request)
        change_answer(request, self.name, lambda response: self._set(response, value, seconds))

    def take_back(self, request: web.Request) -> None:
        """Have the answer remove the cookie, even if it is an error.

        :raises ForgeryError: a page of another site logs its visitor out.
        """
        _refuse_foreign_page(request)
        change_answer(request, self.name, lambda response: self._set(response, '', 0), on_errors=True)

    def security_scheme(self, description: str) -> dict[str, str]:
        """The cookie as an OpenAPI security scheme."""
        return {'type': 'apiKey', 'in': 'cookie', 'name': self.name, 'description': description}

    def _set(self, response: web.StreamResponse, value: str, seconds: int | None) -> None:
        """Add the header itself: when an answer is about to begin, aiohttp has already looked for cookies."""
        cookie: Any = SimpleCookie({self.name: value})[self.name]
        cookie['max-age'] = '' if seconds is None else seconds
        cookie['domain'] = self.domain or ''
        cookie['path'] = '/'
        cookie['secure'] = not settings.DEBUG
        cookie['httponly'] = True
        cookie['samesite'] = 'Lax'
        response.headers.add(hdrs.SET_COOKIE, cookie.OutputString())


def _refuse_foreign_page(request: web.Request) -> None:
    """Refuse to log in or out whoever looks at a page of another site, which their cookie could not have prevented.

    Where browsers are led here by GET, as by a provider where people log in, that is how it has to be; and what shows a
    key is no page's doing.
    """
    shows_key = key_of(request) is not None and not is_authenticated_by_cookie(request)
    if request.method not in SAFE_METHODS and not shows_key and is_from_foreign_page(request):
        raise ForgeryError
