"""What every authentication backend has to do."""

import inspect
import re
from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import Any

import pytest
from aiohttp import hdrs, web
from aiohttp.test_utils import make_mocked_request

from colibris import bridge
from colibris.authentication import AuthenticationBackend, AuthenticationError, give_credentials
from colibris.errors import ConfigurationError

__all__ = ['AuthenticationBackendContract']

Headers = Mapping[str, str]

HOSTILE = ['', ' ', 'x', '.', '..', 'a.b.c', '%', '{}', '[', "' OR 1=1 --", 'None', '0', 'é', 'x' * 8000]
_CHALLENGE = re.compile(r'[A-Za-z0-9-]+[^\r\n]*')
_SCHEME_TYPES = {'apiKey', 'http', 'mutualTLS', 'oauth2', 'openIdConnect'}


class AuthenticationBackendContract:
    """The tests of the contract. A subclass brings the fixtures ``backend``, ``account`` and ``credentials``.

    ``backend`` is started, ``account`` is one that it finds, and ``credentials`` are the headers of a request of that
    account's.

    .. code-block:: python

        class TestMine(AuthenticationBackendContract):
            @pytest.fixture
            async def backend(self):
                backend = MyBackend()
                await backend.start()
                yield backend
                await backend.stop()

            @pytest.fixture
            def account(self):
                return User.create(name='ada', badge='12345')

            @pytest.fixture
            def credentials(self, account):
                return {'X-Badge': account.badge}
    """

    async def test_no_credentials(self, backend: AuthenticationBackend) -> None:
        """A request without credentials comes from nobody, which is no error."""
        assert await authenticate(backend, {}) is None

    async def test_right_credentials(self, backend: AuthenticationBackend, account: Any, credentials: Headers) -> None:
        """Right credentials lead to their account, again and again."""
        for _ in range(2):
            assert await authenticate(backend, credentials) == account

    async def test_altered_credentials(self, backend: AuthenticationBackend, credentials: Headers) -> None:
        """Credentials that are almost right are refused, and are not repeated in the error."""
        for name, value in credentials.items():
            for altered in (f'{value}x', value[:-2], value.swapcase()):
                account, refusal = await _outcome(backend, {**credentials, name: altered})
                assert account is None
                assert value[-8:] not in refusal

    async def test_hostile_credentials(self, backend: AuthenticationBackend, credentials: Headers) -> None:
        """Whatever a client sends is refused, or ignored; nothing else is ever raised."""
        for text in HOSTILE:
            for headers in ({name: _replaced(value, text) for name, value in credentials.items()}, _everywhere(text)):
                account, refusal = await _outcome(backend, headers)
                assert account is None
                assert '\n' not in refusal

    async def test_logging_in(self, backend: AuthenticationBackend, account: Any) -> None:
        """Logging in gives credentials, each time others; a backend that cannot says so."""
        if not backend.can_login:
            for act in (lambda: backend.login(_request({}), account, False), lambda: backend.logout(_request({}))):
                with pytest.raises(ConfigurationError):
                    await bridge.run(act)
            return
        for persistent in (True, False):
            given = await log_in(backend, account, persistent)
            assert given
            assert await authenticate(backend, given) == account

    async def test_logging_out(self, backend: AuthenticationBackend, account: Any) -> None:
        """Logging out has the client forget its cookie; without credentials it does nothing."""
        if backend.can_login:
            await bridge.run(backend.logout, _request({}))
            given = await log_in(backend, account, True)
            request = _request(given)
            await bridge.run(backend.logout, request)
            cookies = (await _answer(request)).headers.getall(hdrs.SET_COOKIE, [])
            assert all('Max-Age=0' in cookie for cookie in cookies)
            assert cookies or hdrs.COOKIE not in given

    async def test_logging_in_who_is_none(self, backend: AuthenticationBackend) -> None:
        """What is no account cannot be logged in."""
        if backend.can_login:
            for wrong in (None, 'ada', 5, object()):
                with pytest.raises(TypeError):
                    await bridge.run(backend.login, _request({}), wrong, False)

    def test_description(self, backend: AuthenticationBackend) -> None:
        """The backend describes itself to clients, in a form that they understand."""
        assert _CHALLENGE.fullmatch(backend.challenge)
        assert all(scheme['type'] in _SCHEME_TYPES for scheme in backend.security_schemes().values())
        assert backend.find(type(backend)) is backend


async def authenticate(backend: AuthenticationBackend, headers: Headers) -> Any:
    """The account of a request with these headers."""
    return await bridge.drive(_authenticate(backend, _request(headers)))


async def log_in(backend: AuthenticationBackend, account: Any, persistent: bool) -> dict[str, str]:
    """Log in: the headers of the client's next request."""
    request = _request({})
    await bridge.run(backend.login, request, account, persistent)
    headers = (await _answer(request)).headers
    cookies = SimpleCookie('; '.join(headers.getall(hdrs.SET_COOKIE, [])))
    given = (
        {str(hdrs.COOKIE): '; '.join(f'{name}={cookie.value}' for name, cookie in cookies.items())} if cookies else {}
    )
    return given | {str(name): headers[name] for name in (hdrs.AUTHORIZATION,) if name in headers}


async def _outcome(backend: AuthenticationBackend, headers: Headers) -> tuple[Any, str]:
    """The account, and why it is none."""
    try:
        return await authenticate(backend, headers), ''
    except AuthenticationError as exc:
        return None, str(exc)


async def _authenticate(backend: AuthenticationBackend, request: web.Request) -> Any:
    account = backend.authenticate(request)
    return await account if inspect.isawaitable(account) else account


async def _answer(request: web.Request) -> web.Response:
    response = web.Response()
    give_credentials(request, response)
    return response


def _request(headers: Headers) -> web.Request:
    return make_mocked_request('GET', '/', headers=headers)


def _replaced(value: str, text: str) -> str:
    """The value of a header with another secret in it, behind a scheme or a cookie's name."""
    match = re.match(r'[\w-]+[ =]', value)
    return f'{match[0] if match else ""}{text}'


def _everywhere(text: str) -> dict[str, str]:
    return {hdrs.AUTHORIZATION: text, 'X-API-Key': text, hdrs.COOKIE: text}
