"""Being told that a task has ended, over one connection for however many wait."""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from redis.exceptions import RedisError

from colibris.taskqueue.errors import TaskQueueUnavailable
from colibris.taskqueue.rq.keys import ended_channel, job_key

__all__ = ['Notifications']

logger = logging.getLogger(__name__)

Send = Callable[[Sequence[tuple[Any, ...]]], Awaitable[list[Any]]]

_FINAL = {None, b'finished', b'failed', b'canceled', b'stopped'}


class Notifications:
    """Wakes those who wait for the end of a task.

    A worker publishes a task's end on a channel of its own. Should a message be lost, as when Redis is started
    anew, the tasks' states are looked up every so often.

    :param client: makes the connection for messages.
    :param send: sends commands over the other connections.
    :param poll_interval: how many seconds lie between two look-ups.
    """

    def __init__(self, client: Any, send: Send, poll_interval: float) -> None:
        self._client = client
        self._send = send
        self._poll_interval = poll_interval
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._pubsub: Any = None
        self._jobs: list[asyncio.Task[None]] = []

    @contextlib.asynccontextmanager
    async def of(self, task_id: str) -> AsyncIterator[asyncio.Event]:
        """An event that is set when the task may have ended; whoever waits clears it and looks."""
        event = asyncio.Event()
        self._waiting[task_id].add(event)
        try:
            await self._subscribe(task_id)
            yield event
        finally:
            await self._forget(task_id, event)

    async def close(self) -> None:
        """Stop listening."""
        jobs, self._jobs = self._jobs, []
        pending = set(jobs)
        while pending:  # redis-py swallows a cancellation that comes while it connects
            for job in pending:
                job.cancel()
            _, pending = await asyncio.wait(pending, timeout=0.1)

    async def _subscribe(self, task_id: str) -> None:
        if not self._jobs:
            self._jobs = [asyncio.create_task(self._listen()), asyncio.create_task(self._poll())]
        if self._pubsub is not None and len(self._waiting[task_id]) == 1:
            # Without the connection the listener subscribes to everything when it has a new one.
            with contextlib.suppress(RedisError, OSError):
                await self._pubsub.subscribe(ended_channel(task_id))

    async def _forget(self, task_id: str, event: asyncio.Event) -> None:
        self._waiting[task_id].discard(event)
        if self._waiting[task_id]:
            return
        del self._waiting[task_id]
        if self._pubsub is not None:
            with contextlib.suppress(RedisError, OSError):
                await self._pubsub.unsubscribe(ended_channel(task_id))

    async def _listen(self) -> None:
        while True:
            try:
                await self._receive()
            except (RedisError, OSError) as exc:
                logger.warning('lost the connection for results: %s; looking for them instead', exc)
            await asyncio.sleep(self._poll_interval)

    async def _receive(self) -> None:
        pubsub = self._client.pubsub()
        try:
            await pubsub.subscribe(ended_channel(''))  # nobody's, but it makes the connection
            self._pubsub = pubsub
            await pubsub.subscribe(*map(ended_channel, self._waiting), ended_channel(''))
            async for message in pubsub.listen():
                # A confirmed subscription wakes too: the task may have ended before it.
                if message['type'] in ('message', 'subscribe'):
                    self._wake(message['channel'].decode().removeprefix(ended_channel('')))
        finally:
            self._pubsub = None
            with contextlib.suppress(RedisError, OSError):
                await pubsub.aclose()

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(self._poll_interval)
            task_ids = list(self._waiting)
            if not task_ids:
                continue
            with contextlib.suppress(TaskQueueUnavailable):
                answers = await self._send([('HGET', job_key(task_id), 'status') for task_id in task_ids])
                for task_id, status in zip(task_ids, answers, strict=True):
                    if status in _FINAL:
                        self._wake(task_id)

    def _wake(self, task_id: str) -> None:
        for event in self._waiting.get(task_id, ()):
            event.set()
