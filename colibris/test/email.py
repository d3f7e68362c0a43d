"""What every e-mail backend has to do, as tests; for people who write their own."""

import asyncio
from collections.abc import Callable, Iterable

import pytest

from colibris import bridge
from colibris.email import EmailBackend, EmailMessage

__all__ = ['EmailBackendContract']

COUNT = 5
SECONDS = 60

Arrived = Callable[[], Iterable[str]]


class EmailBackendContract:
    """Inherit it in a class whose name starts with ``Test``, and give it the two fixtures."""

    @pytest.fixture
    def backend(self) -> EmailBackend:
        """The backend, which has not been started."""
        raise NotImplementedError

    @pytest.fixture
    def arrived(self) -> Arrived:
        """A function that returns a text for each message that has arrived; the message's subject stands in it."""
        raise NotImplementedError

    async def test_message_has_arrived_when_it_is_delivered(self, backend: EmailBackend, arrived: Arrived) -> None:
        await bridge.drive(backend.deliver(message_of('first')))
        check_arrived(arrived, 'first')
        await bridge.drive(backend.deliver(message_of('second')))
        check_arrived(arrived, 'first', 'second')

    async def test_kinds_of_messages(self, backend: EmailBackend, arrived: Arrived) -> None:
        texts = EmailMessage('subject-texts', 'Grüße,\n.\r\n' + 'x' * 2000, html='日本語', to='Zoë, Ü. <z@example.com>')
        copies = EmailMessage('subject-copies', cc='a@example.com', bcc=['b@example.com'], headers={'X-Y': 'Ж' * 200})
        files = EmailMessage('subject-files', to='a@example.com', attachments=[('ж 日.bin', bytes(range(256)) * 4000)])
        files.embed('logo.png', b'\x89PNG')
        for message in (texts, copies, files):
            await bridge.drive(backend.deliver(message.seal('sender@example.com')))
        check_arrived(arrived, 'texts', 'copies', 'files')

    async def test_many_together(self, backend: EmailBackend, arrived: Arrived) -> None:
        names = [f'number{number}' for number in range(COUNT)]
        failures = await bridge.drive(backend.deliver_many(map(message_of, names)))
        if failures:
            raise AssertionError(f'messages were not sent: {failures}')
        check_arrived(arrived, *names)

    async def test_many_at_the_same_time(self, backend: EmailBackend, arrived: Arrived) -> None:
        names = [f'number{number}' for number in range(COUNT)]
        await backend.start()
        await asyncio.gather(*(bridge.drive(backend.deliver(message_of(name))) for name in names))
        await backend.stop()
        check_arrived(arrived, *names)

    async def test_background(self, backend: EmailBackend, arrived: Arrived) -> None:
        names = [f'number{number}' for number in range(COUNT)]
        await bridge.drive(backend.start())
        for name in names:
            await bridge.run(backend.post, message_of(name))
        async with asyncio.timeout(SECONDS):
            await bridge.drive(backend.stop())
        check_arrived(arrived, *names)

    async def test_background_of_code_that_cannot_wait(self, backend: EmailBackend, arrived: Arrived) -> None:
        await backend.start()
        backend.post(message_of('callback'))
        async with asyncio.timeout(SECONDS):
            await backend.stop()
        check_arrived(arrived, 'callback')

    def test_without_event_loop(self, backend: EmailBackend, arrived: Arrived) -> None:
        backend.post(message_of('first'))
        backend.post(message_of('second'))
        check_arrived(arrived, 'first', 'second')

    async def test_cancelled_delivery_does_not_disturb_the_next(self, backend: EmailBackend, arrived: Arrived) -> None:
        async def deliver(name: str) -> None:
            await bridge.drive(backend.deliver(message_of(name)))

        await backend.start()
        for steps in range(COUNT):
            task = asyncio.create_task(deliver('cancelled'))
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
        await deliver('after')
        await backend.stop()
        check_arrived(lambda: [text for text in arrived() if 'subject-cancelled' not in text], 'after')

    async def test_stopped_and_started_again(self, backend: EmailBackend, arrived: Arrived) -> None:
        for name in ('first', 'second'):
            await backend.start()
            await bridge.run(backend.post, message_of(name))
            await backend.stop()
        check_arrived(arrived, 'first', 'second')


def message_of(subject: str) -> EmailMessage:
    """A message that is ready to be sent."""
    message = EmailMessage(f'subject-{subject}', 'body', to='recipient@example.com')
    return message.seal('sender@example.com')


def check_arrived(arrived: Arrived, *names: str) -> None:
    """Check that exactly these messages have arrived, in any order.

    :raises AssertionError: they have not.
    """
    texts = list(arrived())
    for name in names:
        count = sum(f'subject-{name}' in text for text in texts)
        if count != 1:
            raise AssertionError(f'the message {name!r} has arrived {count} times')
    if len(texts) != len(names):
        raise AssertionError(f'{len(texts)} messages have arrived instead of {len(names)}')
