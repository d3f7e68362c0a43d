"""The end of the application, for whatever would go on for ever."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

__all__ = ['SHUTDOWN', 'Shutdown']


class Shutdown:
    """Knows whether the application is about to end."""

    def __init__(self) -> None:
        self.has_begun = False
        self._ends_streams = False
        self._began_at: float | None = None
        self._limits: set[asyncio.Timeout] = set()

    def announce(self) -> None:
        """Say that the end is near: the service is not ready for more."""
        self.has_begun = True

    def begin(self) -> None:
        """Have every block of :meth:`before` end now, and those to come at once."""
        self.announce()
        self.end_streams()

    def end_streams(self) -> None:
        """Do that without a word to those who ask whether the service is ready: others go on with it."""
        self._ends_streams = True
        if self._began_at is None:
            self._began_at = asyncio.get_running_loop().time()
        for limit in self._limits:
            limit.reschedule(0)
        self._limits.clear()

    def seconds_left(self, seconds: float) -> float:
        """How many of some seconds, which the shutdown may take, are left; all of them before it has begun."""
        passed = 0.0 if self._began_at is None else asyncio.get_running_loop().time() - self._began_at
        return max(seconds - passed, 0)

    @asynccontextmanager
    async def before(self) -> AsyncIterator[None]:
        """A block that is left, as if it were done, when shutdown begins."""
        try:
            async with asyncio.timeout(0 if self._ends_streams else None) as limit:
                self._limits.add(limit)
                try:
                    yield
                finally:
                    self._limits.discard(limit)
        except TimeoutError:
            if not limit.expired():
                raise


SHUTDOWN: web.AppKey[Shutdown] = web.AppKey('colibris.shutdown', Shutdown)
