"""The contract of a task queue's backend."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from colibris import bridge
from colibris.conf.backends import Backend
from colibris.errors import ConfigurationError
from colibris.taskqueue.call import TaskCall
from colibris.taskqueue.errors import TaskNotFound, TaskQueueError, TimeoutException
from colibris.taskqueue.serializer import find_serializer
from colibris.taskqueue.state import TaskQueueStatus, TaskState, TaskStatus

__all__ = ['TaskQueueBackend', 'WorkPlan']


@dataclass(frozen=True, slots=True)
class WorkPlan:
    """What ``manage.py runworker`` is asked for."""

    queues: tuple[str, ...] = ()
    """The queues to work on, the most urgent first; empty: all."""
    count: int = 1
    """How many tasks are run at the same time."""
    is_burst: bool = False
    """Whether to end when no task waits."""
    max_jobs: int | None = None
    """After how many tasks each worker ends."""
    has_scheduler: bool = False
    """Whether to enqueue what :func:`colibris.taskqueue.schedule` has registered."""


class TaskQueueBackend(Backend, ABC):
    """Keeps calls until a worker makes them, and their results until somebody fetches them.

    Plain methods wait through the bridge: they work in driven coroutines and where no loop runs. Times are in seconds.
    Any of them raises :class:`~colibris.taskqueue.TaskQueueUnavailable` within a second if the queue cannot be reached.

    :param queues: the names of all queues; the first one is for tasks that name none.
    :param timeout: after how many seconds a run is killed, unless its task says otherwise.
    :param result_ttl: for how many seconds results are kept.
    :param serializer: ``json``, ``pickle`` or the dotted path of a serializer.
    """

    def __init__(
        self,
        *,
        queues: Sequence[str] = ('default',),
        timeout: float = 180,
        result_ttl: float = 600,
        serializer: str = 'json',
    ) -> None:
        self.queues = _check_queues(queues)
        self.timeout = check_number('timeout', timeout)
        self.result_ttl = check_number('result_ttl', result_ttl)
        self.serializer = find_serializer(serializer)

    @abstractmethod
    def submit(self, call: TaskCall) -> str:
        """Put a call into its queue, or keep it until it is due.

        :returns: the task's id; that of another task if the call is unique, and that one waits or runs.
        :raises SerializationError: an argument cannot be sent.
        :raises TaskQueueError: there is no such queue.
        :raises TaskQueueUnavailable: the queue cannot be reached; the task may be there all the same.
        """

    @abstractmethod
    def fetch(self, task_id: str) -> TaskState:
        """What is known of a task.

        :raises TaskNotFound: nothing is known of it.
        """

    @abstractmethod
    async def wait(self, task_id: str, seconds: float | None = None) -> Any:
        """Wait until a task has ended, ``seconds`` at most, and return what it returned.

        It raises what :meth:`~colibris.taskqueue.TaskHandle.result` raises.
        """

    @abstractmethod
    def cancel(self, task_id: str) -> bool:
        """Have a task not run, or end it if it runs.

        A run that cannot be ended, as one in a thread, is left alone; its result is dropped.

        :returns: whether there was anything to do.
        """

    @abstractmethod
    def retry(self, task_id: str) -> None:
        """Put a task that has failed or been cancelled into its queue again, with the retries that it had first.

        :raises TaskNotFound: nothing is known of it.
        :raises TaskQueueError: it has neither failed nor been cancelled.
        """

    @abstractmethod
    def tasks(self, status: TaskStatus | None = None, queue: str | None = None, limit: int = 100) -> list[TaskState]:
        """Tasks of a status, or of any, in a queue, or in all; ``limit`` of them at most, in no promised order."""

    @abstractmethod
    def purge(self, status: TaskStatus, queue: str | None = None) -> int:
        """Forget the tasks of a status that is not ``RUNNING``; those that wait will never run.

        :returns: how many they were.
        :raises TaskQueueError: tasks that run cannot be forgotten.
        """

    @abstractmethod
    def status(self) -> TaskQueueStatus:
        """How the queue does; it says so itself if it cannot be reached."""

    async def execute(self, call: TaskCall, seconds: float | None = None) -> Any:
        """Submit a call and wait for its result; cancel it when that takes longer than ``seconds``."""
        task_id = await bridge.run(self.submit, call)
        try:
            return await self.wait(task_id, seconds)
        except TimeoutException:
            if task_id == call.id:
                await bridge.run(self.cancel, task_id)
            raise

    def fetch_status(self, task_id: str) -> TaskStatus:
        """Where a task stands; ``UNKNOWN`` if nothing is known of it."""
        try:
            return self.fetch(task_id).status
        except TaskNotFound:
            return TaskStatus.UNKNOWN

    @abstractmethod
    def ping(self) -> None:
        """Reach the queue.

        :raises TaskQueueUnavailable: it cannot be reached.
        """

    def connectivity_check(self) -> None:
        """Reach the queue, and look whether its workers keep up.

        :raises TaskQueueUnavailable: it cannot be reached, or they do not.
        """
        self.ping()

    def work(self, plan: WorkPlan) -> int:
        """Run tasks in this process and its children until a signal ends it.

        :returns: the exit status.
        :raises TaskQueueError: the backend has no workers.
        """
        raise TaskQueueError(f'{type(self).__name__} needs no workers: the server runs the tasks')

    def queue_of(self, call: TaskCall) -> str:
        """The name of the queue that a call goes to.

        :raises TaskQueueError: there is no such queue.
        """
        name = call.options.queue or self.queues[0]
        if name not in self.queues:
            raise TaskQueueError(
                f"{call.function}: there is no queue '{name}'; TASK_QUEUE['queues'] has {', '.join(self.queues)}"
            )
        return name


def check_number(name: str, value: Any, *, low: float = 0) -> float:
    """An option that has to be a number above ``low``.

    :raises ConfigurationError: it is not.
    """
    if not isinstance(value, int | float) or isinstance(value, bool) or not value > low:
        raise ConfigurationError(f"'{name}' must be a number above {low}, not {value!r}")
    return value


def _check_queues(queues: Any) -> tuple[str, ...]:
    names = tuple(queues) if isinstance(queues, list | tuple) else ()
    if not names or not all(isinstance(name, str) and name for name in names) or len(set(names)) < len(names):
        raise ConfigurationError(f"'queues' must be a list of different names, not {queues!r}")
    return names
