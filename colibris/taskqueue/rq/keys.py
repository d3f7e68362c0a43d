"""The names of what stands in Redis: RQ's own, and what colibris adds to them."""

from rq.defaults import RQ_KEY_PREFIX
from rq.executions import WORKER_EXECUTIONS_KEY_TEMPLATE
from rq.job import Job
from rq.queue import Queue
from rq.registry import (
    CanceledJobRegistry,
    FailedJobRegistry,
    FinishedJobRegistry,
    ScheduledJobRegistry,
    StartedJobRegistry,
)

__all__ = [
    'FENCE',
    'LEADER',
    'QUEUES',
    'TICKS',
    'WORKERS',
    'bell',
    'cancelled',
    'ended_channel',
    'failed',
    'finished',
    'intermediate',
    'job_key',
    'queue_key',
    'rate_key',
    'result_key',
    'runs_of',
    'scheduled',
    'started',
    'unique_key',
]

_OWN = f'{RQ_KEY_PREFIX}:colibris'

QUEUES = Queue.redis_queues_keys
WORKERS = f'{RQ_KEY_PREFIX}:workers'

LEADER = f'{_OWN}:scheduler:leader'
"""Holds the fence of the scheduler that may enqueue, for as long as it lives."""
FENCE = f'{_OWN}:scheduler:fence'
"""Counts the schedulers that have led."""
TICKS = f'{_OWN}:scheduler:ticks'
"""The last tick of each schedule."""


def job_key(task_id: str) -> str:
    """The hash of a task."""
    return Job.key_for(task_id)


def result_key(task_id: str) -> str:
    """The stream of a task's results."""
    return f'{RQ_KEY_PREFIX}:results:{task_id}'


def queue_key(queue: str) -> str:
    """The list of the tasks that wait in a queue."""
    return f'{Queue.redis_queue_namespace_prefix}{queue}'


def intermediate(queue: str) -> str:
    """The list of the tasks that a worker has taken, but not yet begun."""
    return f'{queue_key(queue)}:intermediate'


def bell(queue: str) -> str:
    """The stream that wakes workers of several queues."""
    return f'{_OWN}:bell:{queue}'


def started(queue: str) -> str:
    """The runs that are under way, by when they have to be heard of again."""
    return StartedJobRegistry.key_template.format(queue)


def scheduled(queue: str) -> str:
    """The tasks that are not due yet, by when they are."""
    return ScheduledJobRegistry.key_template.format(queue)


def finished(queue: str) -> str:
    """The tasks that have finished, by when they are forgotten."""
    return FinishedJobRegistry.key_template.format(queue)


def failed(queue: str) -> str:
    """The tasks that have failed, by when they are forgotten."""
    return FailedJobRegistry.key_template.format(queue)


def cancelled(queue: str) -> str:
    """The tasks that have been cancelled."""
    return CanceledJobRegistry.key_template.format(queue)


def unique_key(key: str) -> str:
    """Holds the id of the only task that may wait or run."""
    return f'{_OWN}:unique:{key}'


def rate_key(function: str) -> str:
    """The last starts of a function's calls."""
    return f'{_OWN}:rate:{function}'


def ended_channel(task_id: str) -> str:
    """The channel on which a task's end is told."""
    return f'{_OWN}:ended:{task_id}'


def runs_of(worker: str) -> str:
    """The runs that a worker has under way."""
    return WORKER_EXECUTIONS_KEY_TEMPLATE.format(worker)
