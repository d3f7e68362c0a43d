"""What is under way, and its end when the server ends."""

import asyncio
import contextlib
from typing import Protocol

from aiohttp import web

__all__ = ['Connection', 'Drain']


class Connection(Protocol):
    """A connection, as far as its end goes."""

    @property
    def is_idle(self) -> bool:
        """Whether there is no request on it."""

    def force_close(self) -> None:
        """Close it."""


class Drain:
    """Knows which requests are under way and which connections are open, and waits until there are none.

    A client that keeps a connection may send a request at the very moment at which the connection is closed, and will
    then not know whether the request has been done. So an idle connection is not closed at once: the next request on
    it is answered, together with the word that it was the last one.

    aiohttp's own shutdown stops reading from every connection at once, which would starve a request whose body is
    still on its way; so it may begin only when nothing is left.
    """

    def __init__(self) -> None:
        self._running = 0
        self._connections: set[Connection] = set()
        self._changed = asyncio.Event()
        self._has_begun = False
        self._is_impatient = False

    def begun(self) -> None:
        """Note that a request has begun."""
        self._running += 1

    def ended(self) -> None:
        """Note that a request has ended."""
        self._running -= 1
        if self._has_begun:
            self._changed.set()

    def check(self, response: web.StreamResponse) -> None:
        """While draining, have an answer tell its client to connect anew for the next request."""
        if self._has_begun and (self._is_impatient or not response.prepared):
            response.force_close()

    def opened(self, connection: Connection) -> None:
        """Note that a connection has been opened."""
        self._connections.add(connection)

    def closed(self, connection: Connection) -> None:
        """Note that a connection has been closed."""
        self._connections.discard(connection)
        self._changed.set()

    def begin(self) -> None:
        """Have each answer be the last one on its connection."""
        self._has_begun = True

    async def finish(self, seconds: float, idle_seconds: float) -> None:
        """Wait until nothing is under way.

        :param seconds: how long at most.
        :param idle_seconds: how long idle connections are kept, even if nothing is under way.
        """
        self.begin()
        timer = asyncio.get_running_loop().call_later(idle_seconds, self._lose_patience)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._running or self._connections:
                    self._changed.clear()
                    if self._is_impatient and not self._running:
                        self._close_idle()
                    await self._changed.wait()
        timer.cancel()

    def _lose_patience(self) -> None:
        self._is_impatient = True
        self._changed.set()

    def _close_idle(self) -> None:
        for connection in list(self._connections):
            if connection.is_idle:
                connection.force_close()
