"""What is told of requests: one step around all others, for everybody who watches them."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from colibris.views.routing import name_of

__all__ = ['NO_ROUTE', 'OTHER_METHOD', 'Outcome', 'Watch', 'make_step', 'method_of', 'route_of', 'view_of']

NO_ROUTE = 'unmatched'
OTHER_METHOD = 'other'

CLIENT_GONE = 499
"""The status of a request that nobody waits for any more; nginx calls it so."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a request ended.

    :param seconds: how long it took.
    :param is_stream: whether it was meant to take long: a websocket, or a stream of events.
    """

    status: int
    seconds: float
    is_stream: bool


Finish = Callable[[Outcome], None]
Watch = Callable[[web.Request], Finish]
"""Is told when a request begins; what it returns is told how it ended, in the same task."""


def make_step(watches: Sequence[Watch]) -> Middleware:
    """The middleware that tells ``watches`` of each request; it has to be the outermost one."""

    @web.middleware
    async def observe_request(request: web.Request, handler: Handler) -> web.StreamResponse:
        finishes = [watch(request) for watch in watches]
        begin = time.perf_counter()
        answer: web.StreamResponse | None = None
        status = web.HTTPInternalServerError.status_code
        try:
            answer = await handler(request)
            status = answer.status
            return answer
        except web.HTTPException as exc:
            status = exc.status
            raise
        except asyncio.CancelledError:
            status = CLIENT_GONE
            raise
        finally:
            outcome = Outcome(status, time.perf_counter() - begin, _is_stream(answer))
            for finish in reversed(finishes):
                finish(outcome)

    return observe_request


def route_of(request: web.Request) -> str:
    """The template of the request's path, such as ``/books/{id}``; :data:`NO_ROUTE` where no route fits.

    So what clients make up does not become a label's value.
    """
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else NO_ROUTE


def method_of(request: web.Request) -> str:
    """The request's method; :data:`OTHER_METHOD` for one that clients make up."""
    return request.method if request.method in hdrs.METH_ALL else OTHER_METHOD


def view_of(request: web.Request) -> str:
    """The dotted path of the function that answers the request; ``-`` where there is none."""
    if request.match_info.route.resource is None:
        return '-'
    return name_of(request.match_info.handler, request.method)


def _is_stream(answer: web.StreamResponse | None) -> bool:
    return answer is not None and (
        isinstance(answer, web.WebSocketResponse) or answer.content_type == 'text/event-stream'
    )
