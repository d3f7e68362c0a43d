"""The contract, by every backend that needs credentials."""

import os
import time

import pytest
from aiohttp import web

from colibris import authentication, bridge
from colibris.authentication import AuthenticationBackend, AuthenticationError
from colibris.authentication.apikey import APIKeyBackend
from colibris.authentication.jwt import JWTBackend
from colibris.test.authentication import AuthenticationBackendContract, log_in
from tests.authentication.places import redis_cache
from tests.authentication.projects import API_KEY, JWT, LOCAL_CACHE, SESSION, SESSION_IN_CACHE

CHAIN = {'backend': 'colibris.authentication.chain.ChainBackend', 'backends': [API_KEY, JWT, SESSION]}


class Contract(AuthenticationBackendContract):
    """The contract for a backend of a project that is served."""

    configuration = None

    @pytest.fixture
    async def served(self, serve_users):
        return await serve_users(*self.settings())

    @pytest.fixture
    def backend(self, served):
        return authentication.get_backend()

    @pytest.fixture
    def account(self, served):
        return served[1]

    @pytest.fixture
    async def credentials(self, backend, account):
        return await log_in(backend, account, False)

    def settings(self):
        return (self.configuration,)


class TestKey(Contract):
    configuration = API_KEY

    @pytest.fixture
    async def credentials(self, backend, account):
        return {'Authorization': f'Bearer {await bridge.run(backend.find(APIKeyBackend).issue, account)}'}


class TestKeyInItsOwnHeader(Contract):
    configuration = API_KEY | {'hashed': True}

    @pytest.fixture
    async def credentials(self, backend, account):
        return {'X-API-Key': await bridge.run(backend.issue, account)}


class TestToken(Contract):
    configuration = JWT


class TestTokenInCookie(Contract):
    configuration = JWT | {'cookie_name': 'token', 'secret_field': 'password'}


class TestSession(Contract):
    configuration = SESSION


class TestSessionInCache(Contract):
    @pytest.fixture(params=['local', 'redis'])
    async def served(self, serve_users, request):
        in_redis = {'CACHE': redis_cache(os.environ['COLIBRIS_TEST_REDIS'])}
        return await serve_users(SESSION_IN_CACHE, **(LOCAL_CACHE if request.param == 'local' else in_redis))


class TestChain(Contract):
    configuration = CHAIN

    @pytest.fixture
    async def credentials(self, backend, account):
        return {'Authorization': f'Bearer {await bridge.run(backend.find(JWTBackend).issue, account)}'}


class TestProvidersToken(Contract):
    @pytest.fixture
    async def served(self, serve_users, provider):
        options = {'issuer': provider.issuer, 'audience': 'x', 'url': provider.url}
        return await serve_users({**JWT, 'backend': 'colibris.authentication.jwks.JWKSBackend', **options})

    @pytest.fixture
    async def credentials(self, account, provider):
        claims = {'sub': str(account.id), 'iss': provider.issuer, 'aud': 'x', 'exp': time.time() + 60}
        return {'Authorization': f'Bearer {provider.sign(claims)}'}


class TestBackendOfAProject(AuthenticationBackendContract):
    """A backend as somebody may write it, without a database."""

    @pytest.fixture
    def backend(self):
        return BadgeBackend()

    @pytest.fixture
    def account(self):
        return 'ada'

    @pytest.fixture
    def credentials(self):
        return {'X-Badge': '12345-67890-abcd'}


class BadgeBackend(AuthenticationBackend):
    challenge = 'Badge'

    async def authenticate(self, request: web.Request) -> str | None:
        badge = request.headers.get('X-Badge')
        if badge not in (None, '12345-67890-abcd'):
            raise AuthenticationError
        return badge and 'ada'
