"""Forgotten passwords."""

import asyncio
import logging
import time

import pytest

from colibris import accounts
from tests.accounts.conftest import NEW, PASSWORD, events, log_in, models, token_of, who
from tests.views.serving import error_of

WRONG = {'body': {'token': ['Is not valid, or not any more.']}}


async def ask(client, address='ada@shop.example'):
    return await client.post('/auth/password/reset', json={'email': address})


async def confirm(client, token, new=NEW):
    return await client.post('/auth/password/reset/confirm', json={'token': token, 'new_password': new})


@pytest.fixture
async def token(client, outbox):
    """The token that ada has been sent."""
    assert (await ask(client)).status == 202
    return token_of(outbox.pop())


async def test_there_and_back(client, outbox):
    response = await ask(client)
    assert (response.status, await response.read()) == (202, b'')
    (message,) = outbox
    assert message.to == ['ada@shop.example']
    assert message.subject == 'Reset your password'
    assert 'https://shop.example/#/reset/' in message.body
    response = await confirm(client, token_of(message))
    assert (response.status, await response.read()) == (204, b'')
    assert await who(client) is None
    assert (await log_in(client)).status == 401
    assert (await log_in(client, NEW)).status == 204
    assert (await log_in(client, login='bob')).status == 204


async def test_a_token_works_once(client, token):
    assert (await confirm(client, token)).status == 204
    body = await error_of(await confirm(client, token, 'another password'), 400)
    assert body['details'] == WRONG
    assert (await log_in(client, NEW)).status == 204


async def test_a_token_works_once_at_the_same_time_too(client, token):
    news = [f'{NEW} number {number}' for number in range(8)]
    statuses = [each.status for each in await asyncio.gather(*(confirm(client, token, new) for new in news))]
    assert sorted(statuses) == [204] + [400] * 7
    assert (await log_in(client, news[statuses.index(204)])).status == 204


async def test_a_reset_ends_every_token_and_session(client, outbox):
    await ask(client)
    await ask(client)
    first, second = map(token_of, outbox)
    await log_in(client)
    assert await who(client) == 'ada'
    assert (await confirm(client, second)).status == 204
    assert (await confirm(client, first)).status == 400
    assert await who(client) is None


async def test_a_token_expires(client, token, monkeypatch):
    now = time.time()
    monkeypatch.setattr('time.time', lambda: now + 3601)
    assert (await error_of(await confirm(client, token), 400))['details'] == WRONG
    monkeypatch.setattr('time.time', lambda: now + 3590)
    assert (await confirm(client, token)).status == 204


@pytest.mark.parametrize('change', [{'password': 'something else'}, {'email': 'ada@new.example'}])
async def test_a_token_ends_with_what_it_was_made_for(client, run, token, change):
    await run(models().User.update(**change).where(models().User.username == 'ada').execute)
    assert (await confirm(client, token)).status == 400


async def test_a_token_ends_with_its_account(client, run, token):
    await run(models().User.delete().where(models().User.username == 'ada').execute)
    assert (await confirm(client, token)).status == 400


def tampered(token):
    identity, expires, signature = token.split('.')
    yield f'Mg.{expires}.{signature}'  # bob's
    yield f'{identity}.{int(expires) + 1}.{signature}'
    yield f'{identity}.0{expires}.{signature}'
    yield f'{identity}. {expires}.{signature}'
    yield f'{identity}.{expires}.{signature[:-1]}'
    yield f'{identity}.{expires}.{signature}='
    yield f'{identity}=.{expires}.{signature}'
    yield f'{identity}.{expires}.'
    yield f'{identity}.{expires}'
    yield f'{identity}.{"9" * 900}.{signature}'
    yield f'.{expires}.{signature}'
    yield f'____.{expires}.{signature}'
    yield f'{token}.{token}'
    yield token.swapcase()
    yield f'{token} '
    yield '..'
    yield 'x'
    yield '\0'


async def test_tampered_tokens(client, token):
    for wrong in tampered(token):
        response = await confirm(client, wrong)
        assert (response.status, (await response.json())['details']) == (400, WRONG), wrong
    assert (await confirm(client, 'x' * 1025)).status == 400
    assert (await confirm(client, None)).status == 400
    assert (await confirm(client, token)).status == 204


async def test_a_token_to_verify_an_address_is_none_to_reset_the_password(client, outbox, run):
    await run(lambda: accounts.get_backend().send_verification(models().User.get(username='ada')))
    assert (await confirm(client, token_of(outbox.pop()))).status == 400


async def test_a_token_of_another_secret_key_is_none(client, outbox):
    from colibris.conf import settings

    with settings.override(SECRET_KEY='another secret key, long enough for everything'):
        await ask(client)
    assert (await confirm(client, token_of(outbox.pop()))).status == 400


@pytest.mark.parametrize('new', ['short', 'password123', 'ada@shop.example'])
async def test_a_bad_password_does_not_use_the_token_up(client, token, new):
    body = await error_of(await confirm(client, token, new), 400)
    assert set(body['details']['body']) == {'new_password'}
    assert (await confirm(client, token)).status == 204


@pytest.mark.parametrize(
    'address', ['nobody@shop.example', 'ADA@other.example', "x'--@shop.example", '%@shop.example', 'ad_@shop.example']
)
async def test_the_answer_does_not_tell_who_is_known(client, outbox, address):
    known, unknown = await ask(client), await ask(client, address)
    assert (known.status, await known.read()) == (unknown.status, await unknown.read()) == (202, b'')
    assert set(known.headers) == set(unknown.headers)
    assert len(outbox) == 1


@pytest.mark.parametrize('address', ['', 'ada', 'ada@', None, 1, ['ada@shop.example'], 'a' * 300 + '@shop.example'])
async def test_no_address(client, outbox, address):
    assert (await ask(client, address)).status == 400
    assert outbox == []


async def test_case_does_not_matter_and_the_stored_address_is_written_to(client, run, outbox):
    await run(models().User.update(email='Ada@Shop.Example').where(models().User.username == 'ada').execute)
    await ask(client, 'aDA@shop.exAMPLE')
    assert [message.to for message in outbox] == [['Ada@Shop.Example']]


async def test_addresses_that_only_a_database_takes_for_the_same(serve_accounts, outbox):
    """Each of them would be another one to the limit that protects the mailbox."""
    client = await serve_accounts(engine='mysql')
    assert (await ask(client, 'ädä@shop.example')).status == 202
    assert not outbox
    assert (await ask(client, 'ADA@shop.example')).status == 202
    assert len(outbox) == 1


async def test_several_accounts_with_one_address(client, run, outbox):
    await run(models().User.update(email='both@shop.example').execute)
    await ask(client, 'both@shop.example')
    assert [message.to for message in outbox] == [['both@shop.example']] * 2
    assert (await confirm(client, token_of(outbox[1]), 'of bob, I suppose')).status == 204
    assert (await confirm(client, token_of(outbox[0]), 'of ada, I suppose')).status == 204
    assert (await log_in(client, 'of ada, I suppose', 'ada')).status == 204
    assert (await log_in(client, 'of bob, I suppose', 'bob')).status == 204


async def test_accounts_that_others_give_the_same_address_do_not_push_it_out(client, run, outbox):
    for number in range(12):
        await run(models().User.create, username=f'a{number}', email='ada@shop.example')
    await ask(client)
    assert len(outbox) == 10
    assert (await confirm(client, token_of(outbox[0]))).status == 204
    assert (await log_in(client, NEW)).status == 204


async def test_an_account_without_a_password_gets_one(client, run, outbox):
    await run(models().User.update(password=None).where(models().User.username == 'ada').execute)
    await ask(client)
    assert (await confirm(client, token_of(outbox.pop()))).status == 204
    assert (await log_in(client, NEW)).status == 204


async def test_an_address_that_is_none_is_no_error(client, run, outbox, monkeypatch, caplog):
    """The answer would tell otherwise that there is such an account."""
    await run(models().User.update(email='ada@shop.example\n').execute)
    monkeypatch.setattr(
        accounts.AccountsBackend, 'find_by_email', lambda self, address: list(models().User.select().limit(1))
    )
    assert (await ask(client)).status == 202
    assert outbox == []
    assert 'an account cannot be written to' in caplog.text


async def test_nobody_floods_a_mailbox(client, outbox):
    statuses = [(await ask(client, address)).status for address in ['ada@shop.example'] * 5 + ['ADA@shop.example']]
    assert statuses == [202] * 5 + [429]
    assert len(outbox) == 5
    assert (await ask(client, 'bob@shop.example')).status == 202


async def test_links_are_not_made_from_what_the_client_says(client, outbox):
    headers = {'Host': 'evil.example', 'X-Forwarded-Host': 'evil.example'}
    await client.post('/auth/password/reset', json={'email': 'ada@shop.example'}, headers=headers)
    assert 'evil' not in outbox.pop().body


async def test_events(client, outbox, caplog):
    caplog.set_level(logging.DEBUG)
    await ask(client)
    await ask(client, 'nobody@shop.example')
    token = token_of(outbox.pop())
    await confirm(client, token)
    await confirm(client, token)
    assert events(caplog) == [
        ('password_reset_requested', '1'), ('password_reset', '1'), ('password_reset_failed', None),
    ]  # fmt: skip
    assert token not in caplog.text
    assert NEW not in caplog.text
    assert PASSWORD not in caplog.text
