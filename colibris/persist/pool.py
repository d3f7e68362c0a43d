"""A pool of asynchronous database connections: a free list, and turns for those who wait, first come, first served."""

import asyncio
import contextvars
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from peewee import InterfaceError

from colibris.persist.errors import PoolTimeout

__all__ = ['Pool', 'Poolable']

TURN_SECONDS = 0.1


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


class _Waiter(NamedTuple, Generic[C]):
    """Who waits for a connection, or for a place to make one (``None``), and since when, by the loop's clock."""

    future: asyncio.Future[C | None]
    since: float


class Pool(Generic[C]):
    """Hands out connections, at most ``size`` at a time, on the running event loop.

    Who waits gets a turn, first come, first served. A turn is as many uses as follow each other with nothing else
    awaited in between, but it ends with the next one when somebody has waited for ``TURN_SECONDS``, or for half of
    ``timeout``.

    :param connect: makes a connection.
    :param size: the largest number of connections.
    :param timeout: how long :meth:`acquire` waits for a free one, in seconds.
    """

    def __init__(self, connect: Callable[[], Awaitable[C]], size: int, timeout: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._connect = connect
        self.size = size
        self.timeout = timeout
        self._made = 0
        self._free: list[C] = []
        self._waiters: deque[_Waiter[C]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._returned: dict[Any, C] = {}
        self._are_turns_ending = False
        self._is_closed = False

    @property
    def in_use(self) -> int:
        """The number of connections that somebody has, or that are being made."""
        return self._made - len(self._free) - len(self._returned)

    @property
    def waiting(self) -> int:
        """The number of those who wait for a connection."""
        return len(self._waiters)

    async def acquire(self) -> C:
        """A connection for the caller alone, until :meth:`release`.

        :raises PoolTimeout: none became free within ``timeout`` seconds.
        """
        while self._free:
            connection = self._take_free()
            if connection is not None:
                return connection
            await self._discard(self._free.pop())
        if self._made < self.size:
            return await self._make()
        return await self._wait_for_one() or await self._make(counted=True)

    def take(self, user: Any) -> C | None:
        """A connection for which nobody has to wait, or ``None``.

        :param user: who is going to use it; it is the one that was given back with the same ``user`` if it is still
            their turn.
        """
        return self._returned.pop(user, None) or self._take_free()

    async def release(self, connection: C) -> None:
        """Give a connection back; one that is not clean is closed, and its place is free."""
        if not connection.is_clean or self._is_closed:
            await self._discard(connection)
        else:
            self._keep(connection)

    def put_back(self, connection: C, user: Any) -> None:
        """Give a clean connection back, without waiting; a pool that has been closed meanwhile terminates it.

        :param user: for whom :meth:`take` has it ready until the loop goes on, although others wait.
        """
        if not self._waiters or self._is_closed or self._is_turn_over or user in self._returned:
            self._keep(connection)
            return
        self._returned[user] = connection
        if not self._are_turns_ending:
            self._are_turns_ending = True
            self._loop.call_soon(self._end_turns)

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
        waiter: _Waiter[C] = _Waiter(self._loop.create_future(), self._loop.time())
        self._waiters.append(waiter)
        if self._timer is None:
            self._timer = self._loop.call_at(waiter.since + self.timeout, self._expire, context=contextvars.Context())
        try:
            return await waiter.future
        except BaseException:
            await self._abandon(waiter)
            raise

    def _expire(self) -> None:
        """End the waiting of those who have waited too long; one timer is enough, as all have the same patience."""
        while self._waiters and self._waiters[0].since + self.timeout <= self._loop.time():
            future = self._waiters.popleft().future
            if not future.done():
                message = f'none of the {self.size} database connections became free within {self.timeout} s'
                future.set_exception(PoolTimeout(message))
        has_more = bool(self._waiters)
        self._timer = self._loop.call_at(self._waiters[0].since + self.timeout, self._expire) if has_more else None

    async def _abandon(self, waiter: '_Waiter[C]') -> None:
        future = waiter.future
        if not future.done() or future.cancelled():
            if waiter in self._waiters:
                self._waiters.remove(waiter)
            return
        if future.exception() is not None:
            return
        connection = future.result()
        if connection is None:
            self._give_up_place()
        else:
            await self.release(connection)

    @property
    def _is_turn_over(self) -> bool:
        """Whether somebody has waited for so long that nobody else may go on."""
        return self._loop.time() - self._waiters[0].since > min(TURN_SECONDS, self.timeout / 2)

    def _take_free(self) -> C | None:
        """The connection that has been given back last, or ``None``, if there is none or it is of no use any more."""
        return self._free.pop() if self._free and self._free[-1].is_usable else None

    def _keep(self, connection: C) -> None:
        if self._is_closed:
            self._give_up_place()
            connection.terminate()
        elif not (self._waiters and self._hand_over(connection)):
            self._free.append(connection)

    def _end_turns(self) -> None:
        """Give those who wait the connections that have not been taken again at once."""
        self._are_turns_ending = False
        while self._returned:
            self._keep(self._returned.popitem()[1])

    def _hand_over(self, connection: C | None) -> bool:
        while self._waiters:
            future = self._waiters.popleft().future
            if not future.done():
                future.set_result(connection)
                return True
        return False

    def _refuse_waiters(self) -> None:
        self._is_closed = True
        self._free += self._returned.values()
        self._returned.clear()
        for waiter in self._waiters:
            if not (waiter.future.done() or self._loop.is_closed()):
                waiter.future.set_exception(InterfaceError('the pool of database connections has been closed'))
        self._waiters.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def _discard(self, connection: C) -> None:
        self._give_up_place()
        await connection.close()

    def _give_up_place(self) -> None:
        if self._is_closed or not self._hand_over(None):
            self._made -= 1
