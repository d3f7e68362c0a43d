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
        self._limits: set[asyncio.Timeout] = set()

    def begin(self) -> None:
        """Have every block of :meth:`before` end now, and those to come at once."""
        self.has_begun = True
        for limit in self._limits:
            limit.reschedule(0)
        self._limits.clear()

    @asynccontextmanager
    async def before(self) -> AsyncIterator[None]:
        """A block that is left, as if it were done, when shutdown begins."""
        try:
            async with asyncio.timeout(0 if self.has_begun else None) as limit:
                self._limits.add(limit)
                try:
                    yield
                finally:
                    self._limits.discard(limit)
        except TimeoutError:
            if not limit.expired():
                raise


SHUTDOWN: web.AppKey[Shutdown] = web.AppKey('colibris.shutdown', Shutdown)
