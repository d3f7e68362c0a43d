"""What is known of a task, and of the whole queue."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from colibris.taskqueue.failure import Failure

__all__ = ['QueueState', 'TaskQueueStatus', 'TaskState', 'TaskStatus']


class TaskStatus(StrEnum):
    """Where a task stands."""

    WAITING = 'waiting'
    """In its queue."""
    SCHEDULED = 'scheduled'
    """Not yet due: asked for a later time, retried, or held back by its rate."""
    RUNNING = 'running'
    FINISHED = 'finished'
    FAILED = 'failed'
    """Its last retry has failed."""
    CANCELLED = 'cancelled'
    UNKNOWN = 'unknown'
    """Nothing is known of it: not committed yet, dropped after its time, or never there."""

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens by itself."""
        return self in _FINAL


_FINAL = {TaskStatus.FINISHED, TaskStatus.FAILED, TaskStatus.CANCELLED, TaskStatus.UNKNOWN}


@dataclass(frozen=True, slots=True)
class TaskState:
    """One task at one moment. Times have a time zone."""

    id: str
    function: str
    queue: str
    status: TaskStatus
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    operation_id: str = ''
    created_at: datetime | None = None
    due_at: datetime | None = None
    """When it may start, of a scheduled one."""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    retries_left: int = 0
    progress: tuple[float, float] | None = None
    """What it has told of itself: how much is done, of how much."""
    failure: Failure | None = None
    """Why it has failed, or failed the last time."""


@dataclass(frozen=True, slots=True)
class QueueState:
    """The number of tasks of one queue."""

    name: str
    waiting: int = 0
    scheduled: int = 0
    running: int = 0
    failed: int = 0
    oldest_waiting_seconds: float = 0.0
    """How long the first task in the queue has waited; 0 if none waits."""


@dataclass(frozen=True, slots=True)
class TaskQueueStatus:
    """How the task queue does, for health checks and metrics."""

    is_reachable: bool
    workers: int = 0
    """Workers that are alive, on all machines."""
    queues: tuple[QueueState, ...] = ()

    @property
    def waiting(self) -> int:
        """Tasks that wait in any queue."""
        return sum(queue.waiting for queue in self.queues)

    @property
    def oldest_waiting_seconds(self) -> float:
        """How long the task that has waited longest has waited; 0 if none waits."""
        return max((queue.oldest_waiting_seconds for queue in self.queues), default=0.0)
