"""Step 4: the bridge."""

from collections.abc import Awaitable
from types import CoroutineType

from aiohttp import web
from aiohttp.typedefs import Handler

from colibris import bridge

__all__ = ['drive_request']


@web.middleware
def drive_request(request: web.Request, handler: Handler) -> Awaitable[web.StreamResponse]:
    """Let plain code in the other steps and in the view wait without stopping the event loop."""
    answer = handler(request)
    return bridge.driven(answer if isinstance(answer, CoroutineType) else _awaited(answer))


async def _awaited(answer: Awaitable[web.StreamResponse]) -> web.StreamResponse:
    return await answer
