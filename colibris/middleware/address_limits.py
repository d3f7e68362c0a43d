"""Step 8: limits by address."""

from aiohttp import web
from aiohttp.typedefs import Handler

from colibris.middleware.rate_limits import limit_request

__all__ = ['limit_addresses']


@web.middleware
async def limit_addresses(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse the requests of an address that sends too many.

    It comes before authentication, so that requests with wrong credentials count too.
    """
    await limit_request(request, lambda limit: limit.by == 'address')
    return await handler(request)
