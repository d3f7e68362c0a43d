"""A task in the hands of who asked for it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from colibris.taskqueue.state import TaskState, TaskStatus

if TYPE_CHECKING:
    from colibris.taskqueue.base import TaskQueueBackend

__all__ = ['TaskHandle']


@dataclass(frozen=True, slots=True)
class TaskHandle:
    """A task, known by its id."""

    id: str
    _backend: 'TaskQueueBackend' = field(repr=False, compare=False)

    @property
    def state(self) -> TaskState:
        """Everything that is known of the task at this moment.

        :raises TaskNotFound: nothing is known.
        :raises TaskQueueUnavailable: the queue cannot be reached.
        """
        return self._backend.fetch(self.id)

    @property
    def status(self) -> TaskStatus:
        """Where the task stands; ``UNKNOWN`` also as long as its transaction is not committed.

        :raises TaskQueueUnavailable: the queue cannot be reached.
        """
        return self._backend.fetch_status(self.id)

    @property
    def progress(self) -> tuple[float, float] | None:
        """What the task has told with :func:`colibris.taskqueue.progress`: how much is done, of how much.

        :raises TaskNotFound: nothing is known of the task.
        :raises TaskQueueUnavailable: the queue cannot be reached.
        """
        return self.state.progress

    async def result(self, timeout: float | None = None) -> Any:  # noqa: ASYNC109  # the name is a promise
        """Wait until the task has ended, and return what it returned.

        :param timeout: how many seconds to wait at most; the task goes on afterwards.
        :raises TimeoutException: it has not ended in this time.
        :raises TaskCancelled: it has been cancelled.
        :raises TaskNotFound: nothing is known of it.
        :raises TaskQueueUnavailable: the queue cannot be reached.
        :raises TaskExecException: it has failed, if its exception cannot be raised here.
        :raises Exception: what the task has raised, with the worker's traceback as the cause.
        """
        return await self._backend.wait(self.id, timeout)

    def cancel(self) -> bool:
        """Have the task not run, or end it if it runs.

        :returns: whether there was anything to do: ``False`` if it has ended already, or nothing is known of it.
        :raises TaskQueueUnavailable: the queue cannot be reached.
        """
        return self._backend.cancel(self.id)
