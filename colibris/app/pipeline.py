"""The steps of a request's way, put together once for each view and HTTP method."""

from collections.abc import Sequence
from typing import Any

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

__all__ = ['PIPELINE', 'Pipeline', 'steps_for']


class Pipeline:
    """A middleware that consists of others, the *steps*.

    A step that has nothing to do for some views says so by an attribute: ``applies_to``, a function of a view and an
    HTTP method. What is left of the steps for a view is put together when it is first asked for.

    :param steps: the steps, outermost first.
    """

    def __init__(self, steps: Sequence[Any]) -> None:
        self.steps = list(steps)
        self._ways: dict[tuple[Any, str], tuple[Handler, Handler]] = {}

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Have the request take its way to ``handler``."""
        view, method = request.match_info.handler, request.method
        is_known = request.match_info.http_exception is None
        way = self.way(view, method, handler) if is_known else self._compose(handler, view, method)
        return await way(request)

    def way(self, view: Any, method: str, handler: Handler) -> Handler:
        """The steps for a view and an HTTP method, and behind them ``handler``."""
        known = self._ways.get((view, method))
        if known is None or known[0] is not handler:
            known = handler, self._compose(handler, view, method)
            if method in hdrs.METH_ALL:  # clients can make others up
                self._ways[view, method] = known
        return known[1]

    def _compose(self, handler: Handler, view: Any, method: str) -> Handler:
        for step in reversed(steps_for(self.steps, view, method)):
            handler = _around(handler, step)
        return handler


PIPELINE: web.AppKey[Pipeline] = web.AppKey('colibris.pipeline', Pipeline)
"""In an application: its pipeline."""


def steps_for(steps: Sequence[Any], view: Any, method: str) -> list[Any]:
    """Those of the steps that have something to do for a view and an HTTP method."""
    return [step for step in steps if getattr(step, 'applies_to', _always)(view, method)]


def _around(handler: Handler, step: Any) -> Handler:
    return lambda request: step(request, handler)


def _always(view: Any, method: str) -> bool:
    return True
