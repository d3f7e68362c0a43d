"""The contract of an authentication backend."""

from abc import ABC, abstractmethod
from typing import Any, TypeVar

from aiohttp import web

from colibris.conf.backends import Backend
from colibris.errors import ConfigurationError

__all__ = ['AuthenticationBackend']

B = TypeVar('B', bound='AuthenticationBackend')


class AuthenticationBackend(Backend, ABC):
    """Finds the account that a request comes from."""

    challenge = 'Bearer'
    """What the header ``WWW-Authenticate`` of a 401 answer says (RFC 9110, section 11.6.1)."""

    can_login = False
    """Whether :meth:`login` and :meth:`logout` do anything but raise."""

    outlives_passwords = False
    """Whether what :meth:`login` gives goes on when the account's password is changed."""

    @abstractmethod
    def authenticate(self, request: web.Request) -> Any:
        """The account behind the request's credentials, or ``None`` if it has none.

        May be a coroutine function. A backend that has found the account by a cookie says so, because such a request
        may have been forged by another site's page: :func:`colibris.authentication.note_cookie`. One that has found it
        by a key or token says by which: :func:`colibris.authentication.note_key`.

        :raises AuthenticationError: the request has credentials, but they are not valid.
        :raises AuthenticationUnavailable: they cannot be checked now; the client should try again.
        """

    def login(self, request: web.Request, account: Any, persistent: bool) -> None:
        """Have the answer to ``request`` give the client credentials of ``account``.

        Credentials that the request came with, and that the server can end, are ended.

        :param persistent: whether a browser keeps them when it is closed.
        :raises ForgeryError: the credentials are a cookie, but a page of another site has sent the request.
        :raises ConfigurationError: this backend's credentials are not given by logging in.
        """
        raise ConfigurationError(f'{type(self).__name__} logs nobody in; SessionBackend and JWTBackend do')

    def logout(self, request: web.Request) -> None:
        """End the credentials that ``request`` came with, if it came with any, and have the client forget them.

        :raises ForgeryError: they are a cookie, but a page of another site has sent the request.
        :raises ConfigurationError: this backend's credentials are not given by logging in.
        """
        raise ConfigurationError(f'{type(self).__name__} logs nobody out; SessionBackend and JWTBackend do')

    def find(self, kind: type[B]) -> B | None:
        """The backend itself if it is of the class ``kind``, or the first such one that it consists of, or ``None``."""
        return self if isinstance(self, kind) else None

    def believes(self, other: 'AuthenticationBackend') -> bool:
        """Whether this backend would take credentials of ``other`` for those of an account that they are not of."""
        return False

    def security_schemes(self) -> dict[str, dict[str, Any]]:
        """How clients authenticate, as OpenAPI security schemes by name; any one of them is enough."""
        return {}
