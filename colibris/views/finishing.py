"""What every answer gets before it is sent, whoever has made it."""

from collections.abc import Callable

from aiohttp import hdrs, web
from aiohttp.http import SERVER_SOFTWARE

__all__ = ['FINISHERS', 'Finisher', 'finish_answer']

Finisher = Callable[[web.Request, web.StreamResponse], None]

FINISHERS: web.AppKey[list[Finisher]] = web.AppKey('colibris.finishers', list)
"""In an application: functions that change an answer when it is about to begin."""


async def finish_answer(request: web.Request, response: web.StreamResponse) -> None:
    """Call the finishers; a receiver of aiohttp's signal ``on_response_prepare``.

    The versions that aiohttp puts into the header ``Server`` are nobody's business.
    """
    if response.headers.get(hdrs.SERVER) == SERVER_SOFTWARE:
        del response.headers[hdrs.SERVER]
    for finish in request.app[FINISHERS]:
        finish(request, response)
