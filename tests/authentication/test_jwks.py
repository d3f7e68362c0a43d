"""Tokens of an outside provider: when its keys are fetched, and what happens while they cannot be."""

import asyncio
import time
from types import SimpleNamespace

import pytest
from aiohttp import web

from colibris.authentication import keyset
from colibris.authentication.jwks import JWKSBackend
from colibris.conf import settings
from colibris.conf.backends import make_backend
from colibris.errors import ConfigurationError
from tests.authentication.projects import JWT
from tests.authentication.provider import EC_KEY, RSA_KEYS, WEAK_RSA_KEY, hang, public_jwk
from tests.views.serving import error_of

AUDIENCE = 'the-service'


class Clock:
    """The time that key sets see."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(keyset, 'time', clock)
    return clock


@pytest.fixture
def serve_for(serve_users, provider):
    """Serve the users for whom the provider makes tokens: a client, and their headers."""

    async def make(**options):
        parties = {'issuer': provider.issuer, 'audience': AUDIENCE, 'url': provider.url}
        configuration = {**JWT, 'backend': 'colibris.authentication.jwks.JWKSBackend', **parties, **options}
        client, account = await serve_users({name: value for name, value in configuration.items() if value is not None})

        def headers(kid='one', algorithm='RS256', header=None, **claims):
            known = {'sub': str(account.id), 'exp': time.time() + 60, 'iss': provider.issuer, 'aud': AUDIENCE}
            return {'Authorization': f'Bearer {provider.sign({**known, **claims}, kid, algorithm, **(header or {}))}'}

        return client, headers

    return make


async def statuses(client, *requests):
    return [(await client.get('/private', headers=headers)).status for headers in requests]


async def test_keys_are_fetched_once(serve_for, provider):
    client, headers = await serve_for()
    assert provider.requests == 0
    assert await statuses(client, headers(), headers(), headers()) == [200] * 3
    assert (provider.requests, provider.discoveries) == (1, 0)


async def test_discovery(serve_for, provider):
    client, headers = await serve_for(url=None)
    assert await statuses(client, headers(), headers()) == [200] * 2
    assert (provider.requests, provider.discoveries) == (1, 1)


@pytest.mark.parametrize(
    'described',
    [
        {'issuer': 'https://other.example.com'}, {'jwks_uri': None}, {'jwks_uri': 5}, {'jwks_uri': 'file:///etc/passwd'},
        {'jwks_uri': 'http://keys.example.com'},
    ],
)  # fmt: skip
async def test_what_is_not_believed_about_keys(serve_for, provider, described):
    provider.described = described
    client, headers = await serve_for(url=None)
    with settings.override(DEBUG=False):
        await error_of(await client.get('/private', headers=headers()), 503)
    assert provider.requests == 0


async def test_many_requests_fetch_once(provider, clock):
    keys = keyset.KeySet(provider.issuer, provider.url, ['RS256'], 3600, 10, 30)
    go = asyncio.Event()

    async def wait_and_publish():
        await go.wait()
        return await provider.publish()

    provider.answer = wait_and_publish
    early = [asyncio.create_task(keys.find('one', 'RS256')) for _ in range(20)]
    while not provider.requests:
        await asyncio.sleep(0)
    clock.now += 10
    late = [asyncio.create_task(keys.find('one', 'RS256')) for _ in range(20)]
    await asyncio.sleep(0)
    go.set()
    assert {key.key_id for key in await asyncio.gather(*early, *late)} == {'one'}
    assert provider.requests == 1


async def test_a_client_that_goes_away_does_not_end_the_fetch(provider, run):
    keys = keyset.KeySet(provider.issuer, provider.url, ['RS256'], 60, 60, 30)
    go = asyncio.Event()

    async def wait_and_publish():
        await go.wait()
        return await provider.publish()

    provider.answer = wait_and_publish
    gone = asyncio.create_task(keys.find('one', 'RS256'))
    while not provider.requests:
        await asyncio.sleep(0)
    gone.cancel()
    patient = asyncio.create_task(keys.find('one', 'RS256'))
    go.set()
    assert (await patient).key_id == 'one'
    assert gone.cancelled()
    assert provider.requests == 1


async def test_an_unknown_key_is_fetched_at_a_bounded_rate(serve_for, provider, clock):
    client, headers = await serve_for(refetch_seconds=10)
    assert await statuses(client, headers()) == [200]
    provider.keys['two'] = RSA_KEYS[1]
    for kid in ('two', 'three', 'four'):
        provider.keys.setdefault(kid, RSA_KEYS[1])
        assert await statuses(client, headers(kid)) == [401]
    assert provider.requests == 1
    clock.now += 10
    assert await statuses(client, headers('two'), headers('four'), headers()) == [200] * 3
    assert provider.requests == 2


async def test_unknown_algorithms_and_malformed_tokens_fetch_nothing(serve_for, provider):
    client, headers = await serve_for()
    bad = [headers(algorithm='RS512'), {'Authorization': 'Bearer x.y.z'}, headers(header={'crit': ['x'], 'x': 1})]
    assert await statuses(client, *bad) == [401] * 3
    assert provider.requests == 0


async def test_keys_that_are_withdrawn(serve_for, provider, clock):
    client, headers = await serve_for(keys_seconds=3600)
    provider.keys['two'] = RSA_KEYS[1]
    withdrawn = headers()
    assert await statuses(client, withdrawn) == [200]
    del provider.keys['one']
    clock.now += 3600
    await statuses(client, headers('two'), withdrawn)
    while provider.requests < 2:
        await asyncio.sleep(0)
    await _until_settled(client, withdrawn, 401)


async def _until_settled(client, headers, status):
    async with asyncio.timeout(30):
        while (await client.get('/private', headers=headers)).status != status:
            await asyncio.sleep(0)


async def refuse():
    return web.Response(status=500)


async def redirect():
    raise web.HTTPFound('/.well-known/openid-configuration')


async def talk_nonsense():
    return web.Response(body=b'\xff{', content_type='application/json')


async def answer_a_list():
    return web.json_response([])


async def answer_no_keys():
    return web.json_response({'keys': {'kid': 'one'}})


async def answer_useless_keys():
    return web.json_response(
        {'keys': [{'kid': 'one', 'kty': 'oct', 'k': 'c2VjcmV0'}, public_jwk(EC_KEY, 'one', use='enc')]}
    )


async def answer_too_much():
    return web.Response(body=b' ' * (keyset.MAX_SIZE + 1))


async def nest_deeply():
    return web.Response(body=b'[' * 100_000)


OUTAGES = [
    refuse,
    redirect,
    talk_nonsense,
    answer_a_list,
    answer_no_keys,
    answer_useless_keys,
    answer_too_much,
    nest_deeply,
    hang,
]


@pytest.mark.parametrize('outage', OUTAGES, ids=lambda outage: outage.__name__)
async def test_outage(serve_for, provider, clock, caplog, outage):
    client, headers = await serve_for(keys_seconds=3600, refetch_seconds=10, timeout=1)
    provider.answer = outage
    response = await client.get('/private', headers=headers())
    assert (await error_of(response, 503))['code'] == 'service_unavailable'
    assert response.headers['Retry-After'] == '1'
    assert f'the keys of {provider.issuer} cannot be fetched' in caplog.text
    assert (await client.get('/public', headers=headers())).status == 200
    assert await statuses(client, headers()) == [503]
    assert provider.requests == 1

    provider.answer = provider.publish
    clock.now += 10
    assert await statuses(client, headers()) == [200]

    provider.answer = outage
    clock.now += 3600
    assert await statuses(client, headers(), headers()) == [200] * 2
    provider.keys['new'] = RSA_KEYS[1]
    clock.now += 3600
    assert await statuses(client, headers('new'), headers()) == [401, 200]


async def test_nobody_listens(serve_for, provider):
    client, headers = await serve_for()
    good = headers()
    await provider.server.close()
    assert await statuses(client, good) == [503]


async def test_stopping_while_fetching(provider):
    keys = keyset.KeySet(provider.issuer, provider.url, ['RS256'], 60, 60, 30)
    await keys.stop()
    provider.answer = hang
    waiting = asyncio.create_task(keys.find('one', 'RS256'))
    while not provider.requests:
        await asyncio.sleep(0)
    await keys.stop()
    with pytest.raises(asyncio.CancelledError):
        await waiting


class TestKeys:
    """Which of the published keys are used for what."""

    async def find(self, provider, kid, algorithm, *published):
        async def publish():
            return web.json_response({'keys': list(published)})

        provider.answer = publish
        keys = keyset.KeySet(provider.issuer, provider.url, ['RS256', 'PS256', 'ES256'], 60, 60, 30)
        return await keys.find(kid, algorithm)

    async def test_kinds(self, provider):
        ec, rsa = public_jwk(EC_KEY, 'ec'), public_jwk(RSA_KEYS[0], 'rsa')
        for kid, algorithm, found in (
            ('ec', 'ES256', True), ('ec', 'RS256', False), ('rsa', 'RS256', True), ('rsa', 'PS256', True),
            ('rsa', 'ES256', False), ('rsa', 'HS256', False), ('other', 'RS256', False),
        ):  # fmt: skip
            assert (await self.find(provider, kid, algorithm, ec, rsa) is not None) is found

    async def test_a_key_for_one_algorithm(self, provider):
        key = public_jwk(RSA_KEYS[0], 'one', alg='PS256')
        assert await self.find(provider, 'one', 'PS256', key)
        assert await self.find(provider, 'one', 'RS256', key) is None

    async def test_keys_that_cannot_verify(self, provider):
        good = public_jwk(RSA_KEYS[0], 'one')
        for bad in (
            {'kty': 'oct', 'k': 'c2VjcmV0', 'kid': 'one'}, {**good, 'use': 'enc'}, {**good, 'n': '!'}, {**good, 'n': 5},
            {**good, 'kid': 5}, {**good, 'kid': ['one']}, {**good, 'alg': 5}, {'kid': 'one'}, 'one', None, [], 5,
        ):  # fmt: skip
            for kid, found in (('one', False), ('two', True)):
                key = await self.find(provider, kid, 'RS256', bad, {**good, 'kid': 'two'})
                assert (key is not None) is found

    async def test_without_an_id(self, provider):
        one, two = (public_jwk(key, kid) for key, kid in zip(RSA_KEYS, ('one', 'two'), strict=True))
        assert (await self.find(provider, None, 'RS256', one)).key_id == 'one'
        assert await self.find(provider, None, 'RS256', one, two) is None

    async def test_weak_keys(self, serve_for, provider):
        provider.keys['weak'] = WEAK_RSA_KEY
        client, headers = await serve_for()
        with pytest.warns(Warning, match='below the minimum'):
            weak = headers('weak')
        assert await statuses(client, weak, headers()) == [401, 200]


async def test_identity(serve_for):
    client, headers = await serve_for(identity_claim='nick', identity_field='name')
    assert await statuses(client, headers(nick='ada'), headers(nick='Ada'), headers(), headers(nick=['ada'])) == [
        200, 401, 401, 401,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ('claims', 'status'),
    [({}, 401), *(({'email_verified': said}, 401) for said in (False, None, 0, 'false', 'yes', [True]))]
    + [({'email_verified': said}, 200) for said in (True, 'true')],
)
async def test_an_address_counts_only_if_it_is_verified(serve_for, claims, status):
    """Or else whoever tells the provider another one's address would be let in."""
    client, headers = await serve_for(identity_claim='email', identity_field='name')
    assert await statuses(client, headers(email='ada', **claims)) == [status]


async def test_accounts_that_are_made_when_they_first_come(serve_for, monkeypatch):
    client, headers = await serve_for()
    monkeypatch.setattr(JWKSBackend, 'find_account', lambda self, claims: SimpleNamespace(name=claims['name']))
    assert await (await client.get('/private', headers=headers(name='grace'))).json() == 'grace'


@pytest.mark.parametrize(
    ('options', 'problem'),
    [
        ({'issuer': 'provider'}, "'issuer' must be a URL like https://"),
        ({'issuer': None}, "'issuer' must be a URL like https://"),
        ({'url': 'https://user:password@example.com'}, "'url' must be a URL like https://"),
        ({'url': 'file:///etc/passwd'}, "'url' must be a URL like https://"),
        ({'url': 'http://keys.example.com'}, "'url' must begin with https://"),
        ({'algorithms': ['HS256']}, "'algorithms' must be a list of some of RS256"),
        ({'algorithms': ['RS256', 'none']}, "'algorithms' must be a list of some of RS256"),
        ({'algorithms': 'RS256'}, "'algorithms' must be a list of some of RS256"),
        ({'algorithms': []}, "'algorithms' must be a list of some of RS256"),
        ({'audience': None}, "'audience' must be a text"),
        ({'timeout': 0, 'keys_seconds': '5'}, "'timeout' must be from 1"),
    ],
)
def test_wrong_options(project, options, problem):
    project(settings='DEBUG = False')
    good = {'issuer': 'https://accounts.example.com', 'audience': 'x'}
    with pytest.raises(ConfigurationError) as caught:
        make_backend({**JWT, 'backend': 'colibris.authentication.jwks.JWKSBackend', **good, **options})
    assert problem in str(caught.value)
