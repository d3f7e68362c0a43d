"""Step 13: statements that a view repeats."""

import logging

from aiohttp import web
from aiohttp.typedefs import Handler

from colibris.conf import settings
from colibris.persist.repetition import RepeatedStatements, StatementCounter, watch
from colibris.persist.slot import slot
from colibris.views.routing import name_of

__all__ = ['report_repetition']

logger = logging.getLogger(__name__)


@web.middleware
async def report_repetition(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Report a view that runs the same statement more than ``N_PLUS_ONE_LIMIT`` times.

    It is a warning in the log, or an error where ``N_PLUS_ONE_ERROR`` is set. A websocket or a stream of events, which
    lives long, may repeat itself.

    :raises RepeatedStatements: the view does so, and ``N_PLUS_ONE_ERROR`` is set.
    """
    watch(slot.get())
    try:
        with StatementCounter(settings.N_PLUS_ONE_LIMIT) as counter:
            response = await handler(request)
    except Exception:
        _warn(request, counter)
        raise
    if isinstance(response, web.WebSocketResponse) or response.content_type == 'text/event-stream':
        return response
    if settings.N_PLUS_ONE_ERROR and counter.repetitions():
        raise RepeatedStatements(_describe(request, counter))
    _warn(request, counter)
    return response


def _warn(request: web.Request, counter: StatementCounter) -> None:
    if counter.repetitions():
        logger.warning('%s', _describe(request, counter))


def _describe(request: web.Request, counter: StatementCounter) -> str:
    listed = '; '.join(map(str, counter.repetitions()))
    view = name_of(request.match_info.handler, request.method)
    return f'{view} repeats itself; a join or prefetch() would do it at once: {listed}'
