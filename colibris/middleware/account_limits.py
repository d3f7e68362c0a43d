"""Step 11: limits by account, by key, or by what the project says."""

from aiohttp import web
from aiohttp.typedefs import Handler

from colibris.middleware.rate_limits import limit_request

__all__ = ['limit_accounts']


@web.middleware
async def limit_accounts(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse the requests of an account that sends too many; those without an account count by address."""
    await limit_request(request, lambda limit: limit.by != 'address')
    return await handler(request)
