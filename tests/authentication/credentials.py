"""What clients of each backend can come with, for the table: right credentials, and means to make wrong ones."""

import time

import jwt

from colibris import authentication, bridge
from colibris.authentication.apikey import APIKeyBackend
from colibris.authentication.jwt import PURPOSE, JWTBackend
from colibris.authentication.keys import derive_key
from tests.authentication.projects import (
    API_KEY,
    AUDIENCE,
    ISSUER,
    JWT,
    LOCAL_CACHE,
    SECRET_KEY,
    SESSION,
    SESSION_IN_CACHE,
)
from tests.authentication.provider import RSA_KEYS

BY_COOKIE = 'credentials'
NOTHING = {}
FAR_AHEAD = 100 * 365 * 24 * 3600
HASHED_KEY = {**API_KEY, 'hashed': True}
TOKEN = {**JWT, 'issuer': ISSUER, 'audience': AUDIENCE}
TOKEN_OF_SECRET = {**TOKEN, 'secret_field': 'password'}
TOKEN_IN_COOKIE = {**TOKEN_OF_SECRET, 'cookie_name': BY_COOKIE}
IN_DATABASE = {**SESSION, 'cookie_name': BY_COOKIE}
IN_CACHE = {**SESSION_IN_CACHE, 'cookie_name': BY_COOKIE}
OF_SECRET = {**IN_DATABASE, 'secret_field': 'password'}
CHAIN = {
    'backend': 'colibris.authentication.chain.ChainBackend',
    'backends': [HASHED_KEY, IN_DATABASE, TOKEN_OF_SECRET],
}


class Credentials:
    """What a client of one backend can come with. To a backend that knows no tokens, tokens are sent all the same."""

    configuration = NOTHING
    settings = NOTHING
    challenge = 'Bearer'
    ends_with_password = False
    algorithm = 'HS256'

    def __init__(self, provider, monkeypatch):
        self.monkeypatch = monkeypatch

    def headers(self, text):
        return {'Authorization': f'Bearer {text}'}

    async def right(self, client, account):
        raise NotImplementedError

    def key(self, account):
        return SECRET_KEY

    def claims(self, account, **changes):
        claims = {'sub': str(account.id), 'exp': int(time.time()) + 60, 'iss': ISSUER, 'aud': AUDIENCE}
        return {name: value for name, value in {**claims, **changes}.items() if value is not None}

    def sign(self, account, *, header=None, key=None, **claims):
        return jwt.encode(self.claims(account, **claims), key or self.key(account), self.algorithm, headers=header)

    async def expired(self, client, account):
        return self.headers(self.sign(account, exp=int(time.time()) - 1))

    async def change_password(self, account):
        account.password = 'second'
        await bridge.run(account.save)


class NoBackend(Credentials):
    """Where no backend is configured."""


class Key(Credentials):
    configuration = API_KEY
    ends_with_password = True

    async def right(self, client, account):
        return self.headers(await bridge.run(authentication.get_backend(APIKeyBackend).issue, account))

    async def change_password(self, account):
        await self.right(None, account)


class HashedKey(Key):
    configuration = HASHED_KEY


class Token(Credentials):
    configuration = TOKEN

    async def right(self, client, account):
        return self.headers(await bridge.run(authentication.get_backend(JWTBackend).issue, account))


class ForeignMadeToken(Token):
    """A token that somebody else who has ``SECRET_KEY`` has made."""

    async def right(self, client, account):
        return self.headers(self.sign(account))


class TokenOfSecret(Token):
    configuration = TOKEN_OF_SECRET
    ends_with_password = True

    def key(self, account):
        return derive_key(PURPOSE, account.password)


class TokenInCookie(TokenOfSecret):
    configuration = TOKEN_IN_COOKIE

    def headers(self, text):
        return {'Cookie': f'{BY_COOKIE}={text}'}


class ProvidersToken(Credentials):
    algorithm = 'RS256'

    def __init__(self, provider, monkeypatch):
        super().__init__(provider, monkeypatch)
        options = {'issuer': ISSUER, 'audience': AUDIENCE, 'url': provider.url}
        self.configuration = {**JWT, 'backend': 'colibris.authentication.jwks.JWKSBackend', **options}

    def key(self, account):
        return RSA_KEYS[0]

    def sign(self, account, *, header=None, **others):
        return super().sign(account, header={'kid': 'one', **(header or {})}, **others)

    async def right(self, client, account):
        return self.headers(self.sign(account))


class SessionInDatabase(Credentials):
    configuration = IN_DATABASE
    challenge = f'Cookie cookie-name="{BY_COOKIE}"'

    def headers(self, text):
        return {'Cookie': f'{BY_COOKIE}={text}'}

    async def right(self, client, account):
        response = await client.post('/login', json={'name': account.name})
        assert response.status == 200, await response.text()
        client.session.cookie_jar.clear()
        return self.headers(response.cookies[BY_COOKIE].value)

    async def expired(self, client, account):
        headers = await self.right(client, account)
        self.monkeypatch.setattr('colibris.authentication.session.backend._now', lambda: int(time.time()) + FAR_AHEAD)
        return headers


class SessionInCache(SessionInDatabase):
    configuration = IN_CACHE
    settings = LOCAL_CACHE


class SessionOfSecret(SessionInDatabase):
    configuration = OF_SECRET
    ends_with_password = True


class Chain(TokenOfSecret):
    configuration = CHAIN
    challenge = f'{Token.challenge}, {SessionInDatabase.challenge}'


BACKENDS = [
    Key, HashedKey, Token, ForeignMadeToken, TokenOfSecret, TokenInCookie, ProvidersToken, SessionInDatabase,
    SessionInCache, SessionOfSecret, Chain,
]  # fmt: skip
