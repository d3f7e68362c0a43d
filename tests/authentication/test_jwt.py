"""Tokens: what is in them, their keys, their renewal, and the backend's options."""

import time

import jwt
import pytest

from colibris import authentication
from colibris.authentication.jwt import PURPOSE, JWTBackend
from colibris.authentication.keys import derive_key
from colibris.conf import settings
from colibris.conf.backends import make_backend
from colibris.errors import ConfigurationError
from colibris.middleware.csrf import token_of
from tests.authentication.projects import JWT, SECRET_KEY, models

HOUR = 3600
COOKIE = 'credentials'
SHORT = {'DEBUG': False, 'SECRET_KEY': 'short'}


def read(token, key=SECRET_KEY, algorithm='HS256', **options):
    return jwt.decode(token, key, [algorithm], **options)


async def issue(run, account):
    return await run(lambda: authentication.get_backend(JWTBackend).issue(account))


async def ask(client, token, path='/private'):
    return await client.get(path, headers={'Authorization': f'Bearer {token}'})


async def test_claims(serve_users, run):
    _, account = await serve_users({**JWT, 'issuer': 'me', 'audience': ['us', 'them'], 'validity_seconds': HOUR})
    claims = read(await issue(run, account), issuer='me', audience='us')
    assert claims['iat'] == claims['auth_time'] == pytest.approx(time.time(), abs=60)
    assert claims['exp'] == claims['iat'] + HOUR
    assert {name: claims[name] for name in claims.keys() - {'iat', 'auth_time', 'exp'}} == {
        'sub': str(account.id), 'iss': 'me', 'aud': ['us', 'them'],
    }  # fmt: skip


async def test_identity(serve_users, run):
    client, account = await serve_users({**JWT, 'identity_claim': 'preferred_username', 'identity_field': 'name'})
    token = await issue(run, account)
    assert read(token)['preferred_username'] == 'ada'
    assert await (await ask(client, token)).json() == 'ada'
    for identity in ('Ada', 'ada ', ' ada', 'a%', '', 'bob '):
        claims = {'preferred_username': identity, 'exp': time.time() + 60}
        assert (await ask(client, jwt.encode(claims, SECRET_KEY))).status == 401


@pytest.mark.parametrize('number', [1, 1.0, True, [1], None])
async def test_an_identity_is_a_text(serve_users, number):
    client, account = await serve_users({**JWT, 'identity_claim': 'number'})
    assert account.id == 1
    for identity, status in ((number, 401), ('1', 200)):
        claims = {'number': identity, 'exp': time.time() + 60}
        assert (await ask(client, jwt.encode(claims, SECRET_KEY))).status == status


@pytest.mark.parametrize('algorithm', ['HS256', 'HS384', 'HS512'])
async def test_algorithms(serve_users, run, algorithm):
    client, account = await serve_users({**JWT, 'algorithm': algorithm})
    token = await issue(run, account)
    assert read(token, algorithm=algorithm)
    assert await (await ask(client, token)).json() == 'ada'


async def test_each_account_has_a_key_of_its_own(serve_users, run):
    client, account = await serve_users({**JWT, 'secret_field': 'password'})
    token = await issue(run, account)
    assert read(token, derive_key(PURPOSE, 'first'))
    for key in (SECRET_KEY, 'first' * 10, derive_key('something else', 'first'), derive_key(PURPOSE, 'second')):
        with pytest.raises(jwt.InvalidSignatureError):
            read(token, key)
    with settings.override(SECRET_KEY=SECRET_KEY + 'x'):
        assert (await ask(client, token)).status == 401
    assert (await ask(client, token)).status == 200


async def test_an_account_without_a_secret(serve_users, run):
    client, account = await serve_users({**JWT, 'secret_field': 'key'})
    account.key = None
    await run(account.save)
    token = await issue(run, account)
    assert (await ask(client, token)).status == 200
    account.key = 'new'
    await run(account.save)
    assert (await ask(client, token)).status == 401


async def test_who_cannot_have_a_token(serve_users, run):
    await serve_users({**JWT, 'identity_field': 'key'})
    with pytest.raises(TypeError, match='an account has to be'):
        await issue(run, None)
    with pytest.raises(ValueError, match='has not been saved'):
        await issue(run, models().User(name='new'))
    bob = await run(lambda: models().User.get(name='bob'))
    with pytest.raises(ValueError, match='an account without key cannot have credentials'):
        await issue(run, bob)


async def test_leeway(serve_users):
    client, account = await serve_users({**JWT, 'leeway': 30})
    for late, status in ((-5, 200), (-3600, 401)):
        token = jwt.encode({'sub': str(account.id), 'exp': time.time() + late}, SECRET_KEY)
        assert (await ask(client, token)).status == status


async def test_messages(serve_users):
    client, account = await serve_users(JWT)
    for claims, message in (
        ({'exp': time.time() - 5}, 'the token has expired'),
        ({'exp': time.time() + 60, 'nbf': time.time() + 30}, 'the token is not valid yet'),
        ({}, 'the token is not valid'),
    ):
        response = await ask(client, jwt.encode({'sub': str(account.id), **claims}, SECRET_KEY))
        assert (await response.json())['message'] == message


async def test_the_header_comes_first(serve_users, run):
    client, account = await serve_users({**JWT, 'cookie_name': COOKIE})
    token = await issue(run, account)
    good, bad = {'Cookie': f'{COOKIE}={token}'}, {'Cookie': f'{COOKIE}=x'}
    for headers, status in (
        ({**good, 'Authorization': 'Bearer x'}, 401),
        ({**bad, 'Authorization': f'Bearer {token}'}, 200),
        ({**good, 'Authorization': 'Basic eDp5'}, 200),
        ({**bad, 'Authorization': 'Basic eDp5'}, 401),
        ({'Authorization': 'Basic eDp5'}, 401),
    ):
        assert (await client.get('/private', headers=headers)).status == status


RENEWED = {**JWT, 'validity_seconds': HOUR, 'renewal_seconds': 600, 'cookie_name': COOKIE, 'secret_field': 'password'}


class TestRenewal:
    def token(self, account, left, since=0, **others):
        now = int(time.time())
        claims = {'sub': str(account.id), 'exp': now + left, 'auth_time': now - since, **others}
        return jwt.encode(claims, derive_key(PURPOSE, account.password))

    def read(self, token, account):
        return read(token, derive_key(PURPOSE, account.password))

    async def test_a_token_that_nears_its_end(self, serve_users):
        client, account = await serve_users(RENEWED)
        response = await ask(client, self.token(account, left=300, since=5000))
        renewed = response.headers['Authorization'].removeprefix('Bearer ')
        claims = self.read(renewed, account)
        assert claims['exp'] == pytest.approx(time.time() + HOUR, abs=60)
        assert claims['auth_time'] == pytest.approx(time.time() - 5000, abs=60)
        assert response.headers['Cache-Control'] == 'no-store'
        assert 'Set-Cookie' not in response.headers
        assert (await ask(client, renewed)).status == 200
        assert 'Authorization' not in (await ask(client, renewed)).headers

    @pytest.mark.parametrize('persistent', [True, False])
    async def test_in_a_cookie(self, serve_users, persistent):
        client, account = await serve_users(RENEWED)
        token = self.token(account, left=300, **({'persistent': True} if persistent else {}))
        response = await client.get('/private', headers={'Cookie': f'{COOKIE}={token}'})
        cookie = response.cookies[COOKIE]
        assert cookie['max-age'] == (str(HOUR) if persistent else '')
        assert self.read(cookie.value, account).get('persistent', False) is persistent
        assert 'Authorization' not in response.headers

    async def test_only_then(self, serve_users):
        client, account = await serve_users(RENEWED)
        assert 'Authorization' not in (await ask(client, self.token(account, left=900))).headers
        refused = await ask(client, self.token(account, left=-1))
        assert refused.status == 401
        assert 'Authorization' not in refused.headers
        assert 'Authorization' not in (await ask(client, self.token(account, left=300), '/nowhere')).headers

    async def test_not_by_default(self, serve_users):
        client, account = await serve_users({**JWT, 'secret_field': 'password'})
        assert 'Authorization' not in (await ask(client, self.token(account, left=1000))).headers

    async def test_not_for_ever(self, serve_users):
        client, account = await serve_users({**RENEWED, 'renewable_seconds': 5000})
        claims = self.read(
            (await ask(client, self.token(account, left=300, since=4000))).headers['Authorization'][7:], account
        )
        assert claims['exp'] == claims['auth_time'] + 5000
        for since in (4900, 5000, 10**9):
            assert 'Authorization' not in (await ask(client, self.token(account, left=300, since=since))).headers

    async def test_tokens_that_do_not_say_since_when(self, serve_users):
        client, account = await serve_users(RENEWED)
        for since in (None, 'long ago', 1.5e300):
            response = await ask(client, self.token(account, left=300, auth_time=since))
            assert response.status == 200
            assert 'Authorization' not in response.headers

    async def test_logging_out_renews_nothing(self, serve_users):
        client, account = await serve_users(RENEWED)
        token = self.token(account, left=300)
        page = {'X-CSRF-Token': token_of([token])}
        response = await client.post('/logout', headers={'Cookie': f'{COOKIE}={token}', **page})
        assert response.cookies[COOKIE].value == ''
        response = await client.post('/logout', headers={'Authorization': f'Bearer {token}'})
        assert 'Authorization' not in response.headers


@pytest.mark.parametrize(
    ('options', 'problems'),
    [
        ({'algorithm': 'RS256'}, ["'algorithm' must be one of HS256, HS384, HS512, not 'RS256'"]),
        ({'algorithm': ['HS256']}, ["'algorithm' must be one of"]),
        ({'algorithm': 'none'}, ["'algorithm' must be one of"]),
        (
            {'validity_seconds': 0, 'renewal_seconds': '5'},
            ["'validity_seconds' must be", "'renewal_seconds' must"],
        ),
        ({'validity_seconds': 10**12}, ["'validity_seconds' must be from 1"]),
        ({'validity_seconds': 60, 'renewal_seconds': 60}, ["'renewal_seconds' must be less than 'validity_seconds'"]),
        ({'leeway': -1}, ["'leeway' must be from 0"]),
        ({'leeway': 10**6}, ["'leeway' must be from 0"]),
        ({'issuer': 5, 'audience': [5]}, ["'issuer' must be a text", "'audience' must be a text, or a list of texts"]),
        ({'audience': []}, ["'audience' must be a text, or a list of texts"]),
        ({'identity_claim': 'exp'}, ["'identity_claim' cannot be 'exp'"]),
        ({'identity_claim': ''}, ["'identity_claim' must not be empty"]),
        ({'cookie_name': 'a b'}, ["'cookie_name' cannot be 'a b'"]),
        ({'cookie_name': ''}, ["'cookie_name' cannot be ''"]),
        ({'cookie_name': 'a', 'cookie_domain': 'a;b'}, ["'cookie_domain' cannot be 'a;b'"]),
        ({'cookie_domain': 'example.com'}, ["'cookie_domain' needs a 'cookie_name'"]),
        ({'model': None}, ["'model' must be a text"]),
    ],
)
def test_wrong_options(options, problems):
    with pytest.raises(ConfigurationError) as caught:
        make_backend({**JWT, **options})
    for problem in problems:
        assert problem in str(caught.value)


@pytest.mark.parametrize(
    ('configuration', 'others', 'problem'),
    [
        (JWT, {'SECRET_KEY': None}, 'AUTHENTICATION: SECRET_KEY is not set; make one with: python -c'),
        (JWT, SHORT, 'AUTHENTICATION: SECRET_KEY has 5 bytes, but needs 32; make one with'),
        ({**JWT, 'secret_field': 'secret'}, {}, "models.User has no field 'secret'"),
        ({**JWT, 'identity_field': 'secret'}, {}, "models.User has no field 'secret'"),
        ({**JWT, 'model': '__packagename__.models.Nobody'}, {}, "has no 'Nobody'"),
        ({**JWT, 'model': '__packagename__.models.persist'}, {}, 'is no model'),
    ],
)
async def test_wrong_settings(refusal, configuration, others, problem):
    assert problem in await refusal(configuration, **others)


async def test_a_short_key_will_do_for_development(serve_users, run, caplog):
    client, account = await serve_users(JWT, SECRET_KEY='short')
    assert 'bytes, but needs 32: it will do in development only; make one with' in caplog.text
    token = await issue(run, account)
    assert (await ask(client, token)).status == 200
    assert read(token, 'short'.ljust(32, '\0'))


async def test_a_secret_that_is_no_text(serve_users, run):
    _, account = await serve_users({**JWT, 'secret_field': 'id'})
    with pytest.raises(ConfigurationError, match=r"User\.id is no text, as 'secret_field' has to be"):
        await issue(run, account)
