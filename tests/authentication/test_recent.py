"""Accounts that are kept for a while after they have been looked up (``account_seconds``)."""

import time
from types import SimpleNamespace

import pytest

from colibris import authentication
from colibris.authentication import recent
from colibris.authentication.recent import RecentAccounts
from tests.authentication import projects
from tests.authentication.credentials import BACKENDS, HASHED_KEY, Chain
from tests.authentication.projects import API_KEY, JWT, SESSION_IN_CACHE, models
from tests.authentication.wrong_credentials import WRONG, all_of, deleted_account

SECONDS = 600
WRONG_ALWAYS = [case for case in WRONG if case is not deleted_account]
KINDS = [kind for kind in BACKENDS if kind is not Chain]
ROUTES = (
    projects.ROUTES
    + """
@require_authentication
def rename(request):
    account = get_account(request)
    before, account.name = account.name, 'eve'
    return before


ROUTES += [('/rename', rename)]
"""
)


@pytest.fixture
def clock(monkeypatch):
    """How many seconds the clock is ahead by which accounts are kept."""
    clock = SimpleNamespace(ahead=0)
    monkeypatch.setattr(recent, 'time', SimpleNamespace(monotonic=lambda: time.monotonic() + clock.ahead))
    return clock


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def of(request, provider, monkeypatch):
    return request.param(provider, monkeypatch)


@pytest.fixture
def serve_keeping(serve_users, of):
    """Serve a project that keeps accounts: a client and the account ``ada``."""

    async def make():
        configuration = {**of.configuration, 'account_seconds': SECONDS}
        return await serve_users(configuration, routes=ROUTES, **of.settings)

    return make


async def test_accounts_are_kept(serve_keeping, run, of, clock):
    client, account = await serve_keeping()
    headers = await of.right(client, account)

    async def name():
        return await (await client.get('/private', headers=headers)).json()

    assert await name() == 'ada'
    await run(models().User.update(name='eve').where(models().User.id == account.id).execute)
    assert await name() == 'ada'
    clock.ahead = SECONDS
    assert await name() == 'eve'
    await run(account.delete_instance)
    assert await name() == 'eve'
    clock.ahead = 2 * SECONDS
    assert (await client.get('/private', headers=headers)).status == 401


async def test_everybody_gets_a_copy(serve_keeping, of):
    client, account = await serve_keeping()
    headers = await of.right(client, account)
    for _ in range(3):
        assert await (await client.get('/rename', headers=headers)).json() == 'ada'


@pytest.mark.parametrize(
    'case', [case for case in WRONG if case is not deleted_account], ids=lambda case: case.__name__
)
async def test_wrong_credentials(serve_keeping, of, case):
    client, account = await serve_keeping()
    assert (await client.get('/private', headers=await of.right(client, account))).status == 200
    for headers in await all_of(case(of, client, account)):
        assert (await client.get('/private', headers=headers)).status == 401, headers


async def test_a_kept_prefix_is_no_key(serve_users, run):
    client, account = await serve_users({**HASHED_KEY, 'account_seconds': SECONDS})
    key = await run(authentication.get_backend().issue, account)
    for text, status in ((key, 200), (f'{account.id}.wrong', 401), (f'{account.id}.', 401), (key, 200)):
        assert (await client.get('/private', headers={'X-API-Key': text})).status == status


async def test_changed_credentials(serve_keeping, of, clock):
    client, account = await serve_keeping()

    async def status(headers):
        return (await client.get('/private', headers=headers)).status

    old = await of.right(client, account)
    assert await status(old) == 200
    await of.change_password(account)
    assert await status(old) == 200
    new = await of.right(client, account)
    assert [await status(new), await status(new)] == [200, 200]
    clock.ahead = SECONDS
    assert [await status(old), await status(new)] == [401 if of.ends_with_password else 200, 200]


async def test_nothing_is_kept_by_default(serve_users, run, of):
    client, account = await serve_users(of.configuration, **of.settings)
    headers = await of.right(client, account)
    assert (await client.get('/private', headers=headers)).status == 200
    await run(account.delete_instance)
    assert (await client.get('/private', headers=headers)).status == 401


async def test_nothing_is_kept_beyond_a_start(serve_keeping, run, of):
    client, account = await serve_keeping()
    headers = await of.right(client, account)
    assert (await client.get('/private', headers=headers)).status == 200
    await run(account.delete_instance)
    await authentication.get_backend().start()
    assert (await client.get('/private', headers=headers)).status == 401


def test_limits(monkeypatch, clock):
    monkeypatch.setattr(recent, 'MOST', 3)
    accounts = RecentAccounts(10)
    for name in 'abcd':
        accounts.keep(name, [name])
        clock.ahead += 1
    assert [accounts.get(name) for name in 'abcd'] == [None, ['b'], ['c'], ['d']]
    accounts.keep('b', ['new'])
    clock.ahead += 8.5
    assert [accounts.get(name) for name in 'bcd'] == [['new'], None, ['d']]
    accounts.keep('e', ['e'])
    assert list(accounts._kept) == ['d', 'b', 'e']


@pytest.mark.parametrize('configuration', [API_KEY, JWT, SESSION_IN_CACHE])
@pytest.mark.parametrize('seconds', [-1, 0.5, '60', None, True, 10**12])
async def test_impossible_times(refusal, configuration, seconds):
    assert "'account_seconds' must be" in await refusal({**configuration, 'account_seconds': seconds})
