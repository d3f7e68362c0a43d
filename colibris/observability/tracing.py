"""Traces: spans of requests, statements, Redis' commands, tasks and outgoing requests. Imported only where they are on.

Whatever OpenTelemetry's own variables say holds: where spans are sent, how many are kept, by which headers services
tell each other of them.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from typing import Any

import aiohttp
import peewee
from aiohttp import web

from colibris.errors import MissingDependencyError
from colibris.log.access import TRACE_IDS
from colibris.log.operation import operation_id, trace_ids
from colibris.observability.export import flush, load_exporters, start_exporting
from colibris.observability.outgoing import begin_span
from colibris.observability.requests import NO_ROUTE, OTHER_METHOD, Outcome, method_of, route_of
from colibris.observability.statements import operation_of, shape_of
from colibris.observability.wrapping import added, wrapped
from colibris.persist.slot import slot as persist_slot
from colibris.taskqueue import hooks
from colibris.taskqueue.call import TaskCall
from colibris.taskqueue.slot import slot as task_queue_slot

# All spans name things as the stable conventions do; what others instrument too, unless it is told otherwise.
os.environ.setdefault('OTEL_SEMCONV_STABILITY_OPT_IN', 'http,database')

try:
    from opentelemetry import context, propagate, trace
    from opentelemetry.trace import INVALID_SPAN, Span, SpanKind, StatusCode
except ImportError:
    raise MissingDependencyError('opentelemetry-api', 'tracing') from None

__all__ = ['trace_areas', 'watch_request']

_tracer = trace.get_tracer('colibris')
_SERVER_ERROR = 500
_CLIENT_ERROR = 400
_SYSTEMS = {
    peewee.PostgresqlDatabase: 'postgresql',
    peewee.MySQLDatabase: 'mysql',
    peewee.SqliteDatabase: 'sqlite',
}


@contextmanager
def trace_areas() -> Iterator[None]:
    """Trace what the database, Redis and the task queue do; at the end wait for the last spans to be sent."""
    load_exporters()
    with ExitStack() as stack:
        stack.callback(flush)
        stack.enter_context(added(begin_span, _OutgoingSpan))
        if persist_slot.is_configured:
            database = persist_slot.get()
            stack.enter_context(added(database.query_hooks, _make_statement_hook(database)))
        if 'redis' in sys.modules:  # as backends that need it have imported it by now
            stack.enter_context(_tracing_redis())
        if task_queue_slot.is_configured:
            stack.enter_context(wrapped(task_queue_slot.get(), 'submit', _make_submit))
            stack.enter_context(added(hooks.around_run, _around_run))
            stack.enter_context(added(hooks.before_exit, flush))
        yield


def _has_parent() -> bool:
    return trace.get_current_span().is_recording()


# Requests


def watch_request(request: web.Request) -> Callable[[Outcome], None]:
    """Begin the span of a request, below that of its client if the headers name one."""
    method, route = method_of(request), route_of(request)
    name = 'HTTP' if method == OTHER_METHOD else method
    attributes = {
        'http.request.method': '_OTHER' if method == OTHER_METHOD else method,
        'url.path': request.rel_url.raw_path,
        'url.scheme': request.scheme,
    }
    if route != NO_ROUTE:
        name = f'{name} {route}'
        attributes['http.route'] = route
    parent = propagate.extract(request.headers)
    span = _tracer.start_span(name, parent, SpanKind.SERVER, attributes)
    token = context.attach(trace.set_span_in_context(span, parent))
    request[TRACE_IDS] = _name_in_logs(span)

    def finish(outcome: Outcome) -> None:
        span.set_attribute('http.response.status_code', outcome.status)
        span.set_attribute('colibris.operation_id', operation_id.get())
        if outcome.status >= _SERVER_ERROR:
            _fail(span, str(outcome.status))
        context.detach(token)
        span.end()

    return finish


def _name_in_logs(span: Span) -> tuple[str, str]:
    """Have the lines of the log name the span from here on."""
    ids = span.get_span_context()
    found = trace.format_trace_id(ids.trace_id), trace.format_span_id(ids.span_id)
    trace_ids.set(found)
    return found


# Databases


def _make_statement_hook(database: peewee.Database) -> Callable[[peewee.QueryEvent], None]:
    """Make a span of each statement that has ended, below the span that it was run in; of none without one."""
    system = next((name for kind, name in _SYSTEMS.items() if isinstance(database, kind)), 'other_sql')

    def hook(event: peewee.QueryEvent) -> None:
        if not _has_parent():
            return
        end = time.time_ns()
        operation = operation_of(event.sql)
        attributes = {
            'db.system.name': system,
            'db.operation.name': operation,
            'db.query.text': shape_of(event.sql),
        }
        begin = end - int(event.duration * 1_000_000_000)
        span = _tracer.start_span(operation or system, kind=SpanKind.CLIENT, attributes=attributes, start_time=begin)
        if event.exception is not None:
            _fail(span, type(event.exception).__name__)
        span.end(end)

    return hook


# Redis


@contextmanager
def _tracing_redis() -> Iterator[None]:
    """Make a span of each of Redis' commands that belongs to a span.

    :raises MissingDependencyError: OpenTelemetry's instrumentation of Redis is not installed.
    """
    try:
        from opentelemetry.instrumentation.redis import RedisInstrumentor
    except ImportError:
        raise MissingDependencyError('opentelemetry-instrumentation-redis', 'tracing') from None

    instrumentor = RedisInstrumentor()
    instrumentor.instrument(tracer_provider=_BelowSpans(), skip_dep_check=True)
    try:
        yield
    finally:
        instrumentor.uninstrument()


class _BelowSpans(trace.TracerProvider):
    """Makes no traces of their own of what goes on between requests and between tasks."""

    def get_tracer(self, *args: Any, **kwargs: Any) -> trace.Tracer:
        return _TracerBelowSpans(_tracer)


class _TracerBelowSpans(trace.NoOpTracer):
    def __init__(self, tracer: trace.Tracer) -> None:
        self._tracer = tracer

    def start_as_current_span(self, *args: Any, **kwargs: Any) -> Any:
        return self._tracer.start_as_current_span(*args, **kwargs) if _has_parent() else nullcontext(INVALID_SPAN)


# Tasks


def _make_submit(submit: Callable[..., Any]) -> Callable[..., Any]:
    """A backend's way to take calls that tells the worker which span each belongs to."""

    def submit_traced(call: TaskCall, *args: Any) -> Any:
        if not trace.get_current_span().get_span_context().is_valid:
            return submit(call, *args)
        attributes = {'messaging.operation.type': 'send', 'messaging.message.id': call.id}
        with _tracer.start_as_current_span(f'enqueue {call.function}', None, SpanKind.PRODUCER, attributes):
            carrier: dict[str, str] = {}
            propagate.inject(carrier)
            return submit(replace(call, trace=carrier.get('traceparent', '')), *args)

    return submit_traced


@contextmanager
def _around_run(function: str, trace_parent: str) -> Iterator[None]:
    """The span of a task's run, below the one that has enqueued it."""
    start_exporting()  # the process may be a new one
    parent = propagate.extract({'traceparent': trace_parent}, context.Context())
    attributes = {'messaging.operation.type': 'process', 'colibris.operation_id': operation_id.get()}
    with _tracer.start_as_current_span(f'run {function}', parent, SpanKind.CONSUMER, attributes) as span:
        before = trace_ids.get()
        _name_in_logs(span)
        try:
            yield
        finally:
            trace_ids.set(before)


# Outgoing requests


class _OutgoingSpan:
    """The span of a request to another service, which is told of it by the header ``traceparent``."""

    def __init__(self, params: aiohttp.TraceRequestStartParams) -> None:
        url = params.url
        attributes = {
            'http.request.method': params.method,
            'server.address': url.host or '',
            'url.full': str(url.with_user(None).with_query(None).with_fragment(None)),
        }
        self._span = _tracer.start_span(params.method, kind=SpanKind.CLIENT, attributes=attributes)
        propagate.inject(params.headers, trace.set_span_in_context(self._span))

    def end(self, status: int) -> None:
        """End it with the answer."""
        self._span.set_attribute('http.response.status_code', status)
        if status >= _CLIENT_ERROR:
            _fail(self._span, str(status))
        self._span.end()

    def fail(self, error: BaseException) -> None:
        """End it without an answer."""
        _fail(self._span, type(error).__name__)
        self._span.end()


def _fail(span: Span, kind: str) -> None:
    span.set_attribute('error.type', kind)
    span.set_status(StatusCode.ERROR)
