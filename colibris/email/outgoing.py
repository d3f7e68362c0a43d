"""Messages that are sent in the background."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from colibris import bridge
from colibris.email.errors import EmailError
from colibris.email.message import EmailMessage

__all__ = ['Outgoing', 'log_failure']

CANCEL_SECONDS = 1
STOPPED = 'everything stopped before it was sent'

logger = logging.getLogger(__name__)


class Outgoing:
    """Delivers messages without making their senders wait, and loses none silently.

    On the event loop that it was opened for, and where nothing could wait, each message gets a task. Anywhere else
    (commands, workers, the shell, threads) nobody would see to a task's end, so the sender waits for the delivery.

    :param deliver: sends one message.
    :param limit: the largest number of messages under way.
    """

    def __init__(self, deliver: Callable[[EmailMessage], Coroutine[Any, Any, None]], limit: int) -> None:
        self._deliver = deliver
        self._limit = limit
        self._tasks: dict[asyncio.Task[None], EmailMessage] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def is_open(self) -> bool:
        """Whether the running event loop is the one that :meth:`open` was called in."""
        return bridge.is_loop_running() and asyncio.get_running_loop() is self._loop

    def open(self) -> None:
        """From now on :meth:`close` will be called at the end of the running event loop."""
        self._loop = asyncio.get_running_loop()

    def add(self, message: EmailMessage) -> None:
        """Deliver a message; what goes wrong is logged."""
        if self.is_open or (bridge.is_loop_running() and not bridge.is_driven()):
            self._start(message)
        else:
            bridge.wait(self._deliver_now(message))

    async def close(self, seconds: float) -> None:
        """Wait until no message is under way, ``seconds`` at most; what is left then is logged as lost."""
        self._loop = None
        loop = asyncio.get_running_loop()
        tasks = [task for task in list(self._tasks) if task.get_loop() is loop]
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=CANCEL_SECONDS)

    def _start(self, message: EmailMessage) -> None:
        if len(self._tasks) >= self._limit:
            _log_loss(message, f'{self._limit} messages are under way already')
            return
        task = asyncio.get_running_loop().create_task(bridge.drive(self._deliver(message)))
        self._tasks[task] = message
        task.add_done_callback(self._finish)

    async def _deliver_now(self, message: EmailMessage) -> None:
        try:
            await self._deliver(message)
        except Exception as exc:
            log_failure(message, exc)
        except BaseException:
            _log_loss(message, STOPPED)
            raise

    def _finish(self, task: 'asyncio.Task[None]') -> None:
        message = self._tasks.pop(task)
        if task.cancelled():
            _log_loss(message, STOPPED)
        elif error := task.exception():
            log_failure(message, error)


def log_failure(message: EmailMessage, error: BaseException) -> None:
    """Log that a sealed message was not sent; with a traceback unless the error says enough."""
    unexpected = None if isinstance(error, EmailError) else error
    logger.error('%r to %s was not sent: %s', message, _recipients(message), error, exc_info=unexpected)


def _log_loss(message: EmailMessage, reason: str) -> None:
    logger.error('%r to %s is lost: %s', message, _recipients(message), reason)


def _recipients(message: EmailMessage) -> str:
    return ', '.join(message.recipients)
