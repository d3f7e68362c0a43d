"""Step 13: statements that a view repeats."""

import logging
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from colibris.conf import settings
from colibris.persist.repetition import RepeatedStatements, StatementCounter, watch
from colibris.persist.slot import slot
from colibris.views.routing import target_of

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
    return f'{_name(request)} repeats itself; a join or prefetch() would do it at once: {listed}'


def _name(request: web.Request) -> str:
    view: Any = request.match_info.handler
    target = target_of(view, request.method) or view
    module, name = getattr(view, '__module__', ''), getattr(target, '__name__', str(target))
    return f'{module}.{view.__name__}.{name}' if isinstance(view, type) else f'{module}.{name}'
