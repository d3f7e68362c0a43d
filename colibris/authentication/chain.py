"""Several backends, tried one after another."""

import inspect
from collections.abc import Sequence
from contextlib import AsyncExitStack
from itertools import combinations
from typing import Any, TypeVar

from aiohttp import web

from colibris.authentication.base import AuthenticationBackend
from colibris.authentication.errors import AuthenticationError, AuthenticationUnavailable
from colibris.conf.backends import check_backend, make_backend
from colibris.errors import ConfigurationError

__all__ = ['ChainBackend']

B = TypeVar('B', bound=AuthenticationBackend)


class ChainBackend(AuthenticationBackend):
    """The account that the first of several backends finds.

    Logging in is up to the first backend that can; logging out ends the credentials of all that can.

    :param backends: the backends' configurations, like ``AUTHENTICATION`` itself, in the order in which they are tried.
    """

    def __init__(self, backends: Sequence[dict[str, Any]]) -> None:
        if not isinstance(backends, list | tuple) or not backends:
            raise ConfigurationError("'backends' must be a list of configurations like AUTHENTICATION itself")
        made, problems = [], []
        for number, configuration in enumerate(backends):
            try:
                made.append(_make(configuration))
            except ConfigurationError as exc:
                problems.append(f'backends[{number}]: {exc}')
        problems = problems or _confusions(made)
        if problems:
            raise ConfigurationError('; '.join(problems))
        self.backends: list[AuthenticationBackend] = made
        self.can_login = any(backend.can_login for backend in self.backends)
        self.outlives_passwords = any(backend.outlives_passwords for backend in self.backends)
        self.challenge = ', '.join(dict.fromkeys(backend.challenge for backend in self.backends))

    async def start(self) -> None:
        """Start every backend."""
        for backend in self.backends:
            await backend.start()

    async def stop(self) -> None:
        """Stop every backend, last started first, even if one fails."""
        async with AsyncExitStack() as stack:
            for backend in self.backends:
                stack.push_async_callback(backend.stop)

    async def authenticate(self, request: web.Request) -> Any:
        """The account that the first backend finds, ``None`` if the request has credentials for no backend.

        :raises AuthenticationError: it has some, but they are valid for none.
        """
        refusals = []
        for backend in self.backends:
            try:
                account = await _authenticate(backend, request)
            except AuthenticationError as exc:
                refusals.append(exc)
            else:
                if account is not None:
                    return account
        if refusals:
            raise _strongest(refusals)
        return None

    def login(self, request: web.Request, account: Any, persistent: bool) -> None:
        """Log the account in by the first backend that can."""
        self._login_backends()[0].login(request, account, persistent)

    def logout(self, request: web.Request) -> None:
        """Log the account out of every backend that can."""
        for backend in self._login_backends():
            backend.logout(request)

    def find(self, kind: type[B]) -> B | None:
        """The first backend of a class, or the chain itself if that is asked for."""
        candidates = (super().find(kind), *(backend.find(kind) for backend in self.backends))
        return next((found for found in candidates if found is not None), None)

    def security_schemes(self) -> dict[str, dict[str, Any]]:
        """Those of every backend; of two that share a name but differ the second one's is numbered."""
        merged: dict[str, dict[str, Any]] = {}
        for backend in self.backends:
            for name, scheme in backend.security_schemes().items():
                merged[_free_name(name, scheme, merged)] = scheme
        return merged

    def _login_backends(self) -> list[AuthenticationBackend]:
        """The backends that log accounts in; if there are none all of them, which say so themselves."""
        return [backend for backend in self.backends if backend.can_login] or self.backends


def _make(configuration: dict[str, Any]) -> AuthenticationBackend:
    problems = check_backend(configuration, AuthenticationBackend)
    if problems or not configuration:
        raise ConfigurationError('; '.join(problems) or "needs an entry 'backend', the dotted path of a class")
    backend: AuthenticationBackend = make_backend(configuration)
    return backend


def _confusions(backends: Sequence[AuthenticationBackend]) -> list[str]:
    """Which backends would take the credentials of another one for those of an account of their own."""
    return [
        f'the tokens of backends[{first}] and backends[{second}], which stand for different accounts, cannot be told '
        "apart: give each another 'audience'"
        for (first, one), (second, other) in combinations(enumerate(backends), 2)
        if one.believes(other) or other.believes(one)
    ]


async def _authenticate(backend: AuthenticationBackend, request: web.Request) -> Any:
    account = backend.authenticate(request)
    return await account if inspect.isawaitable(account) else account


def _strongest(refusals: list[AuthenticationError]) -> AuthenticationError:
    """What to say of several refusals: that credentials could not be checked, or what all of them agree on."""
    unavailable = [refusal for refusal in refusals if isinstance(refusal, AuthenticationUnavailable)]
    if unavailable:
        return unavailable[0]
    return refusals[0] if len({str(refusal) for refusal in refusals}) == 1 else AuthenticationError()


def _free_name(name: str, scheme: dict[str, Any], taken: dict[str, dict[str, Any]]) -> str:
    names = (name, *(f'{name}{number}' for number in range(2, len(taken) + 3)))
    return next(item for item in names if taken.get(item, scheme) == scheme)
