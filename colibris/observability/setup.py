"""What the settings ask for, put where it belongs."""

import asyncio
import contextlib
import importlib.util
import logging
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass

from aiohttp import web

from colibris.conf import settings
from colibris.observability.processes import folder, prepare_processes
from colibris.observability.requests import Watch, make_step

__all__ = ['observe', 'observe_worker']

SAMPLE_SECONDS = 1.0

_ASK_FOR_TRACES = ('OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_TRACES_EXPORTER')

logger = logging.getLogger(__name__)

_of_process = ExitStack()
"""What watches the areas until the process ends."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing that watches.

    :param watch: is told of requests.
    :param areas: watches the areas while it is entered.
    :param start: called when the server starts, in the process that serves.
    :param sample: called every second where several processes serve.
    """

    watch: Watch | None = None
    areas: Callable[[], AbstractContextManager[None]] | None = None
    start: Callable[[], None] | None = None
    sample: Callable[[], None] | None = None


def observe(app: web.Application) -> None:
    """Have an application watched as the settings say; does nothing where they say nothing.

    To be called when its middlewares and routes are complete.

    :raises ConfigurationError: the settings do not fit, or a package that they need is missing.
    """
    features = list(_features())
    watches = [feature.watch for feature in features if feature.watch]
    if watches:
        app.middlewares.insert(0, make_step(watches))
    if settings.METRICS_PATH:
        from colibris.observability.page import add_page

        add_page(app, settings.METRICS_PATH)
    if features:
        app.cleanup_ctx.insert(0, _make_context(features))


def observe_worker() -> None:
    """Have the tasks of this process' children watched as the settings say, for as long as it lives.

    To be called before they are forked. Without a folder for the metrics of several processes, nobody could ask a
    worker for its own.
    """
    for feature in _features(has_page=folder() is not None):
        if feature.areas:
            _of_process.enter_context(feature.areas())


def _features(*, has_page: bool = True) -> Iterator[Feature]:
    """What the settings ask for, outermost first."""
    if _are_traces_on():
        from colibris.observability import export, tracing

        yield Feature(tracing.watch_request, tracing.trace_areas, export.start_exporting)
    if settings.METRICS_PATH and has_page:
        if folder() is not None:
            prepare_processes()
        from colibris.observability import metrics

        yield Feature(metrics.watch_request, metrics.count_areas, sample=metrics.sample_pool)
    if settings.SLOW_REQUEST_SECONDS or settings.SLOW_QUERY_SECONDS:
        from colibris.observability import slow

        if settings.SLOW_REQUEST_SECONDS:
            yield Feature(slow.make_request_watch(settings.SLOW_REQUEST_SECONDS))
        if settings.SLOW_QUERY_SECONDS:
            yield Feature(areas=slow.watch_statements)


def _make_context(features: list[Feature]) -> Callable[[web.Application], AsyncIterator[None]]:
    async def watch_areas(app: web.Application) -> AsyncIterator[None]:
        with ExitStack() as stack:
            for feature in features:
                if feature.start:
                    feature.start()
                if feature.areas:
                    stack.enter_context(feature.areas())
            async with _sampling(features):
                yield
            await asyncio.to_thread(stack.close)  # spans may have to be sent

    return watch_areas


@contextlib.asynccontextmanager
async def _sampling(features: list[Feature]) -> AsyncIterator[None]:
    """Take samples for the other processes, one of which may be asked for the metrics of all."""
    samples = [feature.sample for feature in features if feature.sample] if folder() else []
    task = asyncio.create_task(_sample(samples)) if samples else None
    try:
        yield
    finally:
        if task is not None:
            task.cancel()
            await asyncio.wait([task])


async def _sample(samples: list[Callable[[], None]]) -> None:
    while True:
        for sample in samples:
            sample()
        await asyncio.sleep(SAMPLE_SECONDS)


def _are_traces_on() -> bool:
    """Whether the setting says so, or, where it leaves that open, OpenTelemetry's variables and packages do."""
    if settings.TRACING is not None:
        return bool(settings.TRACING)
    is_asked = any(os.environ.get(name) for name in _ASK_FOR_TRACES)
    is_refused = os.environ.get('OTEL_SDK_DISABLED') == 'true' or os.environ.get('OTEL_TRACES_EXPORTER') == 'none'
    if not is_asked or is_refused:
        return False
    if importlib.util.find_spec('opentelemetry') is None or importlib.util.find_spec('opentelemetry.sdk') is None:
        logger.warning("OTEL_* variables ask for traces, which need: pip install 'colibris[tracing]'")
        return False
    return True
