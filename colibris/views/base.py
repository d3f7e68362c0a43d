"""The base of class views."""

from collections.abc import Collection
from typing import Any, ClassVar

from aiohttp import hdrs, web

from colibris.api import MethodNotAllowed
from colibris.authentication import get_account
from colibris.errors import ConfigurationError
from colibris.views.responses import finish, to_response

__all__ = ['View']


class View(web.View):
    """Answers each HTTP method with the method of its own that is named like it, in lower case.

    Such a method is plain or async, and returns an answer of aiohttp's or data, which becomes JSON. ``HEAD`` is
    answered like ``GET``, and ``OPTIONS`` with the list of the methods, unless the class does it itself.
    """

    authentication_required: ClassVar[bool] = True
    """Whether only requests with an account may pass."""

    permissions: ClassVar[Collection[str] | None] = None
    """The permissions that an account must have, all of them."""

    @property
    def account(self) -> Any:
        """The account that the request comes from, or ``None``."""
        return get_account(self.request)

    @classmethod
    def check(cls) -> None:
        """Check what can be checked before the first request.

        :raises ConfigurationError: the class can answer no request as it is.
        """
        if set(cls.allowed_methods()) == {hdrs.METH_OPTIONS}:
            raise ConfigurationError(f'{cls.__name__} answers no method')

    @classmethod
    def allowed_methods(cls) -> list[str]:
        """The HTTP methods that the class answers."""
        return sorted(method for method in hdrs.METH_ALL if cls.target(method) is not None)

    @classmethod
    def target(cls, method: str) -> Any:
        """The function that answers an HTTP method, or ``None``; ``post = None`` in a class undoes an inherited one."""
        if method not in hdrs.METH_ALL:
            return None
        found = getattr(cls, method.lower(), None)
        if found is None and method == hdrs.METH_HEAD:
            return getattr(cls, 'get', None)
        if found is None and method == hdrs.METH_OPTIONS:
            return cls._describe_methods
        return found

    async def _iter(self) -> web.StreamResponse:
        target = self.target(self.request.method)
        if target is None:
            raise MethodNotAllowed(self.request.method, self.allowed_methods())
        return to_response(await finish(target(self)))

    def _describe_methods(self) -> web.Response:
        return web.Response(status=204, headers={hdrs.ALLOW: ', '.join(self.allowed_methods())})
