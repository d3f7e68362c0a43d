"""Several backends, tried one after another."""

import pytest
from aiohttp.test_utils import make_mocked_request

from colibris import authentication
from colibris.authentication.apikey import APIKeyBackend
from colibris.authentication.base import AuthenticationBackend
from colibris.authentication.chain import ChainBackend
from colibris.authentication.errors import AuthenticationError, AuthenticationUnavailable
from colibris.authentication.jwt import JWTBackend
from colibris.authentication.session import SessionBackend
from colibris.conf.backends import make_backend
from colibris.errors import ConfigurationError
from tests.authentication.projects import API_KEY, JWT, SESSION, backend, models

JWKS = backend('jwks.JWKSBackend', audience='x')


def chain(*backends):
    return {'backend': 'colibris.authentication.chain.ChainBackend', 'backends': list(backends)}


class Says(AuthenticationBackend):
    """Says what it is told to say."""

    def __init__(self, answer=None):
        self.answer = answer
        self.calls = []

    def authenticate(self, request):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def start(self):
        self.calls.append('start')

    async def stop(self):
        self.calls.append('stop')


class SaysLater(Says):
    async def authenticate(self, request):
        return super().authenticate(request)


def chain_of(*backends):
    made = make_backend(chain(*[{'backend': 'colibris.authentication.null.NullBackend'}] * len(backends)))
    made.backends = list(backends)
    return made


INVALID, GONE, AWAY = AuthenticationError('invalid'), AuthenticationError('gone'), AuthenticationUnavailable('away')


@pytest.mark.parametrize('kind', [Says, SaysLater])
@pytest.mark.parametrize(
    ('answers', 'expected'),
    [
        ([None, None], None), ([None, 'ada'], 'ada'), (['bob', 'ada'], 'bob'), ([INVALID, 'ada'], 'ada'),
        (['bob', INVALID], 'bob'), ([AWAY, 'ada'], 'ada'), ([0, 'ada'], 0),
    ],
)  # fmt: skip
async def test_the_first_account_counts(kind, answers, expected):
    assert await chain_of(*map(kind, answers)).authenticate(None) == expected


@pytest.mark.parametrize('kind', [Says, SaysLater])
@pytest.mark.parametrize(
    ('answers', 'message'),
    [
        ([None, INVALID], 'invalid'), ([INVALID, None], 'invalid'), ([INVALID, INVALID], 'invalid'),
        ([INVALID, GONE], 'The credentials are not valid.'), ([INVALID, AWAY, GONE], 'away'),
    ],
)  # fmt: skip
async def test_what_is_said_when_all_refuse(kind, answers, message):
    with pytest.raises(AuthenticationError) as caught:
        await chain_of(*map(kind, answers)).authenticate(None)
    assert str(caught.value) == message
    assert isinstance(caught.value, AuthenticationUnavailable) is (message == 'away')


async def test_other_errors_are_not_hidden():
    with pytest.raises(ZeroDivisionError):
        await chain_of(Says(ZeroDivisionError()), Says('ada')).authenticate(None)


async def test_all_are_started_and_stopped():
    backends = Says(), Says()
    made = chain_of(*backends)
    await made.start()
    await made.stop()
    assert [item.calls for item in backends] == [['start', 'stop']] * 2


async def test_finding_one_of_them(serve_users):
    await serve_users(chain(API_KEY, SESSION, chain(JWT)))
    for kind in (APIKeyBackend, SessionBackend, JWTBackend, ChainBackend):
        assert isinstance(authentication.get_backend(kind), kind)
    assert isinstance(authentication.get_backend(), ChainBackend)


async def test_one_that_is_not_there(serve_users):
    await serve_users(API_KEY)
    assert authentication.get_backend() is authentication.get_backend(APIKeyBackend)
    with pytest.raises(ConfigurationError, match='AUTHENTICATION has no JWTBackend'):
        authentication.get_backend(JWTBackend)


async def test_each_way_works(serve_users, run):
    client, account = await serve_users(chain(API_KEY, SESSION, JWT))
    token = await run(authentication.get_backend(JWTBackend).issue, account)
    for headers in ({'X-API-Key': 'right'}, {'Authorization': 'Bearer right'}, {'Authorization': f'Bearer {token}'}):
        assert await (await client.get('/private', headers=headers)).json() == 'ada'
    await client.post('/login', json={'name': 'bob'})
    assert await (await client.get('/private')).json() == 'bob'
    assert await (await client.get('/private', headers={'Authorization': f'Bearer {token}x'})).json() == 'bob'


async def test_security_schemes():
    first, second = ({**JWKS, 'issuer': f'https://{name}.example.com'} for name in ('one', 'two'))
    made = make_backend(chain(API_KEY, {**JWT, 'cookie_name': 'token'}, SESSION, first, second, first))
    schemes = made.security_schemes()
    assert list(schemes) == ['bearer', 'apiKey', 'jwt', 'jwtCookie', 'session', 'jwks', 'jwks2']
    assert schemes['jwtCookie'] == {
        'type': 'apiKey', 'in': 'cookie', 'name': 'token', 'description': 'A token, set by logging in.',
    }  # fmt: skip
    assert schemes['session']['in'] == 'cookie'
    assert 'two.example.com' in schemes['jwks2']['description']
    assert made.challenge == 'Bearer, Cookie cookie-name="session"'


OTHERS = {**JWT, 'model': '__packagename__.models.Item'}
OF_ONE, OF_OTHERS = {**JWT, 'audience': 'one'}, {**OTHERS, 'audience': ['others', 'all']}


@pytest.mark.parametrize(
    'backends',
    [
        [JWT, OTHERS],
        [JWT, SESSION, {**JWT, 'identity_field': 'name'}],
        [{**JWT, 'secret_field': 'password'}, {**OTHERS, 'secret_field': 'key'}],
        [{**JWT, 'issuer': 'one'}, OTHERS],
        [OTHERS, {**JWT, 'issuer': 'one'}],
        [{**JWT, 'audience': 'all'}, OF_OTHERS],
    ],
)
def test_accounts_that_could_be_mistaken(backends):
    """The token of a row of one model must not be good for the row with the same key of another one."""
    with pytest.raises(ConfigurationError, match=r"backends\[0\] and backends\[\d\].*: give each another 'audience'"):
        make_backend(chain(*backends))


@pytest.mark.parametrize(
    'backends',
    [
        [JWT, JWT],
        [JWT, {**JWT, 'secret_field': 'password'}],
        [JWT, {**OTHERS, 'secret_field': 'key'}],
        [OF_ONE, OF_OTHERS],
        [OF_ONE, OTHERS],
        [{**JWT, 'issuer': 'one'}, {**OTHERS, 'issuer': 'others'}],
        [JWT, {**OTHERS, 'identity_claim': 'item'}],
        [JWT, {**OTHERS, 'algorithm': 'HS512'}],
    ],
)
def test_accounts_that_are_told_apart(backends):
    assert len(make_backend(chain(*backends)).backends) == 2


async def test_tokens_of_others(serve_users, run):
    _, account = await serve_users(chain(OF_ONE, OF_OTHERS))
    item = await run(models().Item.create)
    assert item.id == account.id
    one, others = authentication.get_backend().backends
    for issuer, owner, other in ((one, account, others), (others, item, one)):
        request = make_mocked_request('GET', '/', {'Authorization': f'Bearer {await run(issuer.issue, owner)}'})
        assert await run(issuer.authenticate, request) == owner
        with pytest.raises(AuthenticationError):
            await run(other.authenticate, request)


async def test_sessions_of_others(serve_users, run):
    """Two backends that keep their sessions in one place."""
    one, other = ({**SESSION, 'cookie_name': name} for name in ('one', 'other'))
    client, _ = await serve_users(chain(one, {**other, 'model': '__packagename__.models.Item'}))
    await run(models().Item.create)
    identifier = (await client.post('/login', json={'name': 'ada'})).cookies['one'].value
    client.session.cookie_jar.clear()
    cookies = [{'Cookie': f'{name}={identifier}'} for name in ('one', 'other')]
    assert [(await client.get('/view', headers=cookie)).status for cookie in cookies] == [200, 401]


async def test_where_one_lets_everybody_in_permissions_cannot_be_demanded(refusal):
    backends = chain(API_KEY, {'backend': 'colibris.authentication.null.NullBackend'})
    view = "require_permission('x')(lambda request: 'x')"
    routes = f"from colibris.authorization import require_permission\nROUTES = [('/', {view})]"
    assert 'AUTHENTICATION is not set, but permissions are demanded by' in await refusal(backends, routes=routes)


@pytest.mark.parametrize(
    ('backends', 'problems'),
    [
        ([], ["'backends' must be a list"]),
        (None, ["'backends' must be a list"]),
        ([{}], ["backends[0]: needs an entry 'backend'"]),
        (['colibris.authentication.null.NullBackend'], ['backends[0]: must be a dictionary']),
        (
            [{**JWT, 'modell': 1}, {'backend': 'nowhere.X'}],
            ["backends[0]: 'modell' is not known", 'backends[1]: there is no'],
        ),
        (
            [{'backend': 'colibris.cache.null.NullBackend'}],
            ['backends[0]: colibris.cache.null.NullBackend is no subclass'],
        ),
        (
            [API_KEY, {**JWT, 'leeway': -1}, {**SESSION, 'idle_seconds': 0}],
            ["backends[1]: 'leeway' must", "backends[2]: 'idle"],
        ),
    ],
)
def test_wrong_options(backends, problems):
    with pytest.raises(ConfigurationError) as caught:
        make_backend({'backend': 'colibris.authentication.chain.ChainBackend', 'backends': backends})
    for problem in problems:
        assert problem in str(caught.value)
