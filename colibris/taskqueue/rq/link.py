"""How commands get to Redis: over a few connections, and with an error in less than a second."""

import asyncio
import contextlib
import time
import weakref
from collections.abc import AsyncIterator, Sequence
from typing import Any

import redis
import redis.asyncio
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from colibris import bridge
from colibris.taskqueue.errors import TaskQueueUnavailable
from colibris.taskqueue.rq.notifications import Notifications

__all__ = ['Command', 'Link']

Command = tuple[Any, ...]

CONNECTIONS = 4
"""The most connections of a loop, besides the one for notifications."""

PATIENCE = 0.7
"""How many seconds a command may take: the caller hears of a dead server before a second is over."""

_FAILURES = (RedisError, OSError, TimeoutError)


class Link:
    """Sends commands to one Redis database, from driven coroutines and from plain code.

    :param options: where the database is, as redis-py's clients take it.
    :param poll_interval: after how many seconds to look for results that no notification has told of.
    """

    def __init__(self, options: dict[str, Any], poll_interval: float) -> None:
        self._options = options
        self.poll_interval = poll_interval
        self.client = self.make_client(socket_timeout=PATIENCE)
        self._sides: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _LoopSide] = weakref.WeakKeyDictionary()

    def make_client(self, **options: Any) -> 'redis.Redis':
        """A synchronous client; no connection is made yet."""
        own = {'socket_connect_timeout': PATIENCE, 'retry': redis.retry.Retry(NoBackoff(), 0)}
        return redis.Redis(**{**own, **self._options, **options})

    def send(self, *commands: Command) -> list[Any]:
        """Send commands in one go, and return their answers; waits through the bridge.

        :raises TaskQueueUnavailable: Redis cannot be reached; it may have got the commands all the same.
        """
        if bridge.is_loop_running():
            return bridge.wait(self.asend(*commands))
        try:
            with self.client.pipeline(transaction=False) as pipeline:
                return _fill(pipeline, commands).execute()  # type: ignore[no-any-return]
        except _FAILURES as exc:
            raise _unavailable(exc) from exc

    async def asend(self, *commands: Command) -> list[Any]:
        """Send commands from a coroutine; see :meth:`send`."""
        async with self._side() as side:
            return await side.send(commands)

    @contextlib.asynccontextmanager
    async def notifications(self) -> AsyncIterator[Notifications]:
        """What tells of ended tasks, on the running loop."""
        async with self._side() as side:
            yield side.notifications

    async def open(self) -> None:
        """Keep the connections of the running loop until :meth:`close`; otherwise they last while they are used."""
        self._get_side().users += 1

    async def close(self) -> None:
        """Close the connections of the running loop, and of plain code."""
        side = self._sides.pop(asyncio.get_running_loop(), None)
        if side is not None:
            await side.close()
        self.client.close()

    def _get_side(self) -> '_LoopSide':
        loop = asyncio.get_running_loop()
        side = self._sides.get(loop)
        if side is None:
            side = self._sides[loop] = _LoopSide(self._options, self.poll_interval)
        return side

    @contextlib.asynccontextmanager
    async def _side(self) -> AsyncIterator['_LoopSide']:
        side = self._get_side()
        side.users += 1
        try:
            yield side
        finally:
            side.users -= 1
            if not side.users and self._sides.get(asyncio.get_running_loop()) is side:
                del self._sides[asyncio.get_running_loop()]
                await side.close()


class _LoopSide:
    """The connections of one event loop."""

    def __init__(self, options: dict[str, Any], poll_interval: float) -> None:
        self.users = 0
        self._gate = asyncio.Semaphore(CONNECTIONS)
        self._failed_at = -1.0
        self._client = redis.asyncio.Redis(
            **{'socket_connect_timeout': PATIENCE, **options},
            retry=redis.asyncio.retry.Retry(NoBackoff(), 0),
        )
        self.notifications = Notifications(self._client, self.send, poll_interval)

    async def send(self, commands: Sequence[Command]) -> list[Any]:
        """Send commands; of those that wait for a connection, none waits for a server that has just failed another."""
        began = time.monotonic()
        async with self._gate:
            if self._failed_at >= began:
                raise TaskQueueUnavailable
            try:
                async with asyncio.timeout(PATIENCE), self._client.pipeline(transaction=False) as pipeline:
                    return await _fill(pipeline, commands).execute()  # type: ignore[no-any-return]
            except _FAILURES as exc:
                self._failed_at = time.monotonic()
                raise _unavailable(exc) from exc

    async def close(self) -> None:
        await self.notifications.close()
        await self._client.aclose()


def _fill(pipeline: Any, commands: Sequence[Command]) -> Any:
    for command in commands:
        pipeline.execute_command(*command)
    return pipeline


def _unavailable(exc: BaseException) -> TaskQueueUnavailable:
    reason = str(exc) or type(exc).__name__
    return TaskQueueUnavailable(f'the task queue cannot be reached: {reason}')
