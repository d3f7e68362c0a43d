"""How a worker makes a call, whatever backend it belongs to."""

import inspect
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextvars import ContextVar
from typing import Any

from colibris import bridge
from colibris.taskqueue.functions import function_at
from colibris.taskqueue.hooks import watched

__all__ = ['make_call', 'make_call_alone', 'progress']

PROGRESS_SECONDS = 0.1

Report = Callable[[float, float], None]


class _Reporter:
    """Passes on how far a task is, but not more often than anybody looks."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._next = 0.0

    def tell(self, done: float, total: float) -> None:
        now = time.monotonic()
        if now >= self._next or done >= total:
            self._next = now + PROGRESS_SECONDS
            self._report(done, total)


_reporter: ContextVar[_Reporter | None] = ContextVar('task_reporter', default=None)


def progress(done: float, total: float) -> None:
    """Tell how far the running task is; does nothing where no task runs.

    At most ten calls a second are passed on, and the last one always.
    """
    reporter = _reporter.get()
    if reporter is not None:
        reporter.tell(done, total)


def make_call(
    path: str,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    report: Report,
    trace: str = '',
    *,
    complete: Callable[[Coroutine[Any, Any, Any]], Awaitable[Any]] = lambda coroutine: coroutine,
) -> Any:
    """Call the function at ``path``, and return what it returns, or its coroutine; waits through the bridge.

    Lines of the log name the operation that the caller works for.

    :param report: called with what the task tells of its progress.
    :param trace: the call's.
    :param complete: awaits a coroutine.
    :raises BaseException: whatever the function raises.
    """
    token = _reporter.set(_Reporter(report))
    try:
        with watched(path, trace):
            result = function_at(path)(*args, **kwargs)
            return bridge.wait(complete(result)) if inspect.iscoroutine(result) else result
    finally:
        _reporter.reset(token)


def make_call_alone(*call: Any) -> Any:
    """:func:`make_call` in a thread or a process where nothing else goes on; lets go of the database afterwards."""
    try:
        return make_call(*call, complete=_complete)
    finally:
        database = _database()
        if database is not None and not database.is_closed():
            database.close()


async def _complete(coroutine: Coroutine[Any, Any, Any]) -> Any:
    try:
        return await coroutine
    finally:
        database = _database()
        if database is not None:
            await database.close_pool()


def _database() -> Any:
    persist = sys.modules.get('colibris.persist.slot')
    return persist.slot.peek() if persist else None
