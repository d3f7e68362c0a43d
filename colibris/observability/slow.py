"""Warnings of requests and statements that take long."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiohttp import web
from peewee import QueryEvent

from colibris.conf import settings
from colibris.observability.requests import Outcome, Watch, method_of, route_of, view_of
from colibris.observability.statements import shape_of
from colibris.observability.wrapping import added
from colibris.persist.slot import slot as persist_slot

__all__ = ['make_request_watch', 'make_statement_hook', 'watch_statements']

logger = logging.getLogger('colibris.slow')


def make_request_watch(threshold: float) -> Watch:
    """Warn of requests that take ``threshold`` seconds or longer; not of streams, which are meant to."""

    def watch(request: web.Request) -> Callable[[Outcome], None]:
        def finish(outcome: Outcome) -> None:
            if outcome.seconds >= threshold and not outcome.is_stream:
                _warn_of_request(request, outcome)

        return finish

    return watch


def make_statement_hook(threshold: float) -> Callable[[QueryEvent], None]:
    """Warn of statements that take ``threshold`` seconds or longer, waiting for a connection included."""

    def hook(event: QueryEvent) -> None:
        if event.duration >= threshold:
            values = {'seconds': round(event.duration, 6), 'sql': shape_of(event.sql)}
            logger.warning('slow statement: %(seconds).3f s: %(sql)s', values)

    return hook


@contextmanager
def watch_statements() -> Iterator[None]:
    """Warn of statements that take ``SLOW_QUERY_SECONDS`` or longer."""
    if not persist_slot.is_configured:
        yield
        return
    with added(persist_slot.get().query_hooks, make_statement_hook(settings.SLOW_QUERY_SECONDS)):
        yield


def _warn_of_request(request: web.Request, outcome: Outcome) -> None:
    values = {
        'method': method_of(request),
        'route': route_of(request),
        'view': view_of(request),
        'status': outcome.status,
        'seconds': round(outcome.seconds, 6),
    }
    logger.warning('slow request: %(seconds).3f s: %(method)s %(route)s (%(view)s, status %(status)d)', values)
