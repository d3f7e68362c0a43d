"""Requests under way, and their end at shutdown."""

import asyncio
import contextlib

from aiohttp import web
from aiohttp.typedefs import Handler

__all__ = ['RequestDrain']


class RequestDrain:
    """Knows how many requests are under way, and waits for them.

    aiohttp's own shutdown stops reading from every connection at once, which would starve a request whose body is
    still on its way; so it may begin only when no request is left.
    """

    def __init__(self) -> None:
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._is_draining = False

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count a request; while draining, tell its client to connect anew for the next one."""
        self._running += 1
        self._idle.clear()
        try:
            response = await handler(request)
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()
        if self._is_draining:
            response.force_close()
        return response

    async def finish(self, seconds: float) -> None:
        """Wait until no request is under way, ``seconds`` at most."""
        self._is_draining = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._idle.wait()
