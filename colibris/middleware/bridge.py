"""Step 4: the bridge."""

from aiohttp import web
from aiohttp.typedefs import Handler

from colibris import bridge

__all__ = ['drive_request']


@web.middleware
async def drive_request(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let plain code in the other steps and in the view wait without stopping the event loop."""
    return await bridge.drive(_handle(request, handler))


async def _handle(request: web.Request, handler: Handler) -> web.StreamResponse:
    return await handler(request)
