"""What stands in the queues, for people and for health checks."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from rq.utils import str_to_date

from colibris.taskqueue.errors import TaskQueueError
from colibris.taskqueue.rq import keys
from colibris.taskqueue.rq.job import TaskJob
from colibris.taskqueue.rq.link import Command, Link
from colibris.taskqueue.state import QueueState, TaskQueueStatus, TaskStatus

__all__ = ['Listing']

ToJob = Callable[[str, dict[bytes, bytes]], TaskJob | None]

_PLACES: dict[TaskStatus, Callable[[str], str]] = {
    TaskStatus.RUNNING: keys.started,
    TaskStatus.WAITING: keys.queue_key,
    TaskStatus.SCHEDULED: keys.scheduled,
    TaskStatus.FAILED: keys.failed,
    TaskStatus.CANCELLED: keys.cancelled,
    TaskStatus.FINISHED: keys.finished,
}


class Listing:
    """Reads what stands in some queues.

    :param link: the way to Redis.
    :param queues: their names.
    :param to_job: makes a job of its id and its fields.
    """

    def __init__(self, link: Link, queues: Sequence[str], to_job: ToJob) -> None:
        self._link = link
        self._queues = queues
        self._to_job = to_job

    def jobs(self, status: TaskStatus | None, queue: str | None, limit: int) -> list[TaskJob]:
        """Jobs of a status, or of any, in a queue, or in all; ``limit`` at most."""
        statuses = list(_PLACES) if status is None else [status]
        found: dict[str, TaskJob] = {}
        for one in statuses:
            for job in self._fetch(self._ids(one, queue, limit)):
                # It may have moved on since, and then stands in another list too.
                if status is None or job.task_status is status:
                    found.setdefault(job.id, job)
        return list(found.values())[:limit]

    def purge(self, status: TaskStatus, queue: str | None) -> int:
        """Delete the jobs of a status, and return how many they were.

        :raises TaskQueueError: they run.
        """
        if status not in _PLACES or status is TaskStatus.RUNNING:
            raise TaskQueueError(f'{status} tasks cannot be purged; cancel them')
        count = 0
        for name in self._names(queue):
            place = _PLACES[status](name)
            ids = self._ids(status, name, -1)
            self._link.send(('DEL', place), *(_delete(task_id) for task_id in ids))
            count += len(ids)
        return count

    def status(self) -> TaskQueueStatus:
        """How many tasks stand where, and how many workers are alive."""
        commands: list[Command] = [('SMEMBERS', keys.WORKERS)]
        for name in self._queues:
            commands += [
                ('LLEN', keys.queue_key(name)),
                ('ZCARD', keys.scheduled(name)),
                ('ZCARD', keys.started(name)),
                ('ZCARD', keys.failed(name)),
                ('LINDEX', keys.queue_key(name), 0),
            ]
        workers, *answers = self._link.send(*commands)
        rows = [answers[start : start + 5] for start in range(0, len(answers), 5)]
        ages = self._ages([row[4] for row in rows])
        queues = tuple(
            QueueState(name, waiting, scheduled, running, failed, age)
            for name, (waiting, scheduled, running, failed, _), age in zip(self._queues, rows, ages, strict=True)
        )
        return TaskQueueStatus(True, self._count_alive(workers), queues)

    def _names(self, queue: str | None) -> Sequence[str]:
        return self._queues if queue is None else (queue,)

    def _ids(self, status: TaskStatus, queue: str | None, limit: int) -> list[str]:
        command = 'LRANGE' if status is TaskStatus.WAITING else 'ZRANGE'
        last = limit - 1 if limit > 0 else -1
        lists = self._link.send(*((command, _PLACES[status](name), 0, last) for name in self._names(queue)))
        return [_task_id(entry) for entries in lists for entry in entries]

    def _fetch(self, ids: Sequence[str]) -> Iterable[TaskJob]:
        if not ids:
            return
        answers = self._link.send(*(('HGETALL', keys.job_key(task_id)) for task_id in ids))
        for task_id, fields in zip(ids, answers, strict=True):
            job = self._to_job(task_id, fields)
            if job is not None:
                yield job

    def _count_alive(self, workers: Iterable[bytes]) -> int:
        names = list(workers)
        return sum(self._link.send(*(('EXISTS', name) for name in names))) if names else 0

    def _ages(self, task_ids: Sequence[bytes | None]) -> list[float]:
        times = self._link.send(*(('HGET', keys.job_key((each or b'').decode()), 'enqueued_at') for each in task_ids))
        moment = datetime.now(UTC)
        return [max(0.0, (moment - str_to_date(text)).total_seconds()) if text else 0.0 for text in times]


def _delete(task_id: str) -> Command:
    return 'DEL', keys.job_key(task_id), keys.result_key(task_id)


def _task_id(entry: Any) -> str:
    """A job's id, also where a run's stands behind it."""
    return str(entry.decode().partition(':')[0])
