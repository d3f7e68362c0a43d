"""Every backend against every kind of credentials, right ones and wrong ones, at every rule, from outside.

That permissions add up as they should is the matter of tests/authorization/test_rules.py.
"""

import asyncio
import base64
import hmac
import json
import time
from itertools import cycle, product

import jwt
import pytest

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
    ROUTES,
    SECRET_KEY,
    SESSION,
    SESSION_IN_CACHE,
    models,
)
from tests.authentication.provider import RSA_KEYS, public_pem
from tests.views.serving import error_of

BY_COOKIE = 'credentials'
FAR_AHEAD = 100 * 365 * 24 * 3600
NOTHING = {}
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


AUTHORIZATION = {
    'backend': 'colibris.authorization.role.RoleBackend',
    'role_field': 'role',
    'order': ['reader', 'editor', 'admin'],
}
RULES = """
class Rule(View):
    def get(self):
        return get_account(self.request).name


class Attribute(Rule):
    permissions = {'editor'}


class Text(Rule):
    permissions = 'editor'
    authentication_required = False


class Method(View):
    authentication_required = False

    @require_permission('editor')
    async def get(self):
        return get_account(self.request).name


@require_permission('editor')
class Class(Rule):
    pass


@require_one_permission('editor', 'nobody')
class One(Rule):
    pass


@require_all_permissions('reader', 'editor')
class All(Rule):
    pass


@require_permission('reader')
class Combined(View):
    permissions = ['reader']

    @require_one_permission('nobody', 'editor')
    def get(self):
        return get_account(self.request).name


ROUTES += [
    ('/attribute', Attribute), ('/text', Text), ('/method', Method), ('/class', Class), ('/one', One), ('/all', All),
    ('/combined', Combined), ('/function', require_permission('editor')(name_of)),
    ('/function-one', require_one_permission('editor', 'nobody')(name_of)),
    ('/function-all', require_all_permissions('reader', 'editor')(name_of)),
]
"""
FOR_EVERYBODY = ('/view', '/private')
FOR_EDITORS = (
    '/attribute', '/text', '/method', '/class', '/one', '/all', '/combined', '/function', '/function-one',
    '/function-all',
)  # fmt: skip


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
    configuration = NOTHING


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


def _encode(data):
    return (
        base64.urlsafe_b64encode(json.dumps(data).encode() if not isinstance(data, bytes) else data)
        .decode()
        .rstrip('=')
    )


async def no_credentials(of, client, account):
    return {}


async def malformed(of, client, account):
    for text in (
        '',
        'x',
        'a.b.c',
        '..',
        'é',
        '%',
        "' OR 1=1 --",
        'x' * 4000,
        _encode(b'[' * 2000) + '.e30.',
        'None',
        '1',
    ):
        yield of.headers(text)
    for header in ('', 'Bearer', 'Bearer ', 'Basic YTpi', 'Digest x', 'Bearer a b'):
        yield {'Authorization': header}
    token = of.sign(account)
    for broken in (token[:-2], token + '.x', token.replace('.', ''), token.rpartition('.')[0] + '.'):
        yield of.headers(broken)


async def expired(of, client, account):
    return await of.expired(client, account)


async def not_yet_valid(of, client, account):
    yield of.headers(of.sign(account, nbf=int(time.time()) + 60))
    yield of.headers(of.sign(account, iat=int(time.time()) + 60))


async def endless(of, client, account):
    yield of.headers(of.sign(account, exp=None))
    for end in ('tomorrow', [1], {}, 1e400):
        yield of.headers(of.sign(account, exp=end))


async def wrong_signature(of, client, account):
    other = RSA_KEYS[1] if of.algorithm == 'RS256' else SECRET_KEY[::-1]
    yield of.headers(of.sign(account, key=other))
    head, _, signature = of.sign(account).rpartition('.')
    yield of.headers(f'{head}.{signature[::-1]}')
    header, _, signature = of.sign(account).split('.')
    yield of.headers(f'{header}.{_encode(of.claims(account, admin=True))}.{signature}')


async def algorithm_none(of, client, account):
    for name in ('none', 'None', 'NONE', '', None, ['HS256'], {}):
        head = f'{_encode({"alg": name, "typ": "JWT", "kid": "one"})}.{_encode(of.claims(account))}'
        yield of.headers(f'{head}.')
        yield of.headers(f'{head}.{of.sign(account).rpartition(".")[2]}')


async def algorithm_confusion(of, client, account):
    claims = _encode(of.claims(account))
    for name, digest in (('HS256', 'sha256'), ('HS384', 'sha384'), ('HS512', 'sha512')):
        head = f'{_encode({"alg": name, "typ": "JWT", "kid": "one"})}.{claims}'
        for key in (public_pem(RSA_KEYS[0]), b''):
            yield of.headers(f'{head}.{_encode(hmac.digest(key, head.encode(), digest))}')
    for name in {'RS256': ('RS512', 'PS256'), 'HS256': ('HS384', 'HS512')}[of.algorithm]:
        yield of.headers(jwt.encode(of.claims(account), of.key(account), name, headers={'kid': 'one'}))
    yield of.headers(jwt.encode(of.claims(account), RSA_KEYS[1], 'RS256', headers={'kid': 'one'}))


async def unknown_crit(of, client, account):
    for header in ({'crit': ['exp2'], 'exp2': 1}, {'crit': []}, {'crit': 'b64'}, {'crit': [1]}, {'crit': ['b64']}):
        yield of.headers(of.sign(account, header=header))
    signature = of.sign(account).rpartition('.')[2]
    yield of.headers(f'{_encode({"alg": of.algorithm, "kid": "one", "b64": False, "crit": ["b64"]})}..{signature}')


async def wrong_issuer(of, client, account):
    for issuer in ('https://other.example.com', None, ISSUER + '/', [ISSUER], ''):
        yield of.headers(_sign_oddly(of, account, iss=issuer))


async def wrong_audience(of, client, account):
    for audience in ('another-service', None, ['another-service'], [], {}, AUDIENCE[:-1]):
        yield of.headers(_sign_oddly(of, account, aud=audience))


async def wrong_subject(of, client, account):
    for subject in (
        account.id,
        None,
        True,
        1.0,
        [str(account.id)],
        {},
        '',
        '0',
        ' 1',
        '+1',
        '1_',
        '9' * 30,
        'ada\0',
        '\ud800',
    ):
        yield of.headers(_sign_oddly(of, account, sub=subject))


def _sign_oddly(of, account, **claims):
    """A token that is signed well, but says what a library refuses to write."""
    payload = json.dumps(of.claims(account, **claims)).encode()
    return jwt.PyJWS().encode(payload, of.key(account), of.algorithm, headers={'kid': 'one', 'typ': 'JWT'})


async def deleted_account(of, client, account):
    headers = await of.right(client, account)
    await bridge.run(account.delete_instance)
    return headers


async def changed_password(of, client, account):
    headers = await of.right(client, account)
    await of.change_password(account)
    return headers


async def right(of, client, account):
    return await of.right(client, account)


BACKENDS = [
    Key, HashedKey, Token, ForeignMadeToken, TokenOfSecret, TokenInCookie, ProvidersToken, SessionInDatabase,
    SessionInCache, SessionOfSecret, Chain,
]  # fmt: skip
WRONG = [
    no_credentials, malformed, expired, endless, not_yet_valid, wrong_signature, algorithm_none, algorithm_confusion,
    unknown_crit, wrong_issuer, wrong_audience, wrong_subject, deleted_account,
]  # fmt: skip


@pytest.fixture
def of(request, provider, monkeypatch):
    return request.param(provider, monkeypatch)


@pytest.fixture
def serve_rules(serve_users):
    """Serve a project with every rule: a client, and an account that meets none but that there has to be one."""

    async def make(of):
        return await serve_users(of.configuration, routes=ROUTES + RULES, AUTHORIZATION=AUTHORIZATION, **of.settings)

    return make


@pytest.mark.parametrize('case', WRONG, ids=lambda case: case.__name__)
@pytest.mark.parametrize('of', BACKENDS, indirect=True, ids=lambda kind: kind.__name__)
async def test_wrong_credentials(serve_rules, of, case):
    """The first ones of a case are tried at every rule, the others each at another one."""
    client, account = await serve_rules(of)
    first, *others = await _all(case(of, client, account))
    paths = (*FOR_EVERYBODY, *FOR_EDITORS)
    for headers, path in [*product([first], paths), *zip(others, cycle(paths), strict=False)]:
        response = await client.get(path, headers=headers)
        error = await error_of(response, 401)
        assert error['code'] == 'not_authenticated', headers
        assert response.headers['WWW-Authenticate'] == of.challenge
        assert 'Set-Cookie' not in response.headers
        response = await client.get('/public', headers=headers)
        assert (response.status, await response.json()) == (200, None), headers


@pytest.mark.parametrize('of', BACKENDS, indirect=True, ids=lambda kind: kind.__name__)
async def test_right_credentials(serve_rules, run, of):
    client, account = await serve_rules(of)
    headers = await of.right(client, account)
    for role in ('', 'reader', 'editor', 'admin'):
        await run(models().User.update(role=role).execute)
        for path in ('/public', *FOR_EVERYBODY, *FOR_EDITORS):
            response = await client.get(path, headers=headers)
            if path in FOR_EDITORS and role not in ('editor', 'admin'):
                assert (await error_of(response, 403))['code'] == 'permission_denied', (path, role)
            else:
                assert (response.status, await response.json()) == (200, 'ada'), (path, role)


@pytest.mark.parametrize('of', BACKENDS, indirect=True, ids=lambda kind: kind.__name__)
async def test_changed_password(serve_users, of):
    client, account = await serve_users(of.configuration, **of.settings)
    response = await client.get('/private', headers=await changed_password(of, client, account))
    assert response.status == (401 if of.ends_with_password else 200)
    assert (await client.get('/private', headers=await of.right(client, account))).status == 200


@pytest.mark.parametrize('case', [no_credentials, malformed, algorithm_none], ids=lambda case: case.__name__)
async def test_without_a_backend_everybody_is_the_dummy_account(serve_users, provider, monkeypatch, case):
    of = NoBackend(provider, monkeypatch)
    client, account = await serve_users(of.configuration)
    for headers in await _all(case(of, client, account)):
        assert await (await client.get('/private', headers=headers)).json() == 'anonymous'


async def _all(made):
    """What a case makes, be it one set of headers or several."""
    return [headers async for headers in made] if hasattr(made, '__aiter__') else [await made]


@pytest.mark.parametrize('of', BACKENDS, indirect=True, ids=lambda kind: kind.__name__)
async def test_bytes_that_are_no_text(serve_users, of):
    client, _ = await serve_users(of.configuration, **of.settings)
    for name, value in (item for text in ('X', 'a.b.X') for item in {**of.headers(text), 'X-API-Key': text}.items()):
        reader, writer = await asyncio.open_connection(client.host, client.port)
        head = f'GET /private HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{name}: {value}\r\n\r\n'
        writer.write(head.encode().replace(b'X\r', b'\xff\r'))
        assert (await reader.read()).startswith(b'HTTP/1.1 401 ')
        writer.close()
        await writer.wait_closed()
