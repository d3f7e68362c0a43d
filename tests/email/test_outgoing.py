"""Fire and forget: what happens to messages that nobody waits for."""

import asyncio
import logging
import threading

import pytest

from colibris import bridge, email
from colibris.email import DeliveryError, EmailBackend, EmailMessage
from colibris.email.slot import slot
from colibris.errors import ConfigurationError

SECONDS = 30


class HeldBackend(EmailBackend):
    """Delivers when the test says so."""

    def __init__(self, error=None, **options):
        super().__init__(default_from='from@example.com', **options)
        self.error = error
        self.begun, self.delivered = [], []
        self.may_go_on = asyncio.Event()

    async def deliver(self, message):
        self.begun.append(message.subject)
        await self.may_go_on.wait()
        if self.error:
            raise self.error
        self.delivered.append(message.subject)


class FailingBackend(EmailBackend):
    """Delivers nothing."""

    def __init__(self, error):
        super().__init__(default_from='from@example.com')
        self.error = error

    async def deliver(self, message):
        raise self.error


@pytest.fixture
def backend():
    with slot.replace(HeldBackend()) as held:
        yield held


def message(subject='subject', **options):
    return EmailMessage(subject, 'the body', **{'to': 'to@example.com', 'bcc': 'copy@example.com', **options})


async def send(*messages):
    """What a handler does."""
    for item in messages:
        email.send(item)


async def turns(count=5):
    for _ in range(count):
        await asyncio.sleep(0)


async def test_handlers_do_not_wait(backend):
    await backend.start()
    await bridge.drive(send(message('first'), message('second')))
    await turns()
    assert (backend.begun, backend.delivered) == (['first', 'second'], [])
    backend.may_go_on.set()
    await backend.stop()
    assert backend.delivered == ['first', 'second']


async def test_message_is_sent_as_it_was(backend):
    await backend.start()
    changing = message('before')
    email.send(changing)
    changing.subject = 'after'
    backend.may_go_on.set()
    await backend.stop()
    assert backend.delivered == ['before']


@pytest.mark.parametrize('error', [DeliveryError('no such user'), RuntimeError('a bug')])
async def test_errors_in_the_background_are_logged(error, caplog):
    with slot.replace(FailingBackend(error)) as backend:
        await backend.start()
        email.send(message())
        await backend.stop()
    check_logged(caplog, error)


@pytest.mark.parametrize('error', [DeliveryError('no such user'), RuntimeError('a bug')])
def test_errors_of_commands_are_logged(error, caplog):
    with slot.replace(FailingBackend(error)):
        email.send(message())
    check_logged(caplog, error)


def check_logged(caplog, error):
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert f'to to@example.com, copy@example.com was not sent: {error}' in record.message
    assert bool(record.exc_info) == isinstance(error, RuntimeError)
    assert 'the body' not in caplog.text


@pytest.mark.parametrize(
    ('options', 'problem'),
    [({'to': []}, 'the message has no recipients'), ({'subject': 'a\nBcc: x@y.z'}, 'subject holds a line break')],
)
def test_unusable_messages_are_logged(backend, caplog, options, problem):
    unusable = message(bcc=())
    vars(unusable).update(options)
    email.send(unusable)
    (record,) = caplog.records
    assert record.message.startswith('<EmailMessage to [')
    assert f' was not sent: {problem}' in record.message
    assert backend.begun == []


def test_no_backend_is_logged(project, caplog):
    project()
    email.send(message())
    assert "<EmailMessage to ['to@example.com']> was not sent: EMAIL is not set" in caplog.text


def test_wrong_setting_is_logged(project, caplog):
    project(settings="EMAIL = {'backend': 'colibris.email.smtp.SMTPBackend', 'host': 5, 'password': 'hidden'}")
    email.send(message())
    assert "'host' must be a text" in caplog.text
    assert 'hidden' not in caplog.text


async def test_stop_waits_for_what_is_under_way(backend):
    await backend.start()
    email.send(message())
    stopping = asyncio.create_task(backend.stop())
    await turns()
    assert not stopping.done()
    backend.may_go_on.set()
    await stopping
    assert backend.delivered == ['subject']


async def test_what_is_late_is_logged_as_lost(caplog):
    with slot.replace(HeldBackend(stop_timeout=0.01)) as backend:
        await backend.start()
        email.send(message('first'))
        email.send(message('second'))
        async with asyncio.timeout(SECONDS):
            await backend.stop()
    assert len(caplog.records) == 2
    for record in caplog.records:
        assert record.levelno == logging.ERROR
        assert 'to to@example.com, copy@example.com is lost: everything stopped before it was sent' in record.message


async def test_there_is_a_largest_number(caplog):
    with slot.replace(HeldBackend(max_pending=2)) as backend:
        await backend.start()
        for subject in ('first', 'second', 'third'):
            email.send(message(subject))
        assert 'to to@example.com, copy@example.com is lost: 2 messages are under way already' in caplog.text
        backend.may_go_on.set()
        await backend.stop()
        assert backend.delivered == ['first', 'second']


def test_loop_that_ends_without_a_stop(backend, caplog):
    async def main():
        email.send(message())
        await turns()

    asyncio.run(main())
    assert backend.begun == ['subject']
    assert 'is lost: everything stopped before it was sent' in caplog.text


def test_interrupted_command(caplog):
    with slot.replace(FailingBackend(KeyboardInterrupt())), pytest.raises(KeyboardInterrupt):
        email.send(message())
    assert 'is lost: everything stopped before it was sent' in caplog.text


def test_commands_wait(backend):
    backend.may_go_on.set()
    email.send(message())
    assert backend.delivered == ['subject']


async def test_threads_beside_a_server_wait(backend):
    await backend.start()
    backend.may_go_on.set()
    seen = []

    def work():
        email.send(message())
        seen.extend(backend.delivered)

    thread = threading.Thread(target=work)
    thread.start()
    await asyncio.to_thread(thread.join, SECONDS)
    assert seen == ['subject']
    await backend.stop()


@pytest.mark.parametrize('value', [-1, True, '5', float('nan')])
def test_wrong_stop_timeout(value):
    with pytest.raises(ConfigurationError, match="'stop_timeout' must be a number of seconds"):
        HeldBackend(stop_timeout=value)
