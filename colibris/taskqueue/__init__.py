"""Background tasks: functions that run later, elsewhere, and are never lost.

The setting ``TASK_QUEUE`` names the backend. ``enqueue`` returns at once, ``execute`` waits for the result; both work
in async handlers without blocking the event loop, and ``enqueue`` also in commands, the shell and other tasks.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from colibris.taskqueue.base import TaskQueueBackend, WorkPlan
from colibris.taskqueue.call import TaskCall
from colibris.taskqueue.errors import (
    SerializationError,
    TaskCancelled,
    TaskExecException,
    TaskNotFound,
    TaskQueueDisabled,
    TaskQueueError,
    TaskQueueUnavailable,
    TimeoutException,
)
from colibris.taskqueue.handle import TaskHandle
from colibris.taskqueue.options import task
from colibris.taskqueue.running import progress
from colibris.taskqueue.schedules import schedule
from colibris.taskqueue.slot import slot
from colibris.taskqueue.state import QueueState, TaskQueueStatus, TaskState, TaskStatus

__all__ = [
    'QueueState',
    'SerializationError',
    'TaskCall',
    'TaskCancelled',
    'TaskExecException',
    'TaskHandle',
    'TaskNotFound',
    'TaskQueueBackend',
    'TaskQueueDisabled',
    'TaskQueueError',
    'TaskQueueStatus',
    'TaskQueueUnavailable',
    'TaskState',
    'TaskStatus',
    'TimeoutException',
    'WorkPlan',
    'connectivity_check',
    'enqueue',
    'enqueue_at',
    'enqueue_in',
    'execute',
    'get_backend',
    'get_task',
    'progress',
    'schedule',
    'status',
    'task',
]


def get_backend() -> TaskQueueBackend:
    """The backend.

    :raises TaskQueueDisabled: the setting ``TASK_QUEUE`` is empty.
    """
    if not slot.is_configured:
        raise TaskQueueDisabled
    return slot.get()


async def execute(
    function: Callable[..., Any],
    *args: Any,
    timeout: float | None = None,  # noqa: ASYNC109  # the name is a promise
    **kwargs: Any,
) -> Any:
    """Run ``function(*args, **kwargs)`` in a worker, wait, and return what it returns.

    :param timeout: after how many seconds to give up, and have the task cancelled or killed; by default the task's own
        time-out begins when it starts.
    :raises TimeoutException: the task took too long.
    :raises TaskExecException: it failed, and its exception cannot be raised here.
    :raises Exception: what the task has raised, with the worker's traceback as the cause.
    :raises SerializationError: an argument cannot be sent to a worker.
    :raises TaskQueueUnavailable: the queue cannot be reached.
    :raises TaskQueueError: a transaction is open: the task would go out only with its commit.
    """
    if _transaction() is not None:
        raise TaskQueueError('execute() would wait for ever: in a transaction, tasks go out with the commit')
    backend = get_backend()
    return await backend.execute(TaskCall.of(function, args, kwargs).with_timeout(timeout), timeout)


def enqueue(function: Callable[..., Any], *args: Any, **kwargs: Any) -> TaskHandle:
    """Have ``function(*args, **kwargs)`` run in a worker, and return at once.

    In a transaction the task goes out with the commit; it never runs if that is rolled back.

    :raises SerializationError: an argument cannot be sent to a worker.
    :raises TaskQueueUnavailable: the queue cannot be reached.
    :raises TaskQueueError: a worker would not find the function.
    """
    return _submit(TaskCall.of(function, args, kwargs))


def enqueue_in(delay: float | timedelta, function: Callable[..., Any], *args: Any, **kwargs: Any) -> TaskHandle:
    """Like :func:`enqueue`, but run it only after ``delay``, a number of seconds or a ``timedelta``.

    :raises ValueError: the delay is negative.
    """
    wait = delay if isinstance(delay, timedelta) else timedelta(seconds=delay)
    if wait < timedelta(0):
        raise ValueError(f'a delay cannot be negative: {delay}')
    return _submit(TaskCall.of(function, args, kwargs).at(datetime.now(UTC) + wait))


def enqueue_at(when: datetime, function: Callable[..., Any], *args: Any, **kwargs: Any) -> TaskHandle:
    """Like :func:`enqueue`, but run it only at ``when``, a time with a time zone; one that is past means at once.

    :raises ValueError: the time has no time zone.
    """
    if when.tzinfo is None:
        raise ValueError(f'{when!r} has no time zone; say datetime.now(UTC), or datetime(…, tzinfo=…)')
    return _submit(TaskCall.of(function, args, kwargs).at(when))


def get_task(task_id: str) -> TaskHandle:
    """The task with an id, which may have been enqueued by another process; nothing is looked up yet."""
    return TaskHandle(task_id, get_backend())


def status() -> TaskQueueStatus:
    """How the task queue does: whether it is reachable, how many workers are alive, what waits.

    :raises TaskQueueDisabled: the setting ``TASK_QUEUE`` is empty.
    """
    return get_backend().status()


def connectivity_check() -> bool:
    """Whether the task queue is there and answers.

    :raises TaskQueueDisabled: the setting ``TASK_QUEUE`` is empty.
    """
    try:
        get_backend().ping()
    except TaskQueueUnavailable:
        return False
    return True


def _submit(call: TaskCall) -> TaskHandle:
    backend = get_backend()
    database = _transaction()
    if database is None:
        return TaskHandle(backend.submit(call), backend)
    # What can go wrong should go wrong now, while the transaction can still be rolled back.
    backend.queue_of(call)
    call.payload(backend.serializer)
    backend.ping()
    from colibris.persist import after_commit

    after_commit(lambda: backend.submit(call))
    return TaskHandle(call.id, backend)


def _transaction() -> Any:
    """The database, if a transaction is open on it; a project may have none."""
    persist = sys.modules.get('colibris.persist.slot')
    database = persist.slot.peek() if persist else None
    return database if database is not None and database.in_transaction() else None
