"""Requests to other services."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Protocol

import aiohttp

from colibris.log import operation_id
from colibris.log.operation import NO_OPERATION

__all__ = ['OutgoingSpan', 'begin_span', 'trace_config']


class OutgoingSpan(Protocol):
    """The span of a request to another service."""

    def end(self, status: int) -> None:
        """End it with the answer."""

    def fail(self, error: BaseException) -> None:
        """End it without an answer."""


begin_span: list[Callable[[aiohttp.TraceRequestStartParams], OutgoingSpan]] = []
"""Begins a span, where traces are on, and adds to the request's headers; otherwise the list is empty."""


def trace_config() -> aiohttp.TraceConfig:
    """What joins the requests of an aiohttp client to the work that they are for.

    .. code-block:: python

        aiohttp.ClientSession(trace_configs=[trace_config()])

    Each request carries the operation id as ``X-Request-ID``, so that the other service's log lines have it, too. Where
    traces are on, it has a span and carries ``traceparent``.
    """
    config = aiohttp.TraceConfig()
    config.on_request_start.append(_begin)
    config.on_request_end.append(_end)
    config.on_request_exception.append(_fail)
    return config


async def _begin(session: Any, context: SimpleNamespace, params: aiohttp.TraceRequestStartParams) -> None:
    identifier = operation_id.get()
    if identifier != NO_OPERATION:
        params.headers.setdefault('X-Request-ID', identifier)
    context.span = begin_span[0](params) if begin_span else None


async def _end(session: Any, context: SimpleNamespace, params: aiohttp.TraceRequestEndParams) -> None:
    if context.span is not None:
        context.span.end(params.response.status)


async def _fail(session: Any, context: SimpleNamespace, params: aiohttp.TraceRequestExceptionParams) -> None:
    if context.span is not None:
        context.span.fail(params.exception)
