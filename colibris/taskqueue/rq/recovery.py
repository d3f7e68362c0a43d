"""What becomes of tasks whose worker has ended in the middle."""

import logging
import math
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

from redis.exceptions import WatchError
from rq.executions import Execution
from rq.job import JobStatus
from rq.job_lifecycle import record_job_failure
from rq.utils import now, utcformat
from rq.worker_registration import clean_worker_registry

from colibris.log.operation import working_for
from colibris.taskqueue.errors import TaskExecException
from colibris.taskqueue.failure import Failure
from colibris.taskqueue.rq import keys, scripts
from colibris.taskqueue.rq.job import TaskJob
from colibris.taskqueue.rq.queue import TaskQueue

__all__ = ['Recovery', 'give_up']

logger = logging.getLogger(__name__)

STUCK_SECONDS = 15.0
"""How long a worker may need between taking a job and beginning it."""

BATCH = 500


class Recovery:
    """Keeps some queues in order; any number of processes may do so at the same time.

    :param queues: the queues.
    :param max_crashes: how often a task may end its worker before it is not tried again.
    """

    def __init__(self, queues: Sequence[TaskQueue], max_crashes: int) -> None:
        self._queues = queues
        self._max_crashes = max_crashes
        self._seen: dict[tuple[str, bytes], float] = {}

    def promote(self) -> None:
        """Put what has become due into the queues."""
        for queue in self._queues:
            names = (keys.scheduled(queue.name), queue.key, keys.bell(queue.name))
            while queue.connection.eval(scripts.PROMOTE, 3, *names, BATCH, utcformat(now())) == BATCH:
                pass

    def recover(self) -> None:
        """Have every task that nobody runs any more run again, or fail."""
        for queue in self._queues:
            moment = time.time()
            for entry in queue.connection.zrangebyscore(keys.started(queue.name), '-inf', moment, 0, BATCH):
                self._abandon(queue, entry, silent_since=moment)
            self._forget(queue, moment)
            clean_worker_registry(queue)
        self._restore_stuck()

    def abandon_worker(self, worker: str) -> None:
        """Do so at once for the tasks of a worker that is known to have ended."""
        for entry in self._queues[0].connection.smembers(keys.runs_of(worker)):
            for queue in self._queues:
                self._abandon(queue, entry)

    def _abandon(self, queue: TaskQueue, entry: bytes, silent_since: float = math.inf) -> None:
        execution = Execution.from_composite_key(entry.decode(), queue.connection)
        give_up(
            queue, execution, Failure.plain(TaskExecException, 'its worker has ended'), self._max_crashes, silent_since
        )

    def _restore_stuck(self) -> None:
        taken = {
            (queue.name, job_id): queue
            for queue in self._queues
            for job_id in queue.connection.lrange(queue.intermediate_queue_key, 0, -1)
        }
        moment = time.monotonic()
        self._seen = {name: self._seen.get(name, moment) for name in taken}
        for name, queue in taken.items():
            if moment - self._seen[name] > STUCK_SECONDS and not _has_run(queue, name[1]):
                _give_back(queue, name[1].decode())

    @staticmethod
    def _forget(queue: TaskQueue, moment: float) -> None:
        pipeline = queue.connection.pipeline()
        for registry in (keys.finished, keys.failed, keys.cancelled):
            pipeline.zremrangebyscore(registry(queue.name), 0, moment)
        pipeline.execute()


def _give_back(queue: TaskQueue, job_id: str) -> None:
    """Return a job to its queue that has been taken but not begun."""
    names = (keys.job_key(job_id), queue.intermediate_queue_key, queue.key, keys.bell(queue.name))
    if queue.connection.eval(scripts.RESTORE, 4, *names, job_id):
        logger.warning('task %s was taken by a worker that has ended; it is in its queue again', job_id)


def give_up(
    queue: TaskQueue,
    execution: Execution,
    failure: Failure | None,
    max_crashes: int,
    silent_since: float = math.inf,
) -> None:
    """End a run whose process has ended, unless that has ended the run in its own way.

    The task runs again, or stands among the failed ones when its retries are used up.

    :param failure: why; ``None`` if it is nobody's fault: then the task is put back as if it had not run.
    :param silent_since: leave a run alone that has been heard of after this time.
    """
    with queue.connection.pipeline() as pipeline:
        while True:
            try:
                # Whoever ends a run, or hears of it, writes to the job in the same step.
                pipeline.watch(keys.job_key(execution.job_id))
                score = pipeline.zscore(keys.started(queue.name), execution.composite_key)
                if score is None or float(score) > silent_since:
                    return
                job = _fetch(queue, execution.job_id)
                pipeline.multi()
                _end_run(queue, job, execution, failure, max_crashes, pipeline)
                pipeline.execute()
                return
            except WatchError:
                continue


def _end_run(
    queue: TaskQueue,
    job: TaskJob | None,
    execution: Execution,
    failure: Failure | None,
    max_crashes: int,
    pipeline: Any,
) -> None:
    pipeline.delete(execution.key)
    pipeline.zrem(keys.started(queue.name), execution.composite_key)
    pipeline.lrem(queue.intermediate_queue_key, 1, execution.job_id)
    if job is None or job.get_status(refresh=False) not in (JobStatus.QUEUED, JobStatus.STARTED):
        return
    if job.is_cancel_requested:
        job.end_as_cancelled(pipeline)
    elif job.get_status(refresh=False) == JobStatus.QUEUED or failure is None:
        pipeline.lrem(queue.key, 0, job.id)
        queue._enqueue_job(job, pipeline=pipeline, at_front=True)
    else:
        _count_crash(queue, job, failure, max_crashes, pipeline)


def _count_crash(queue: TaskQueue, job: TaskJob, failure: Failure, max_crashes: int, pipeline: Any) -> None:
    job.crashes += 1
    job.ended_at = datetime.now(UTC)
    job.failure = failure
    with working_for(job.operation_id, job.trace):
        if job.should_retry and job.crashes < max_crashes:
            job.retry(queue, pipeline)
            logger.warning('task %s %s: %s; it is tried again', job.task_name, job.id, failure.message)
        else:
            record_job_failure(job, failure.summary, pipeline)
            logger.error('task %s %s: %s; it has failed', job.task_name, job.id, failure.message)


def _fetch(queue: TaskQueue, job_id: str) -> TaskJob | None:
    job = queue.fetch_job(job_id)
    return cast('TaskJob | None', job)


def _has_run(queue: TaskQueue, job_id: bytes) -> bool:
    cursor = 0
    while True:
        cursor, found = queue.connection.zscan(keys.started(queue.name), cursor, match=job_id + b':*', count=1000)
        if found or not cursor:
            return bool(found)
