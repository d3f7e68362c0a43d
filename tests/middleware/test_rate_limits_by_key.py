"""Limits by key and by account: nobody gets a new one by writing it in another way."""

import pytest

from colibris import authentication
from colibris.authentication.apikey import APIKeyBackend
from colibris.authentication.jwt import JWTBackend
from tests.authentication.projects import API_KEY, JWT, ROUTES, SESSION, models, serve_users

__all__ = ['serve_users']

LIMITED = """
from colibris.ratelimit import limit_rate

ROUTES += [
    ('/by-key', limit_rate('2/hour by key')(require_authentication(name_of))),
    ('/by-account', limit_rate('2/hour by account')(require_authentication(lambda request: 'x'))),
]
"""
SPELLINGS = ('Bearer {}', 'bearer {}', 'BEARER {}', 'Bearer  {}', 'Bearer    {} ')


@pytest.fixture
def serve_limited(serve_users):
    async def make(*backends):
        chain = {'backend': 'colibris.authentication.chain.ChainBackend', 'backends': list(backends)}
        return await serve_users(chain, routes=ROUTES + LIMITED)

    return make


async def statuses(client, requests, path='/by-key'):
    return [(await client.get(path, headers=headers)).status for headers in requests]


async def bearer(run, backend, account):
    return await run(authentication.get_backend(backend).issue, account)


@pytest.mark.parametrize('hashed', [False, True])
async def test_spellings_of_a_key(serve_limited, run, hashed):
    client, account = await serve_limited({**API_KEY, 'hashed': hashed})
    key = await bearer(run, APIKeyBackend, account)
    requests = [{'X-API-Key': key}, *({'Authorization': text.format(key)} for text in SPELLINGS)]
    assert await statuses(client, requests) == [200, 200, 429, 429, 429, 429]


async def test_spellings_of_a_token(serve_limited, run):
    """Of the 43 characters of a signature the last one has two bits too many."""
    client, account = await serve_limited(JWT)
    token = await bearer(run, JWTBackend, account)
    alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    last = alphabet.index(token[-1]) // 4 * 4
    tokens = [token[:-1] + alphabet[last + number] for number in range(4)]
    requests = [{'Authorization': f'Bearer {text}'} for text in tokens]
    answers = await statuses(client, [*requests, *({'Authorization': text.format(token)} for text in SPELLINGS)])
    assert answers.count(200) == 2
    assert answers[-1] == 429


async def test_each_token_counts_for_itself(serve_limited, run, monkeypatch):
    client, account = await serve_limited(JWT)
    first = await bearer(run, JWTBackend, account)
    monkeypatch.setattr(authentication.get_backend(JWTBackend), '_validity', 60)
    second = await bearer(run, JWTBackend, account)
    for token in (first, second):
        assert await statuses(client, [{'Authorization': f'Bearer {token}'}] * 3) == [200, 200, 429]


async def test_keys_that_somebody_with_a_session_makes_up(serve_limited):
    client, _ = await serve_limited(API_KEY, SESSION, JWT)
    assert (await client.post('/login', json={'name': 'ada'})).status == 200
    made_up = [{'Authorization': f'Bearer {number}', 'X-API-Key': str(number)} for number in range(2)]
    requests = [*made_up, {'Authorization': 'Basic YTpi'}, {'X-API-Key': 'x'}, {}]
    assert await statuses(client, requests) == [200, 200, 429, 429, 429]


async def test_accounts_of_two_models_are_two(serve_limited, run):
    others = {'backend': API_KEY['backend'], 'model': '__packagename__.models.Robot', 'key_field': 'key'}
    client, account = await serve_limited(API_KEY, others)
    robot = await run(lambda: models().Robot.create(key='robot'))
    assert robot.id == account.id
    for key in ('right', 'robot'):
        assert await statuses(client, [{'X-API-Key': key}] * 3, '/by-account') == [200, 200, 429]
