"""Connections that are kept for the next message."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from colibris.email.smtp.connection import Connection

__all__ = ['Pool']


class Pool:
    """The connections of one event loop.

    :param connect: makes an open connection.
    :param size: the largest number of connections at a time.
    :param idle_seconds: how long a connection is kept that nobody uses.
    """

    def __init__(self, connect: Callable[[], Awaitable[Connection]], size: int, idle_seconds: float) -> None:
        self._connect = connect
        self._slots = asyncio.Semaphore(size)
        self._idle_seconds = idle_seconds
        self._idle: dict[Connection, asyncio.TimerHandle] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._is_closed = False

    @asynccontextmanager
    async def lease(self) -> AsyncIterator[Connection]:
        """A connection for the block: the one that was used last, or a new one.

        :raises DeliveryError: there was none, and a new one could not be made.
        """
        async with self._slots:
            connection = await self._take()
            try:
                yield connection
            finally:
                self._return(connection)

    async def close(self) -> None:
        """Close the connections that nobody uses now, and the others when they come back."""
        self._is_closed = True
        while self._idle:
            self._dismiss(self._pop())
        if self._leaving:
            await asyncio.wait(self._leaving)

    async def _take(self) -> Connection:
        while self._idle:
            connection = self._pop()
            try:
                if connection.is_usable and await connection.reset():
                    return connection
            except BaseException:
                connection.close()
                raise
            connection.close()
        return await self._connect()

    def _pop(self) -> Connection:
        connection, timer = self._idle.popitem()
        timer.cancel()
        return connection

    def _return(self, connection: Connection) -> None:
        if connection.is_usable and not self._is_closed:
            self._idle[connection] = asyncio.get_running_loop().call_later(self._idle_seconds, self._expire, connection)
        else:
            connection.close()

    def _expire(self, connection: Connection) -> None:
        del self._idle[connection]
        self._dismiss(connection)

    def _dismiss(self, connection: Connection) -> None:
        task = asyncio.get_running_loop().create_task(connection.quit())
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)
