"""Messages through the task queue."""

import asyncio
import logging
import subprocess
import sys
import time

import pytest

from colibris import bridge, email
from colibris.email.slot import slot
from colibris.email.taskqueue import TaskQueueBackend
from colibris.errors import ConfigurationError
from colibris.persist import atomic, get_database
from colibris.taskqueue import TaskQueueUnavailable
from colibris.taskqueue.local import LocalBackend
from colibris.taskqueue.slot import slot as taskqueue_slot
from colibris.test.email import EmailBackendContract
from tests.email.servers import HOST
from tests.taskqueue.conftest import redis_url
from tests.taskqueue.processes import write_project

__all__ = ['redis_url']

SECONDS = 60
MEMORY = {'backend': 'colibris.email.memory.MemoryBackend'}
MESSAGE = email.EmailMessage('Grüße', 'body', to='a@example.com', from_='b@example.com')


@pytest.fixture
def queue():
    """A task queue in threads of this process."""
    backend = LocalBackend(workers=2)
    with taskqueue_slot.replace(backend):
        yield backend
        bridge.wait(backend.stop())


@pytest.fixture
def queued(queue):
    """The backend under test, whose messages end in memory."""
    backend = TaskQueueBackend(MEMORY)
    with slot.replace(backend):
        yield backend


def wait_until_idle(queue):
    deadline = time.monotonic() + SECONDS
    while any(state.waiting or state.running for state in queue.status().queues):
        assert time.monotonic() < deadline
        time.sleep(0.005)


class TestTaskQueueBackend(EmailBackendContract):
    @pytest.fixture
    def backend(self, queued):
        return queued

    @pytest.fixture
    def arrived(self, queue, queued):
        def read():
            wait_until_idle(queue)
            return [message.subject for message in queued.delivery.outbox]

        return read


def test_message_arrives_as_it_was(queue, queued):
    message = email.EmailMessage('ü', 'body', html='<p>', to='a@b.c', bcc=['d@e.f'], from_='x@y.z')
    message.attach('ä.bin', bytes(range(256)))
    message.embed('logo.png', b'\x89')
    sealed = message.seal()
    bridge.wait(queued.deliver(sealed))
    wait_until_idle(queue)
    (found,) = queued.delivery.outbox
    assert vars(found) == vars(sealed)


@pytest.mark.parametrize('where', ['plain', 'driven'])
def test_message_goes_out_with_the_commit(queue, queued, project, where):
    def work():
        with pytest.raises(ZeroDivisionError), atomic():
            email.send(MESSAGE)
            _ = 1 / 0
        with atomic():
            email.send(email.EmailMessage('kept', to='a@b.c', from_='x@y.z'))
            assert not any(state.waiting or state.running for state in queue.status().queues)

    async def main():
        await bridge.run(work)
        await get_database().stop()

    project(settings="DATABASE = {'backend': 'colibris.persist.SQLiteBackend', 'name': 'sample.db'}")
    asyncio.run(main()) if where == 'driven' else work()
    wait_until_idle(queue)
    assert [message.subject for message in queued.delivery.outbox] == ['kept']


class WaitingQueue(LocalBackend):
    def submit(self, call):
        bridge.wait(asyncio.sleep(0))
        return super().submit(call)


async def test_code_that_cannot_wait(caplog):
    with taskqueue_slot.replace(WaitingQueue()) as queue, slot.replace(TaskQueueBackend(MEMORY)) as queued:
        await queue.start()
        await queued.start()
        email.send(MESSAGE)
        await queued.stop()
        await asyncio.to_thread(wait_until_idle, queue)
        await queue.stop()
    assert [message.subject for message in queued.delivery.outbox] == ['Grüße']
    assert caplog.records == []


class BrokenQueue(LocalBackend):
    def submit(self, call):
        raise TaskQueueUnavailable('the queue is away')


def test_queue_that_is_away(caplog):
    with taskqueue_slot.replace(BrokenQueue()), slot.replace(TaskQueueBackend(MEMORY)):
        email.send(MESSAGE)
        with pytest.raises(
            email.DeliveryError, match='the task queue does not take the message: the queue is away'
        ) as caught:
            bridge.wait(email.send_now(MESSAGE))
    assert caught.value.is_temporary
    assert 'was not sent: the task queue does not take the message: the queue is away' in caplog.text


def test_no_queue(project, caplog):
    project()
    with slot.replace(TaskQueueBackend(MEMORY)):
        email.send(MESSAGE)
    assert 'TASK_QUEUE' in caplog.text
    assert caplog.records[-1].levelno == logging.ERROR


@pytest.mark.parametrize(
    ('delivery', 'problem'),
    [
        ({}, "'delivery': must name a backend"),
        (None, "'delivery': must name a backend"),
        ('smtp', "'delivery': must be a dictionary"),
        ({'backend': 'absent.Backend'}, "'delivery': there is no module 'absent'"),
        ({'backend': 'os.path.join'}, "'delivery': os.path.join is no subclass of"),
        ({'backend': 'colibris.email.smtp.SMTPBackend'}, "'delivery': 'host' is missing"),
    ],
)
def test_wrong_options(delivery, problem):
    with pytest.raises(ConfigurationError, match=f'^{problem}'):
        TaskQueueBackend(delivery)


def test_password_does_not_show(project):
    delivery = {'backend': 'colibris.email.smtp.SMTPBackend', 'host': 5, 'username': 'ada', 'password': 'hidden'}
    project(settings=f"EMAIL = {{'backend': 'colibris.email.taskqueue.TaskQueueBackend', 'delivery': {delivery!r}}}")
    with pytest.raises(ConfigurationError, match="'host' must be a text") as caught:
        email.get_backend()
    assert 'hidden' not in str(caught.value)


@pytest.mark.usefixtures('redis_url')
def test_worker_of_its_own(tmp_path, redis_url, mail_server):
    manage = write_project(tmp_path, 'mailing', url=redis_url)
    delivery = {'backend': 'colibris.email.smtp.SMTPBackend', 'host': HOST, 'port': mail_server.port}
    configuration = {
        'backend': 'colibris.email.taskqueue.TaskQueueBackend',
        'default_from': 'Zoë <zoe@example.com>',
        'delivery': delivery,
    }
    with (manage.parent / 'settings.py').open('a') as file:
        file.write(f'\nEMAIL = {configuration!r}\n')
    run(manage, 'sendtestemail', 'ada@example.com')
    assert mail_server.arrived == []
    run(manage, 'runworker', '--burst')
    (arrived,) = mail_server.arrived
    assert (arrived.sender, arrived.recipients) == ('zoe@example.com', ['ada@example.com'])
    assert arrived.message['From'] == 'Zoë <zoe@example.com>'


def run(manage, *arguments):
    result = subprocess.run([sys.executable, manage, *arguments], capture_output=True, text=True, timeout=SECONDS)
    assert result.returncode == 0, result.stderr
