"""A pool of asynchronous database connections: a free list, first come, first served."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar

from peewee import InterfaceError

from colibris.persist.errors import PoolTimeout

__all__ = ['Pool', 'Poolable']


class Poolable(Protocol):
    """What the pool needs to know of a connection."""

    @property
    def is_clean(self) -> bool:
        """Whether nothing is left on the connection, and it has not been closed here."""

    @property
    def is_usable(self) -> bool:
        """Whether another user may have the connection: it is clean, and the other end has not closed it."""

    async def close(self) -> None:
        """Close the connection."""

    def terminate(self) -> None:
        """Close the connection at once, saying no good-bye to the server."""


C = TypeVar('C', bound=Poolable)


class Pool(Generic[C]):
    """Hands out connections, at most ``size`` at a time.

    :param connect: makes a connection.
    :param size: the largest number of connections.
    :param timeout: how long :meth:`acquire` waits for a free one, in seconds.
    """

    def __init__(self, connect: Callable[[], Awaitable[C]], size: int, timeout: float) -> None:
        self._connect = connect
        self.size = size
        self.timeout = timeout
        self._made = 0
        self._free: list[C] = []
        self._waiters: deque[asyncio.Future[C | None]] = deque()
        self._is_closed = False

    @property
    def in_use(self) -> int:
        """The number of connections that somebody has, or that are being made."""
        return self._made - len(self._free)

    @property
    def waiting(self) -> int:
        """The number of those who wait for a connection."""
        return len(self._waiters)

    async def acquire(self) -> C:
        """A connection for the caller alone, until :meth:`release`.

        :raises PoolTimeout: none became free within ``timeout`` seconds.
        """
        while self._free:
            connection = self.take()
            if connection is not None:
                return connection
            await self._discard(self._free.pop())
        if self._made < self.size:
            return await self._make()
        return await self._wait_for_one() or await self._make(counted=True)

    def take(self) -> C | None:
        """The connection that has been given back last, or ``None``, if there is none or it is of no use any more."""
        return self._free.pop() if self._free and self._free[-1].is_usable else None

    async def release(self, connection: C) -> None:
        """Give a connection back; one that is not clean is closed, and its place is free."""
        if not connection.is_clean or self._is_closed:
            await self._discard(connection)
        else:
            self._keep(connection)

    def put_back(self, connection: C) -> None:
        """Give a clean connection back, without waiting; a pool that has been closed meanwhile terminates it."""
        if self._is_closed:
            self._give_up_place()
            connection.terminate()
        else:
            self._keep(connection)

    async def close(self) -> None:
        """Close the free connections now, and the others when they are given back; who waits for one gets an error."""
        self._refuse_waiters()
        while self._free:
            await self._discard(self._free.pop())

    def terminate(self) -> None:
        """Like :meth:`close`, for plain code and for loops that run no more."""
        self._refuse_waiters()
        while self._free:
            self._give_up_place()
            self._free.pop().terminate()

    async def _make(self, *, counted: bool = False) -> C:
        self._made += not counted
        try:
            return await self._connect()
        except BaseException:
            self._give_up_place()
            raise

    async def _wait_for_one(self) -> C | None:
        waiter: asyncio.Future[C | None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(self.timeout):
                return await waiter
        except BaseException as exc:
            await self._abandon(waiter)
            if isinstance(exc, TimeoutError):
                message = f'none of the {self.size} database connections became free within {self.timeout} s'
                raise PoolTimeout(message) from None
            raise

    async def _abandon(self, waiter: 'asyncio.Future[C | None]') -> None:
        if not waiter.done() or waiter.cancelled():
            if waiter in self._waiters:
                self._waiters.remove(waiter)
            return
        if waiter.exception() is not None:
            return
        connection = waiter.result()
        if connection is None:
            self._give_up_place()
        else:
            await self.release(connection)

    def _keep(self, connection: C) -> None:
        if not (self._waiters and self._hand_over(connection)):
            self._free.append(connection)

    def _hand_over(self, connection: C | None) -> bool:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return True
        return False

    def _refuse_waiters(self) -> None:
        self._is_closed = True
        for waiter in self._waiters:
            if not (waiter.done() or waiter.get_loop().is_closed()):
                waiter.set_exception(InterfaceError('the pool of database connections has been closed'))
        self._waiters.clear()

    async def _discard(self, connection: C) -> None:
        self._give_up_place()
        await connection.close()

    def _give_up_place(self) -> None:
        if self._is_closed or not self._hand_over(None):
            self._made -= 1
