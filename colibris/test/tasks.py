"""Background tasks in tests: run at once, or captured."""

from collections.abc import Iterator, Sequence

import pytest

from colibris.taskqueue.call import TaskCall
from colibris.taskqueue.local import LocalBackend, Record
from colibris.taskqueue.running import make_call
from colibris.taskqueue.slot import slot
from colibris.taskqueue.state import TaskStatus

__all__ = ['CapturedTasks', 'EagerTasks', 'captured_tasks', 'eager_tasks']


class EagerTasks(LocalBackend):
    """Runs each task where it is enqueued, before ``enqueue`` returns, also one that is not due yet."""

    def _launch(self, record: Record, delay: float) -> None:
        record.change(status=TaskStatus.WAITING)
        self._run(record, make_call)

    def _delay_by_rate(self, call: TaskCall) -> float:
        return 0.0


class CapturedTasks(EagerTasks):
    """Keeps tasks instead of running them: a test looks at :attr:`calls`, and may :meth:`run` them."""

    def __init__(self, *, queues: Sequence[str] = ('default',)) -> None:
        super().__init__(queues=queues)
        self._captured: list[Record] = []

    @property
    def calls(self) -> list[TaskCall]:
        """What has been enqueued and not been run yet, oldest first."""
        return [record.call for record in self._captured]

    def run(self) -> int:
        """Run what has been captured, and what that enqueues in turn.

        :returns: how many tasks there were.
        """
        count = 0
        while self._captured:
            super()._launch(self._captured.pop(0), 0.0)
            count += 1
        return count

    def _launch(self, record: Record, delay: float) -> None:
        self._captured.append(record)


@pytest.fixture
def eager_tasks() -> Iterator[EagerTasks]:
    """Have background tasks run at once, whatever ``TASK_QUEUE`` says."""
    backend = EagerTasks(queues=_queues())
    with slot.replace(backend):
        yield backend


@pytest.fixture
def captured_tasks() -> Iterator[CapturedTasks]:
    """Have background tasks captured, whatever ``TASK_QUEUE`` says: ``captured_tasks.calls``."""
    backend = CapturedTasks(queues=_queues())
    with slot.replace(backend):
        yield backend


def _queues() -> tuple[str, ...]:
    configured = slot.configuration.get('queues') if slot.is_available else None
    return tuple(configured) if configured else ('default',)
