"""Logging in and out."""

import logging

import pytest

from colibris import accounts, conf
from colibris.accounts.slot import slot
from colibris.authentication import passwords
from colibris.errors import ConfigurationError
from colibris.test.passwords import QUICK_HASHER
from tests.accounts.conftest import (
    ACCOUNTS,
    API_KEY,
    CHAIN,
    PASSWORD,
    SESSION,
    TOKEN,
    events,
    log_in,
    models,
    who,
)

WRONG = {'code': 'wrong_credentials', 'message': 'The name or the password is wrong.', 'details': None}


@pytest.mark.parametrize(
    'authentication', [SESSION, {**TOKEN, 'cookie_name': 'token'}, CHAIN], ids=['session', 'token', 'chain']
)
async def test_there_and_back(serve_accounts, authentication):
    client = await serve_accounts(AUTHENTICATION=authentication)
    assert await who(client) is None
    response = await log_in(client)
    assert (response.status, await response.read()) == (204, b'')
    assert await who(client) == 'ada'
    assert (await client.post('/auth/logout')).status == 204
    assert await who(client) is None
    assert (await client.post('/auth/logout')).status == 204


async def test_token_in_the_header(serve_accounts):
    client = await serve_accounts(AUTHENTICATION=TOKEN)
    response = await log_in(client)
    assert await who(client, headers={'Authorization': response.headers['Authorization']}) == 'ada'
    assert await who(client) is None


@pytest.mark.parametrize('persistent', [True, False])
async def test_persistent(client, persistent):
    response = await log_in(client, persistent=persistent)
    assert ('Max-Age' in response.headers['Set-Cookie']) is persistent


@pytest.mark.parametrize(
    ('login', 'password'),
    [
        ('ada', 'wrong'),
        ('ada', PASSWORD.upper()),
        ('ada', PASSWORD + ' '),
        ('ADA', PASSWORD),
        ('ada ', PASSWORD),
        ('eve', PASSWORD),
        ('ada\0', PASSWORD),
        ("' OR 1=1 --", PASSWORD),
        ('none', PASSWORD),
        ('unusable', '!'),
        ('ada@shop.example', PASSWORD),
    ],
)
async def test_every_refusal_is_the_same(client, run, login, password):
    await run(models().User.create, username='none')
    await run(models().User.create, username='unusable', password=passwords.unusable())
    response = await log_in(client, password, login)
    assert (response.status, await response.json()) == (401, WRONG)
    assert 'WWW-Authenticate' in response.headers
    assert 'Set-Cookie' not in response.headers
    assert await who(client) is None


async def test_every_refusal_costs_the_same(client, monkeypatch):
    """That this takes the same time is measured in tests/authentication/passwords."""
    calls = []
    hasher = passwords.get_backend()
    for name in ('hash', 'verify'):
        real = getattr(hasher, name)
        monkeypatch.setattr(hasher, name, lambda *args, real=real: calls.append(args) or real(*args))
    for login in ('ada', 'eve', 'none'):
        calls.clear()
        assert (await log_in(client, 'wrong', login)).status == 401
        assert len(calls) == 1


@pytest.mark.parametrize(
    'data',
    [
        {},
        {'login': 'ada'},
        {'login': 'ada', 'password': ''},
        {'login': '', 'password': PASSWORD},
        {'login': 'ada', 'password': None},
        {'login': 'ada', 'password': ['x']},
        {'login': 1, 'password': PASSWORD},
        {'login': 'ada', 'password': 'x' * 257},
        {'login': 'a' * 257, 'password': PASSWORD},
        {'login': 'ada', 'password': PASSWORD, 'persistent': 'yes'},
        {'login': 'ada', 'password': PASSWORD, 'role': 'admin'},
        {'login': 'ada', 'password': PASSWORD, 'id': 2},
        [],
    ],
)
async def test_malformed(client, data):
    response = await client.post('/auth/login', json=data)
    text = await response.text()
    assert response.status == 400
    assert PASSWORD not in text


async def test_a_hash_of_yesterday_is_replaced(serve_accounts, run):
    client = await serve_accounts(PASSWORDS={**QUICK_HASHER, 'log2_cost': 3})
    user = models().User
    old = passwords.HashedPassword('$scrypt$ln=4,r=8,p=1$' + 'A' * 22 + '$' + 'A' * 43)
    with conf.settings.override(PASSWORDS=QUICK_HASHER):
        old = await run(passwords.hash, PASSWORD)
    await run(user.update(password=old).execute)
    assert (await log_in(client, 'wrong')).status == 401
    assert await run(lambda: user.get(username='ada').password) == old
    assert (await log_in(client)).status == 204
    new = await run(lambda: user.get(username='ada').password)
    assert new.startswith('$scrypt$ln=3,')
    assert await who(client) == 'ada'
    assert (await log_in(client)).status == 204
    assert await run(lambda: user.get(username='ada').password) == new


async def test_attempts_are_limited(serve_accounts):
    """By name, whether there is such an account or not; the right password does not help any more then."""
    client = await serve_accounts(LOGIN_RATE_LIMIT=['3/hour by name'])
    for login in ('ada', 'eve'):
        statuses = [(await log_in(client, 'wrong', login)).status for _ in range(4)]
        assert statuses == [401, 401, 401, 429]
    response = await log_in(client)
    assert response.status == 429
    assert int(response.headers['Retry-After']) > 0
    assert (await log_in(client, login='bob')).status == 204


async def test_success_forgives(serve_accounts):
    client = await serve_accounts(LOGIN_RATE_LIMIT=['3/hour by name'])
    for _ in range(3):
        assert [(await log_in(client, password)).status for password in ('wrong', 'wrong', PASSWORD)] == [401, 401, 204]


async def test_accounts_that_may_not_log_in(serve_accounts, run, monkeypatch):
    client = await serve_accounts()
    monkeypatch.setattr(accounts.AccountsBackend, 'may_log_in', lambda self, account: self.is_verified(account))
    response = await log_in(client)
    assert (response.status, await response.json()) == (401, WRONG)
    user = models().User
    await run(user.update(verified_email='ada@shop.example').execute)
    assert (await log_in(client)).status == 204
    assert (await log_in(client, login='bob')).status == 401


async def test_events(client, caplog):
    caplog.set_level(logging.DEBUG)
    await log_in(client, 'wrong')
    await log_in(client, 'wrong', 'eve')
    await log_in(client)
    await client.post('/auth/logout')
    assert events(caplog) == [('login_failed', '1'), ('login_failed', None), ('login', '1'), ('logout', '1')]
    shown = caplog.text.replace(ACCOUNTS['reset_url'], '')
    assert PASSWORD not in shown
    assert 'wrong' not in shown.replace('wrong_credentials', '')


async def test_backend_that_logs_nobody_in(serve_accounts):
    with pytest.raises(ConfigurationError, match='LoginView: AUTHENTICATION needs a SessionBackend or a JWTBackend'):
        await serve_accounts(AUTHENTICATION=API_KEY)


async def test_routes(serve_accounts):
    await serve_accounts()
    paths = [path for path, _ in accounts.routes()]
    assert paths[:3] == ['/login', '/logout', '/password']
    assert paths[3:] == ['/password/reset', '/password/reset/confirm', '/email/verify', '/email/confirm']
    with slot.replace(accounts.AccountsBackend('some.Model')):
        assert [path for path, _ in accounts.routes('/auth')] == ['/auth/login', '/auth/logout', '/auth/password']


async def test_the_api_document(client):
    document = await (await client.get('/api/docs/openapi.json')).json()
    described = {
        (method, path): (operation['summary'], {'204', '202'} & set(operation['responses']))
        for path, methods in document['paths'].items()
        for method, operation in methods.items()
        if path.startswith('/auth')
    }
    assert described == {
        ('post', '/auth/login'): ('Log in', {'204'}),
        ('post', '/auth/logout'): ('Log out', {'204'}),
        ('put', '/auth/password'): ('Change the password', {'204'}),
        ('post', '/auth/password/reset'): ('Ask for a link to choose a new password', {'202'}),
        ('post', '/auth/password/reset/confirm'): ('Choose a new password by a link', {'204'}),
        ('post', '/auth/email/verify'): ('Ask for a link to verify the address', {'202'}),
        ('post', '/auth/email/confirm'): ('Verify the address by a link', {'204'}),
    }
    assert set(document['components']['schemas']['LoginInput']['properties']) == {'login', 'password', 'persistent'}
