"""Looking up accounts on every engine: exactly the one that is named, whatever the database takes for the same."""

import asyncio
import time

import jwt
import peewee
import pytest

from colibris import authentication
from colibris.authentication.apikey import APIKeyBackend
from colibris.authentication.model import AccountModel
from tests.authentication.projects import API_KEY, JWT, MODELS, ROUTES, SECRET_KEY, SESSION, models, settings_of

NAMES = [
    'Ada', 'ADA', ' ada', 'ada ', 'ada\t', 'ádá', '\uff41da', 'ada\0', 'a_a', 'a%', 'ad\u0430', '', '\0', '\ud800',
    'x' * 3000, '1', '0', "ada' --", 'ada\\',
]  # fmt: skip
NUMBERS = [
    '01', '+1', ' 1', '1 ', '1.0', '1_', '\uff11', '1e0', '0x1', 'True', '-1', '0', '2147483648', '9223372036854775808',
    '9' * 5000, 'nan', 'inf', '1\0', '', 'ada', '\ud800', '[1]', '1;',
]  # fmt: skip


def bearer(text):
    return {'Authorization': f'Bearer {text}'}


def token_for(subject):
    return bearer(jwt.encode({'sub': subject, 'exp': time.time() + 60}, SECRET_KEY))


async def statuses(client, headers):
    return [(await client.get('/private', headers=item)).status for item in headers]


@pytest.mark.parametrize(
    ('options', 'right', 'wrong'),
    [({'identity_field': 'name'}, 'ada', NAMES), ({}, '1', NUMBERS)],
    ids=['text', 'number'],
)
async def test_names_in_tokens(serve_users, engine, options, right, wrong):
    client, _ = await serve_users({**JWT, **options}, engine)
    assert await statuses(client, map(token_for, wrong)) == [401] * len(wrong)
    assert await statuses(client, [token_for(right)]) == [200]


@pytest.mark.parametrize('hashed', [True, False])
async def test_keys(serve_users, run, engine, hashed):
    client, account = await serve_users({**API_KEY, 'hashed': hashed}, engine)
    key = await run(authentication.get_backend(APIKeyBackend).issue, account)
    wrong = [
        key.swapcase(),
        key + ' x',
        key[:-1],
        key[:-1] + '_',
        f'0{key}',
        f'{key}%',
        '%',
        'NULL',
        'None',
        '',
        '1.',
        '.',
    ]
    assert await statuses(client, map(bearer, wrong)) == [401] * len(wrong)
    assert await statuses(client, [bearer(key), {'X-API-Key': key}]) == [200, 200]


async def test_sessions(serve_users, engine):
    client, _ = await serve_users(SESSION, engine)
    assert (await client.post('/login', json={'name': 'ada', 'persistent': True})).status == 200
    assert await statuses(client, [{}, {}]) == [200, 200]
    assert (await client.post('/logout')).status == 200
    assert await statuses(client, [{}]) == [401]


async def test_many_logins_at_once_in_transactions(serve, run, engine):
    settings = settings_of(SESSION) + "DATABASE['atomic_requests'] = True\n"
    client = await serve(ROUTES, models=MODELS, settings=settings, engine=engine)
    await run(lambda: models().User.create(name='ada'))
    for number in range(4):
        ended = {'account': '1', 'ends': 0, 'expires': number, 'proof': ''}
        await run(lambda row=ended, number=number: models().Session.insert(digest=str(number), **row).execute())
    await client.post('/login', json={'name': 'ada', 'persistent': True})
    client.session.cookie_jar.clear()
    logins = [client.post('/login', json={'name': 'ada'}) for _ in range(40)]
    assert {response.status for response in await asyncio.gather(*logins)} == {200}
    assert await run(lambda: models().Session.select().count()) == 41


@pytest.mark.parametrize('configuration', [{**JWT, 'identity_field': 'name'}, API_KEY], ids=['token', 'key'])
async def test_an_account_whose_name_is_empty(serve_users, run, configuration):
    client, _ = await serve_users(configuration)
    await run(lambda: models().User.create(name='', key=''))
    assert await statuses(client, [token_for(''), bearer(''), {'X-API-Key': ''}]) == [401] * 3


async def test_issuing_a_key(serve_users, run):
    client, account = await serve_users({**API_KEY, 'hashed': True})
    backend = authentication.get_backend(APIKeyBackend)
    first, second = await run(backend.issue, account), await run(backend.issue, account)
    assert first != second
    assert second.startswith(f'{account.id}.')
    assert await statuses(client, map(bearer, [first, second])) == [401, 200]
    kept = await run(lambda: models().User.get_by_id(account.id).key)
    assert len(kept) == 64
    assert kept not in second
    assert await statuses(client, map(bearer, [kept, f'{account.id}.{kept}'])) == [401, 401]


@pytest.mark.parametrize('hashed', [True, False])
async def test_who_cannot_have_a_key(serve_users, run, hashed):
    await serve_users({**API_KEY, 'hashed': hashed})
    issue = authentication.get_backend(APIKeyBackend).issue
    with pytest.raises(TypeError, match='an account has to be a sample'):
        await run(issue, None)
    with pytest.raises(ValueError, match='has not been saved'):
        await run(issue, models().User(name='new'))


async def test_an_account_without_a_key(serve_users, run):
    client, _ = await serve_users({**API_KEY, 'hashed': True})
    bob = await run(lambda: models().User.get(name='bob'))
    assert await statuses(client, map(bearer, [f'{bob.id}.', f'{bob.id}.x', f'{bob.id}.None'])) == [401] * 3


class Person(peewee.Model):
    name = peewee.CharField()

    class Meta:
        database = peewee.SqliteDatabase(':memory:')

    @classmethod
    def get(cls, *conditions):
        return super().get(*conditions)


def test_a_model_that_gets_its_rows_in_a_way_of_its_own():
    with Person._meta.database as database:
        database.create_tables([Person])
        Person.create(name='ada')
        accounts = AccountModel(f'{__name__}.Person', 'name')
        assert accounts.find('ada').name == 'ada'
        assert accounts.find('bob') is None
