"""What can go wrong with background tasks."""

from colibris.errors import ColibrisError

__all__ = [
    'SerializationError',
    'TaskCancelled',
    'TaskExecException',
    'TaskNotFound',
    'TaskQueueDisabled',
    'TaskQueueError',
    'TaskQueueUnavailable',
    'TimeoutException',
]


class TaskQueueError(ColibrisError):
    """The task queue could not do what was asked."""


class TaskQueueDisabled(TaskQueueError):
    """Background tasks are disabled: the setting TASK_QUEUE is empty."""


class TaskQueueUnavailable(TaskQueueError):
    """The task queue cannot be reached."""


class SerializationError(TaskQueueError, TypeError):
    """A value cannot be sent to a worker, or back."""


class TimeoutException(TaskQueueError, TimeoutError):
    """The task took too long."""


class TaskCancelled(TaskQueueError):
    """The task has been cancelled."""


class TaskNotFound(TaskQueueError):
    """There is no such task, or nothing is known of it any more."""


class TaskExecException(TaskQueueError):
    """The task failed.

    :param message: what the exception in the worker said.
    :param traceback: where it was raised, as text; empty when the worker itself has ended.
    """

    traceback = ''

    def __init__(self, message: str | None = None, traceback: str = '') -> None:
        super().__init__(message)
        self.traceback = traceback

    def __str__(self) -> str:
        return f'{super().__str__()}\n\n{self.traceback}'.rstrip()
