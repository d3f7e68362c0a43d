"""Step 15: the client's languages."""

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from colibris.template.locale import accepted_languages

__all__ = ['remember_languages']


@web.middleware
async def remember_languages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keep ``Accept-Language``, by which the locale of templates and messages is chosen when one is needed."""
    accepted_languages.set(','.join(request.headers.getall(hdrs.ACCEPT_LANGUAGE, ())))
    return await handler(request)
