"""The contract of an authentication backend."""

from abc import ABC, abstractmethod
from typing import Any

from aiohttp import web

from colibris.conf.backends import Backend

__all__ = ['AuthenticationBackend']


class AuthenticationBackend(Backend, ABC):
    """Finds the account that a request comes from."""

    challenge = 'Bearer'
    """What the header ``WWW-Authenticate`` of a 401 answer says (RFC 9110, section 11.6.1)."""

    @abstractmethod
    def authenticate(self, request: web.Request) -> Any:
        """The account behind the request's credentials, or ``None`` if it has none.

        May be a coroutine function.

        :raises AuthenticationError: the request has credentials, but they are not valid.
        """

    def security_schemes(self) -> dict[str, dict[str, Any]]:
        """How clients authenticate, as OpenAPI security schemes by name; any one of them is enough."""
        return {}
