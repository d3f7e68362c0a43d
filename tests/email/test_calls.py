"""The functions that applications call."""

import asyncio
import inspect

import pytest

from colibris import bridge, email
from colibris.app import create_app
from colibris.conf.backends import BackendNotConfigured
from colibris.email import DeliveryError, EmailMessage, InvalidMessage
from colibris.email.memory import MemoryBackend
from colibris.email.slot import slot
from tests.email.servers import HOST

SECONDS = 60


class PickyBackend(MemoryBackend):
    """Takes everything but what is called ``bad``."""

    async def deliver(self, message):
        if message.subject == 'bad':
            raise DeliveryError('it is bad')
        await super().deliver(message)


@pytest.fixture
def backend():
    with slot.replace(PickyBackend(default_from='Us <us@example.com>')) as picky:
        yield picky


def message(subject='good', **options):
    return EmailMessage(subject, to='to@example.com', **options)


async def test_sent_when_it_returns(backend):
    await email.send_now(message())
    await email.send_now(message('second', from_='me@example.com'))
    assert [(item.subject, item.from_) for item in backend.outbox] == [
        ('good', 'Us <us@example.com>'),
        ('second', 'me@example.com'),
    ]


def test_plain_code_waits_through_the_bridge(backend):
    bridge.wait(email.send_now(message()))
    bridge.wait(email.send_many([message(), message()]))
    assert len(backend.outbox) == 3


async def test_errors_are_raised(backend):
    with pytest.raises(DeliveryError, match='it is bad'):
        await email.send_now(message('bad'))
    with pytest.raises(InvalidMessage, match='no recipients'):
        await email.send_now(EmailMessage('good'))


async def test_every_one_of_many_is_tried(backend):
    with pytest.raises(ExceptionGroup, match='2 of 4 messages were not sent') as caught:
        await email.send_many(message(subject) for subject in ('bad', 'good', 'bad', 'good'))
    assert [type(error) for error in caught.value.exceptions] == [DeliveryError, DeliveryError]
    assert [error.email.subject for error in caught.value.exceptions] == ['bad', 'bad']
    assert [item.subject for item in backend.outbox] == ['good', 'good']


async def test_none_of_many_is_sent_if_one_is_unusable(backend):
    with pytest.raises(InvalidMessage):
        await email.send_many([message(), EmailMessage('nobody')])
    assert backend.outbox == []


async def test_none_of_none(backend):
    await email.send_many([])
    assert backend.outbox == []


async def test_not_configured(project):
    project()
    for call in (email.send_now(message()), email.send_many([message()])):
        with pytest.raises(BackendNotConfigured, match='EMAIL is not set'):
            await call
    with pytest.raises(BackendNotConfigured, match='EMAIL is not set'):
        email.get_backend()


def test_arguments():
    parameters = inspect.signature(EmailMessage).parameters
    assert list(parameters) == [
        'subject', 'body', 'to', 'cc', 'bcc', 'reply_to', 'from_', 'html', 'headers', 'attachments',
    ]  # fmt: skip
    assert list(inspect.signature(EmailMessage.attach).parameters) == ['self', 'name', 'data', 'type']


ROUTES = """
from colibris import bridge, email


def message(subject):
    return email.EmailMessage(subject, 'body', to='a@example.com')


def plain(request):
    bridge.wait(email.send_now(message('plain')))
    return 'sent'


async def explicit(request):
    await email.send_now(message('explicit'))
    return 'sent'


async def forget(request):
    email.send(message('forgotten'))
    return 'sent'


def other(request):
    return 'here'


ROUTES = [('/plain', plain), ('/explicit', explicit), ('/forget', forget), ('/other', other)]
"""


@pytest.fixture
async def client(project, mail_server, aiohttp_client):
    """A client of a project whose messages go to the mail server."""
    options = {'backend': 'colibris.email.smtp.SMTPBackend', 'default_from': 'us@example.com'}
    project(settings=f'EMAIL = {options | {"host": HOST, "port": mail_server.port}!r}', routes=ROUTES)
    return await aiohttp_client(create_app())


@pytest.mark.parametrize('path', ['plain', 'explicit'])
async def test_handlers_that_wait_keep_nobody_else_waiting(client, mail_server, path):
    release = mail_server.hold('DATA')
    waiting = asyncio.create_task(client.get(f'/{path}'))
    async with asyncio.timeout(SECONDS):
        while mail_server.answers['DATA']:
            await asyncio.sleep(0.001)
        for _ in range(3):
            assert await (await client.get('/other')).json() == 'here'
        assert not waiting.done()
        release()
        assert await (await waiting).json() == 'sent'
    (arrived,) = mail_server.arrived
    assert arrived.message['Subject'] == path


async def test_fire_and_forget_in_handlers(client, mail_server):
    release = mail_server.hold('DATA')
    async with asyncio.timeout(SECONDS):
        for _ in range(3):
            assert await (await client.get('/forget')).json() == 'sent'
        assert mail_server.arrived == []
        release()
        await client.close()
    assert [arrived.message['Subject'] for arrived in mail_server.arrived] == ['forgotten'] * 3
    assert mail_server.connections <= 4
