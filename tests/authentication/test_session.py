"""Server-side sessions, in the database and in caches: their ids, and when they end."""

import json

import pytest

from colibris import bridge
from colibris.authentication.model import AccountModel
from colibris.conf.backends import make_backend
from colibris.errors import ConfigurationError
from tests.authentication.places import CachePlace, Place, RedisPlace, redis_cache
from tests.authentication.projects import SECRET_KEY, SESSION, models
from tests.services import RedisServer, running
from tests.views.serving import error_of

COOKIE = 'session'
HOUR = 3600
DAY = 24 * HOUR


@pytest.fixture
def serve_at(serve_users, place):
    async def make(**options):
        return await serve_users({**place.configuration, **options}, **place.settings)

    return make


async def log_in(client, **data):
    """Log in, and forget the cookie: a new session's id."""
    response = await client.post('/login', json={'name': 'ada', **data})
    assert response.status == 200, await response.text()
    client.session.cookie_jar.clear()
    return response.cookies[COOKIE].value


def digest(identifier):
    """What is kept in place of a session's id."""
    return AccountModel(f'{models().__name__}.User').digest(identifier)


async def statuses(client, *identifiers):
    headers = [{'Cookie': f'{COOKIE}={identifier}'} for identifier in identifiers]
    return [(await client.get('/private', headers=item)).status for item in headers]


async def test_the_id_changes_at_login_and_dies_at_logout(serve_at):
    client, _ = await serve_at()
    first = await log_in(client)
    client.session.cookie_jar.update_cookies({COOKIE: first})
    assert (await client.get('/private')).status == 200
    second = await log_in(client)
    assert first != second
    assert len(second) == 43
    assert await statuses(client, first, second) == [401, 200]
    client.session.cookie_jar.update_cookies({COOKIE: second})
    assert (await client.get('/private')).status == 200
    assert (await client.post('/logout')).status == 200
    assert await statuses(client, second) == [401]


async def test_a_planted_id_is_worth_nothing(serve_at):
    client, _ = await serve_at()
    planted = 'x' * 43
    client.session.cookie_jar.update_cookies({COOKIE: planted})
    assert await log_in(client) != planted
    assert await statuses(client, planted) == [401]


async def test_sessions_are_independent(serve_at):
    client, _ = await serve_at()
    one, other, bobs = await log_in(client), await log_in(client), await log_in(client, name='bob')
    page = {'Cookie': f'{COOKIE}={one}'}
    page['X-CSRF-Token'] = (await client.get('/private', headers=page)).headers['X-CSRF-Token']
    assert (await client.post('/logout', headers=page)).status == 200
    assert await statuses(client, one, other, bobs) == [401, 200, 200]
    assert await (await client.get('/private', headers={'Cookie': f'{COOKIE}={bobs}'})).json() == 'bob'


async def test_ids_that_cannot_be(serve_at):
    client, _ = await serve_at()
    wrong = ['', 'x', '"', 'é', 'x' * 65, 'x' * 4000, '../../etc/passwd', '{}', '*', "' OR 1=1 --"]
    assert await statuses(client, *wrong) == [401] * len(wrong)


async def test_one_that_is_used_lives_on(serve_at, place):
    client, _ = await serve_at(idle_seconds=HOUR, validity_seconds=DAY)
    used, unused = await log_in(client), await log_in(client)
    for _ in range(3):
        place.pass_time(HOUR // 2)
        assert await statuses(client, used) == [200]
    assert await statuses(client, unused) == [401]
    place.pass_time(HOUR)
    assert await statuses(client, used) == [401]


async def test_none_lives_for_ever(serve_at, place):
    client, _ = await serve_at(idle_seconds=HOUR, validity_seconds=2 * HOUR)
    used, persistent = await log_in(client), await log_in(client, persistent=True)
    for _ in range(5):
        assert await statuses(client, used, persistent) == [200, 200]
        place.pass_time(24 * 60)
    assert await statuses(client, used, persistent) == [401, 401]


async def test_a_persistent_one_may_rest(serve_at, place):
    client, _ = await serve_at(idle_seconds=HOUR, validity_seconds=DAY)
    persistent = await log_in(client, persistent=True)
    place.pass_time(DAY - 60)
    assert await statuses(client, persistent) == [200]
    place.pass_time(60)
    assert await statuses(client, persistent) == [401]


async def test_a_changed_secret_ends_it(serve_at, run):
    client, account = await serve_at(secret_field='password')
    session = await log_in(client)
    assert await statuses(client, session) == [200]
    account.password = 'second'
    await run(account.save)
    assert await statuses(client, session) == [401]
    account.password = 'first'
    await run(account.save)
    assert await statuses(client, session) == [200]


async def test_a_renamed_account_keeps_it(serve_at, run):
    client, account = await serve_at()
    session = await log_in(client)
    account.name = 'grace'
    await run(account.save)
    assert await (await client.get('/private', headers={'Cookie': f'{COOKIE}={session}'})).json() == 'grace'


class TestDatabase:
    @pytest.fixture
    def place(self, monkeypatch):
        return Place(monkeypatch)

    async def test_what_is_kept(self, serve_at, run):
        client, account = await serve_at(secret_field='password')
        session = await log_in(client)
        (row,) = await run(lambda: list(models().Session.select().dicts()))
        assert row['digest'] == digest(session)
        assert row['account'] == str(account.id)
        text = json.dumps(row)
        assert all(secret not in text for secret in (session, SECRET_KEY, 'first'))

    async def test_ended_ones_are_removed_at_login(self, serve_at, place, run):
        client, _ = await serve_at(idle_seconds=HOUR, validity_seconds=DAY)
        ended, persistent = await log_in(client), await log_in(client, persistent=True)
        place.pass_time(HOUR)
        new = await log_in(client)
        kept = await run(lambda: {row.digest for row in models().Session.select()})
        assert kept == {digest(identifier) for identifier in (persistent, new)}
        assert await statuses(client, ended) == [401]

    async def test_most_requests_write_nothing(self, serve_at, place, run):
        client, _ = await serve_at(idle_seconds=HOUR, validity_seconds=DAY)
        session = await log_in(client)

        async def expires_after(seconds):
            place.pass_time(seconds)
            assert await statuses(client, session) == [200]
            return await run(lambda: models().Session.get().expires)

        first = await expires_after(0)
        assert await expires_after(60) == first
        assert await expires_after(360) >= first + 420

    async def test_a_use_does_not_revive_what_is_ended_meanwhile(self, serve_at, run, monkeypatch):
        client, _ = await serve_at()
        session = await log_in(client)
        model = models().Session
        original = model.update

        def update(*args, **kwargs):
            model.delete().execute()
            return original(*args, **kwargs)

        monkeypatch.setattr(model, 'update', update)
        monkeypatch.setattr('colibris.authentication.session.database._PRECISION', float('inf'))
        assert await statuses(client, session, session) == [200, 401]

    @pytest.mark.parametrize(
        ('options', 'problem'),
        [
            (
                {'session_model': '__packagename__.models.User'},
                'models.User is no subclass of authentication.SessionModel',
            ),
            (
                {'session_model': 'colibris.authentication.SessionModel'},
                'is no subclass of authentication.SessionModel',
            ),
            ({'session_model': '__packagename__.models.Nothing'}, "has no 'Nothing'"),
            ({'secret_field': 'nothing'}, "has no field 'nothing'"),
            ({'model': '__packagename__.models.Nothing'}, "has no 'Nothing'"),
        ],
    )
    async def test_wrong_models(self, refusal, options, problem):
        assert problem in await refusal({**SESSION, **options})

    async def test_a_secret_needs_a_key(self, refusal):
        assert 'SECRET_KEY is not set' in await refusal({**SESSION, 'secret_field': 'password'}, SECRET_KEY=None)


class TestCache:
    @pytest.mark.parametrize('others', [{}, {'CACHE': {'backend': 'colibris.cache.null.NullBackend'}}])
    async def test_there_must_be_one(self, refusal, others):
        assert "set CACHE, or name a model by 'session_model'" in await refusal(CachePlace.configuration, **others)

    async def test_what_is_kept(self, serve_users, monkeypatch):
        place = RedisPlace(monkeypatch)
        client, account = await serve_users(place.configuration, **place.settings)
        session = await log_in(client)
        (key,) = place.client.keys()
        assert key.decode().endswith(digest(session))
        assert json.loads(place.client.get(key))['account'] == str(account.id)
        assert session not in f'{key}{place.client.get(key)}'
        assert 0 < place.client.ttl(key) <= 2 * HOUR
        place.close()

    async def test_its_end_counts_whatever_the_cache_remembers(self, serve_users, monkeypatch):
        place = RedisPlace(monkeypatch)
        client, _ = await serve_users({**place.configuration, 'validity_seconds': DAY}, **place.settings)
        session = await log_in(client, persistent=True)
        place.ahead = DAY
        assert await statuses(client, session) == [401]
        assert place.client.dbsize() == 1
        place.close()

    async def test_one_that_is_away_is_not_an_empty_one(self, serve_users):
        with running(RedisServer) as (server,):
            client, _ = await serve_users(CachePlace.configuration, CACHE=redis_cache(server.url))
            session = await log_in(client)
            await bridge.run(server.stop)
            headers = {'Cookie': f'{COOKIE}={session}'}
            response = await client.get('/private', headers=headers)
            assert (await error_of(response, 503))['message'] == 'sessions cannot be looked up at the moment'
            assert response.headers['Retry-After'] == '1'
            await error_of(await client.post('/login', json={'name': 'ada'}), 503)
            assert (await client.get('/public', headers=headers)).status == 200


@pytest.mark.parametrize(
    ('options', 'problem'),
    [
        ({'idle_seconds': 0}, "'idle_seconds' must be from 1"),
        (
            {'validity_seconds': '60', 'idle_seconds': None},
            "'validity_seconds' must be a whole number, not str; 'idle_",
        ),
        ({'cookie_name': None}, "'cookie_name' cannot be None"),
        ({'session_model': 5}, "'session_model' must be a text"),
    ],
)
def test_wrong_options(options, problem):
    with pytest.raises(ConfigurationError) as caught:
        make_backend({**SESSION, **options})
    assert problem in str(caught.value)
