"""Verifying an e-mail address."""

import asyncio
import logging
import time

import pytest

from colibris import accounts
from tests.accounts.conftest import events, log_in, models, token_of
from tests.views.serving import error_of


async def ask(client):
    return await client.post('/auth/email/verify')


async def confirm(client, token):
    return await client.post('/auth/email/confirm', json={'token': token})


@pytest.fixture
async def is_verified(client, run):
    """Whether ada's address is verified: ``await is_verified()``."""

    async def find():
        return await run(lambda: accounts.get_backend().is_verified(models().User.get(username='ada')))

    return find


@pytest.fixture
async def token(client, outbox):
    await log_in(client)
    assert (await ask(client)).status == 202
    return token_of(outbox[-1])


async def test_there_and_back(client, outbox, is_verified):
    assert not await is_verified()
    await log_in(client)
    assert (await ask(client)).status == 202
    assert [(message.to, message.subject) for message in outbox] == [(['ada@shop.example'], 'Verify your address')]
    await client.post('/auth/logout')  # mail may be read on another machine
    response = await confirm(client, token_of(outbox[0]))
    assert (response.status, await response.read()) == (204, b'')
    assert await is_verified()


async def test_a_token_works_once(client, token, is_verified, run):
    statuses = [each.status for each in await asyncio.gather(*(confirm(client, token) for _ in range(8)))]
    assert sorted(statuses) == [204] + [400] * 7
    assert (await confirm(client, token)).status == 400
    assert await is_verified()


async def test_a_changed_address_is_not_verified(client, token, is_verified, run, outbox):
    assert (await confirm(client, token)).status == 204
    await run(models().User.update(email='ada@new.example').where(models().User.username == 'ada').execute)
    assert not await is_verified()
    assert (await confirm(client, token)).status == 400
    await ask(client)
    assert outbox[-1].to == ['ada@new.example']
    assert (await confirm(client, token_of(outbox[-1]))).status == 204
    assert await is_verified()


async def test_the_token_of_another_address_verifies_nothing(client, token, is_verified, run):
    await run(models().User.update(email='bob@shop.example').where(models().User.username == 'ada').execute)
    assert (await confirm(client, token)).status == 400
    assert not await is_verified()


async def test_a_token_expires(client, token, is_verified, monkeypatch):
    now = time.time()
    monkeypatch.setattr('time.time', lambda: now + 3 * 24 * 3600 + 1)
    body = await error_of(await confirm(client, token), 400)
    assert body['details'] == {'body': {'token': ['Is not valid, or not any more.']}}
    assert not await is_verified()


async def test_a_token_to_reset_the_password_is_none(client, outbox, is_verified):
    await client.post('/auth/password/reset', json={'email': 'ada@shop.example'})
    assert (await confirm(client, token_of(outbox.pop()))).status == 400
    assert not await is_verified()


async def test_nothing_is_sent_to_who_is_verified_or_has_no_address(client, token, outbox, run):
    assert (await confirm(client, token)).status == 204
    assert (await ask(client)).status == 202
    await run(models().User.update(email=None).execute)
    assert (await ask(client)).status == 202
    assert len(outbox) == 1


async def test_nobody(client):
    await error_of(await ask(client), 401)


async def test_nobody_floods_a_mailbox(client, outbox):
    await log_in(client)
    assert [(await ask(client)).status for _ in range(6)] == [202] * 5 + [429]


async def test_events(client, token, caplog):
    caplog.set_level(logging.DEBUG)
    await confirm(client, token)
    assert events(caplog) == [('email_verified', '1')]
    assert token not in caplog.text
