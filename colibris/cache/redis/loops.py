"""The clients of the event loops: a connection belongs to the loop on which it was made."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from redis.exceptions import ConnectionError as RedisConnectionError

from colibris.cache.redis.address import FAILURES, Closer
from colibris.utils.deadline import Deadline

__all__ = ['LoopClient', 'LoopClients']

T = TypeVar('T')


class LoopClient:
    """The client of one event loop.

    It closes itself when the loop is closed in an orderly way, as :func:`asyncio.run` does: an asynchronous generator
    is what a loop promises to bring to its end.

    :param client: redis-py's client.
    :param closers: close it, and what belongs to it.
    :param size: how many commands may be under way at the same time, each on a connection of its own.
    """

    def __init__(self, client: Any, closers: Sequence[Closer], size: int) -> None:
        self._client = client
        self._closers = closers
        self._places = asyncio.Semaphore(size)
        self._start = asyncio.Lock()
        self._is_started = False
        self._is_closed = False
        self._life = self._live()

    async def open(self) -> None:
        """Have the loop close the client at its end."""
        await anext(self._life)

    async def run(self, command: Callable[[Any], Awaitable[T]], seconds: float) -> T:
        """Run a command.

        :raises TimeoutError: it took too long, waiting for a connection included.
        """
        with Deadline(seconds):
            async with self._places:
                if not self._is_started:
                    await self._start_once()
                self._check_open()
                try:
                    answer = await command(self._client)
                except (Exception, asyncio.CancelledError):
                    await self._close_latecomers()
                    raise
                await self._close_latecomers()
                return answer

    async def close(self) -> None:
        """Close the connections; commands under way fail."""
        await self._life.aclose()

    def _check_open(self) -> None:
        if self._is_closed:
            raise RedisConnectionError('the connections have been closed')

    async def _start_once(self) -> None:
        """Let one command at a time find out about a cluster's nodes: redis-py mixes several up."""
        async with self._start:
            if not self._is_started:
                await self._client.initialize()
                self._is_started = True

    async def _live(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            self._is_closed = True
            await self._disconnect()

    async def _close_latecomers(self) -> None:
        """Close connections that were still being made when the others were closed."""
        if self._is_closed:
            await self._disconnect()

    async def _disconnect(self) -> None:
        for close in self._closers:
            with suppress(*FAILURES):
                await close()


class LoopClients:
    """The clients, by loop.

    :param make: makes a client for the running loop.
    """

    def __init__(self, make: Callable[[], LoopClient]) -> None:
        self._make = make
        self._clients: dict[asyncio.AbstractEventLoop, LoopClient] = {}
        self._closing: set[asyncio.Task[None]] = set()

    async def get(self) -> LoopClient:
        """The client of the running loop."""
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            self._forget_closed_loops()
            client = self._clients[loop] = self._make()
            await client.open()
        return client

    def discard(self, client: LoopClient) -> None:
        """Have the next command start with new connections, as those of a failed server need not fail by themselves."""
        loop = asyncio.get_running_loop()
        if self._clients.get(loop) is client:
            del self._clients[loop]
            task = loop.create_task(client.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Close the client of the running loop."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.close()

    def _forget_closed_loops(self) -> None:
        for loop in list(self._clients):
            if loop.is_closed():
                self._clients.pop(loop, None)
