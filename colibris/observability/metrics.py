"""The metrics, and what counts them. Imported only where ``METRICS_PATH`` is set."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from typing import Any

from aiohttp import web

from colibris.cache.slot import slot as cache_slot
from colibris.errors import MissingDependencyError
from colibris.observability.processes import end_process
from colibris.observability.requests import Outcome, method_of, route_of
from colibris.observability.wrapping import added, wrapped
from colibris.persist.slot import slot as persist_slot
from colibris.taskqueue import hooks
from colibris.taskqueue.call import TaskCall
from colibris.taskqueue.slot import slot as task_queue_slot

try:
    from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics
except ImportError:
    raise MissingDependencyError('prometheus_client', 'metrics') from None

__all__ = ['count_areas', 'sample_pool', 'watch_request']

_MOST_SERIES = 10_000

disable_created_metrics()  # several processes have none, and they would double the page

_REQUESTS = Counter('colibris_http_requests', 'Requests that have ended.', ('method', 'route', 'status'))
_REQUEST_SECONDS = Histogram(
    'colibris_http_request_duration_seconds',
    'How long requests took, streams excepted.',
    ('method', 'route'),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_IN_FLIGHT = Gauge('colibris_http_requests_in_flight', 'Requests under way.', multiprocess_mode='livesum')

_POOL_SIZE = Gauge('colibris_database_pool_size', 'The most connections of the pool.', multiprocess_mode='livesum')
_POOL_USED = Gauge('colibris_database_pool_in_use', 'Connections in use.', multiprocess_mode='livesum')
_POOL_WAITING = Gauge('colibris_database_pool_waiting', 'Who waits for a connection.', multiprocess_mode='livesum')

_CACHE_HITS = Counter('colibris_cache_hits', 'Look-ups in the cache that found a value.')
_CACHE_MISSES = Counter('colibris_cache_misses', 'Look-ups in the cache that found none.')

_ENQUEUED = Counter('colibris_tasks_enqueued', 'Tasks that were enqueued.', ('task', 'queue'))
_RUNS = Counter('colibris_task_runs', 'Runs of tasks that have ended.', ('task', 'outcome'))
_RUN_SECONDS = Histogram(
    'colibris_task_run_duration_seconds',
    'How long runs of tasks took.',
    ('task',),
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800),
)


def watch_request(request: web.Request) -> Callable[[Outcome], None]:
    """Count a request, and how long it takes."""
    _IN_FLIGHT.inc()

    def finish(outcome: Outcome) -> None:
        _IN_FLIGHT.dec()
        requests, seconds = _series(method_of(request), route_of(request), outcome.status)
        requests.inc()
        if not outcome.is_stream:
            seconds.observe(outcome.seconds)

    return finish


@lru_cache(_MOST_SERIES)
def _series(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    return _REQUESTS.labels(method, route, status), _REQUEST_SECONDS.labels(method, route)


def sample_pool() -> None:
    """Look how the pool of database connections is used."""
    if not persist_slot.is_configured:
        return
    backend = persist_slot.get()
    pools = backend.pools
    _POOL_SIZE.set(backend.pool_size)
    _POOL_USED.set(sum(pool.in_use for pool in pools))
    _POOL_WAITING.set(sum(pool.waiting for pool in pools))


@contextmanager
def count_areas() -> Iterator[None]:
    """Count what the cache and the task queue do."""
    with ExitStack() as stack:
        if cache_slot.is_configured:
            cache = cache_slot.get()
            cache.on_lookup = _count_lookup
            stack.callback(setattr, cache, 'on_lookup', None)
        if task_queue_slot.is_configured:
            _count_tasks(stack)
        yield


def _count_tasks(stack: ExitStack) -> None:
    backend = task_queue_slot.get()
    for name in ('submit', 'submit_tick'):
        if hasattr(backend, name):
            stack.enter_context(wrapped(backend, name, _counting))
    stack.enter_context(added(hooks.around_run, _around_run))
    stack.enter_context(added(hooks.run_killed, _count_killed))
    stack.enter_context(added(hooks.process_ended, end_process))


def _count_lookup(hits: int, misses: int) -> None:
    _CACHE_HITS.inc(hits)
    _CACHE_MISSES.inc(misses)


def _counting(submit: Callable[..., Any]) -> Callable[..., Any]:
    def submit_and_count(call: TaskCall, *args: Any) -> Any:
        answer = submit(call, *args)
        if answer in (call.id, call.id.encode()):  # otherwise there is such a task already
            _ENQUEUED.labels(call.function, task_queue_slot.get().queue_of(call)).inc()
        return answer

    return submit_and_count


@contextmanager
def _around_run(function: str, trace: str) -> Iterator[None]:
    begin = time.perf_counter()
    outcome = 'failed'
    try:
        yield
        outcome = 'finished'
    finally:
        _RUNS.labels(function, outcome).inc()
        _RUN_SECONDS.labels(function).observe(time.perf_counter() - begin)


def _count_killed(function: str) -> None:
    _RUNS.labels(function, 'killed').inc()
