"""The base of class views."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar

from aiohttp import hdrs, web
from marshmallow import error_store

from colibris.api import InvalidRequest, MethodNotAllowed
from colibris.api.envelope import Envelope
from colibris.api.envelope.slot import check_envelope
from colibris.authentication import get_account
from colibris.errors import ConfigurationError
from colibris.views.responses import data_response, finish, to_response

__all__ = ['View']

_merge: Callable[[Any, Any], Any] = error_store.merge_errors


class View(web.View):
    """Answers each HTTP method with the method of its own that is named like it, in lower case.

    Such a method is plain or async, and returns an answer of aiohttp's or data, which becomes JSON. ``HEAD`` is
    answered like ``GET``, and ``OPTIONS`` with the list of the methods, unless the class does it itself.
    """

    authentication_required: ClassVar[bool] = True
    """Whether only requests with an account may pass."""

    permissions: ClassVar[Collection[str] | None] = None
    """The permissions that an account must have, all of them."""

    envelope_class: ClassVar[type[Envelope] | None] = None
    """What surrounds the data of answers, and the form of errors; by default what ``ENVELOPE`` says."""

    _problems: Any = None

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
        check_envelope(cls)

    @classmethod
    def check_path(cls, variables: Collection[str]) -> None:
        """Check a path that leads to the class.

        :param variables: the names of the path's variables.
        :raises ConfigurationError: the class needs others.
        """

    def check_request(self) -> None:
        """Check what can be checked of every request, before the method of its own answers it.

        :raises APIException: it is refused.
        """

    def add_error(self, message: str, path: str | None = None) -> None:
        """Remember that something is wrong with the request.

        When the method returns, the request is refused with all that has been added; what the method returns is then
        ignored.

        :param message: for people.
        :param path: what is wrong, such as ``body.items.0.name``; ``None``: the request as a whole.
        """
        problem: Any = [message]
        for name in reversed((path or '_schema').split('.')):
            problem = {name: problem}
        self._problems = _merge(self._problems, problem)

    def raise_errors(self) -> None:
        """Refuse the request now, if anything has been added.

        :raises InvalidRequest: something has.
        """
        if self._problems is not None:
            names = ', '.join(name for name in self._problems if name != '_schema')
            raise InvalidRequest(f'the request is not valid{names and ": "}{names}', details=self._problems)

    def respond(self, data: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
        """An answer that holds ``data`` like one that is just returned, but has another status or more headers."""
        return data_response(data, type(self), status=status, headers=headers)

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
        self.check_request()
        result = await finish(target(self))
        self.raise_errors()
        return to_response(result, type(self))

    def _describe_methods(self) -> web.Response:
        return web.Response(status=204, headers={hdrs.ALLOW: ', '.join(self.allowed_methods())})
