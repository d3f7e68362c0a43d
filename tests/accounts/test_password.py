"""Changing the password."""

import asyncio
import logging

import pytest

from tests.accounts.conftest import CHAIN, NEW, PASSWORD, TOKEN, events, log_in, models, who
from tests.views.serving import error_of


async def change(client, current=PASSWORD, new=NEW, **options):
    return await client.put('/auth/password', json={'current_password': current, 'new_password': new}, **options)


@pytest.fixture
async def logged_in(client):
    await log_in(client)
    return client


async def test_change(logged_in):
    assert (await change(logged_in)).status == 204
    assert (await log_in(logged_in, PASSWORD)).status == 401
    assert (await log_in(logged_in, NEW)).status == 204
    assert (await log_in(logged_in, PASSWORD, 'bob')).status == 204


async def test_other_sessions_end(logged_in):
    other = {'Cookie': (await log_in(logged_in)).headers['Set-Cookie'].partition(';')[0]}
    mine = (await log_in(logged_in)).headers['Set-Cookie'].partition(';')[0]
    assert await who(logged_in, headers=other, cookies={}) == 'ada'
    response = await change(logged_in)
    assert response.status == 204
    assert await who(logged_in) == 'ada'
    assert response.headers['Set-Cookie'].partition(';')[0] != mine
    logged_in.session.cookie_jar.clear()
    assert await who(logged_in, headers=other) is None
    assert await who(logged_in, headers={'Cookie': mine}) is None


async def test_tokens_end(serve_accounts):
    client = await serve_accounts(AUTHENTICATION=TOKEN)
    headers = {'Authorization': (await log_in(client)).headers['Authorization']}
    assert (await change(client, headers=headers)).status == 204
    assert await who(client, headers=headers) is None
    response = await log_in(client, NEW)
    assert await who(client, headers={'Authorization': response.headers['Authorization']}) == 'ada'


@pytest.mark.parametrize('secret_field', ['password', None])
async def test_accounts_that_are_kept(serve_accounts, run, secret_field):
    client = await serve_accounts(AUTHENTICATION={**TOKEN, 'secret_field': secret_field, 'account_seconds': 600})
    headers = {'Authorization': (await log_in(client)).headers['Authorization']}
    assert await who(client, headers=headers) == 'ada'
    assert (await change(client, headers=headers)).status == 204
    assert (await change(client, PASSWORD, 'third horse', headers=headers)).status == 400
    assert (await change(client, NEW, 'third horse', headers=headers)).status == 204
    await run(models().User.delete().where(models().User.username == 'ada').execute)
    assert await who(client, headers=headers) == 'ada'
    assert (await change(client, 'third horse', PASSWORD, headers=headers)).status == 401


async def test_nobody(client):
    await error_of(await change(client), 401)


async def test_wrong_current_password(logged_in):
    body = await error_of(await change(logged_in, 'wrong'), 400)
    assert body['details'] == {'body': {'current_password': ['Is wrong.']}}
    assert (await log_in(logged_in)).status == 204


async def test_attempts_are_limited(serve_accounts):
    """Whoever finds an open browser shall not find out the password."""
    client = await serve_accounts(LOGIN_RATE_LIMIT=['3/hour by name'])
    await log_in(client)
    assert [(await change(client, 'wrong')).status for _ in range(4)] == [400, 400, 400, 429]
    assert (await change(client)).status == 429


@pytest.mark.parametrize(
    'new', ['short', 'password123', 'x' * 257, 'ada@shop.example', '', None, 12345678901, PASSWORD]
)
async def test_bad_new_password(logged_in, new):
    body = await error_of(await change(logged_in, new=new), 400)
    assert set(body['details']['body']) == {'new_password'}
    assert (await log_in(logged_in)).status == 204


@pytest.mark.parametrize('extra', [{'id': 2}, {'role': 'admin'}, {'username': 'bob'}, {'login': 'bob'}])
async def test_what_else_a_client_writes_changes_nothing(logged_in, run, extra):
    data = {'current_password': PASSWORD, 'new_password': NEW, **extra}
    await error_of(await logged_in.put('/auth/password', json=data), 400)
    users = await run(lambda: list(models().User.select()))
    assert [(user.username, user.role) for user in users] == [('ada', 'user'), ('bob', 'user')]
    assert (await log_in(logged_in)).status == 204


async def test_account_of_another_kind(serve_accounts, run):
    """A robot's key is no account with a password, though a user may have the same number."""
    client = await serve_accounts(AUTHENTICATION=CHAIN)
    await run(models().Robot.create)
    await error_of(await change(client, headers={'X-API-Key': 'robot'}), 403)
    assert (await log_in(client)).status == 204


async def test_two_at_the_same_time(logged_in):
    """Only one of them wins, and what has won counts."""
    news = [f'{NEW} number {number}' for number in range(4)]
    statuses = [each.status for each in await asyncio.gather(*(change(logged_in, new=new) for new in news))]
    assert statuses.count(204) == 1
    assert set(statuses) <= {204, 400, 401, 409}
    logged_in.session.cookie_jar.clear()  # whose token the client has may be that of an answer to another
    assert (await log_in(logged_in, news[statuses.index(204)])).status == 204


async def test_events(logged_in, caplog):
    caplog.set_level(logging.INFO)
    await change(logged_in, 'wrong')
    await change(logged_in)
    assert events(caplog) == [('password_change_failed', '1'), ('password_changed', '1'), ('login', '1')]
    assert NEW not in caplog.text
    assert PASSWORD not in caplog.text
