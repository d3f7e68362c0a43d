"""RQ's queue, made so that no step can lose a job."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rq.exceptions import DequeueTimeout
from rq.job import JobStatus
from rq.queue import Queue

from colibris.taskqueue.rq import keys
from colibris.taskqueue.rq.job import TaskJob

__all__ = ['TaskQueue']


class TaskQueue(Queue):
    """An RQ queue whose jobs are moved, never popped, also when a worker serves several queues."""

    job_class = TaskJob
    connection: Any  # redis-py's types say that any answer may be a text

    def get_redis_server_version(self) -> tuple[int, int, int]:
        """The oldest version that will do; RQ would ask the server for it, and use it for older ones only."""
        return (6, 2, 0)

    def push_job_id(self, job_id: str, pipeline: Any = None, at_front: bool = False) -> None:
        """Put a job into the list, and wake workers of several queues."""
        connection = self.connection if pipeline is None else pipeline
        super().push_job_id(job_id, pipeline=pipeline, at_front=at_front)
        connection.xadd(keys.bell(self.name), {'id': job_id}, maxlen=1, approximate=False)

    def schedule_job(self, job: Any, datetime: datetime, pipeline: Any = None, unique: bool = False) -> Any:
        """Keep a job until a time, exactly; RQ cuts off fractions of seconds."""
        pipe = self.connection.pipeline() if pipeline is None else pipeline
        due = f'{datetime.timestamp():.6f}'
        pipe.sadd(self.redis_queues_keys, self.key)
        self._persist_job(job, pipe, status=JobStatus.SCHEDULED)
        pipe.hset(job.key, 'due', due)
        pipe.zadd(keys.scheduled(self.name), {job.id: due})
        if pipeline is None:
            pipe.execute()
        return job

    @classmethod
    def take(cls, queues: 'Sequence[TaskQueue]', connection: Any, timeout: int | None) -> Any:
        """Move the first job of the first queue that has one to that queue's intermediate list.

        :param timeout: how many seconds to wait for one; ``None``: not at all.
        :returns: the job and its queue; ``None`` if there is no job.
        """
        if len(queues) == 1:
            try:
                moved = cls.lmove(connection, queues[0].key, timeout)
            except DequeueTimeout:
                return None
        else:
            moved = _move_any(queues, connection, timeout)
        if moved is None:
            return None
        queue = next(queue for queue in queues if queue.key == moved[0])
        job_id = moved[1].decode()
        fetched = cls._fetch_dequeued_job(connection, queue.key, job_id, job_class=TaskJob, serializer=queue.serializer)
        if fetched is None:  # it has been purged
            connection.lrem(queue.intermediate_queue_key, 1, job_id)
            return cls.take(queues, connection, None)
        return fetched


def _move_any(queues: Sequence[TaskQueue], connection: Any, timeout: int | None) -> tuple[str, bytes] | None:
    """Move a job as BLMOVE does, which knows only one list: enqueuing rings a bell, on which this waits."""
    bells = [keys.bell(queue.name) for queue in queues]
    heard = dict(zip(bells, _last_entries(connection, bells), strict=True)) if timeout else {}
    for queue in queues:
        job_id = connection.lmove(queue.key, queue.intermediate_queue_key, 'LEFT', 'RIGHT')
        if job_id is not None:
            return queue.key, job_id
    if timeout is None or not connection.xread(heard, count=1, block=timeout * 1000):
        return None
    return _move_any(queues, connection, None)


def _last_entries(connection: Any, streams: Sequence[str]) -> list[bytes]:
    pipeline = connection.pipeline(transaction=False)
    for stream in streams:
        pipeline.xrevrange(stream, count=1)
    return [entries[0][0] if entries else b'0-0' for entries in pipeline.execute()]
