"""RQ's worker, made so that whatever ends it, no task is lost."""

import contextlib
import logging
import os
import random
import select
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any, cast

import redis
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from rq.exceptions import StopRequested
from rq.executions import Execution
from rq.utils import now
from rq.worker import Worker, WorkerStatus

from colibris.log import operation_id
from colibris.log.operation import NO_OPERATION, trace_ids, trace_ids_in
from colibris.taskqueue import hooks
from colibris.taskqueue.errors import TaskExecException, TimeoutException
from colibris.taskqueue.failure import Failure, task_traceback
from colibris.taskqueue.rq import keys, scripts
from colibris.taskqueue.rq.job import TaskJob
from colibris.taskqueue.rq.processes import end_with_parent
from colibris.taskqueue.rq.queue import TaskQueue
from colibris.taskqueue.rq.recovery import give_up
from colibris.taskqueue.rq.timeouts import OutOfTime, TimeLimit

__all__ = ['FINISH', 'RUN_SECONDS', 'STOP', 'TaskWorker']

logger = logging.getLogger(__name__)

FINISH = signal.SIGUSR1
"""Tells a worker to end after the task that it runs."""
STOP = signal.SIGUSR2
"""Tells a worker to end at once, and to put its task back."""

RUN_SECONDS = 20
"""For how long after a heartbeat a run counts as alive."""
WORKER_SECONDS = 30
HEARTBEAT_SECONDS = 5
GRACE_SECONDS = 5
"""How long a task that is out of time may clean up, before it is killed."""
LONGEST_PAUSE = 5.0

_HASTY = redis.retry.Retry(NoBackoff(), 0)
_PATIENT = redis.retry.Retry(ExponentialBackoff(cap=1, base=0.05), 300)
"""A task that has been done outlasts a Redis that is started anew."""


class TaskWorker(Worker):
    """Takes tasks from queues, and runs each in a process of its own.

    RQ keeps the books; this class decides when a task is taken, watched, ended and given up.

    :param queues: where to take tasks from, the most urgent first.
    :param max_crashes: how often a task may end its process before it is not tried again.
    :param name: what the worker is called in Redis.
    """

    queue_class = TaskQueue
    job_class = TaskJob
    death_penalty_class = TimeLimit
    log_result_lifespan = False
    dequeue_timeout = 1
    should_run_maintenance_tasks = False

    def __init__(self, queues: Sequence[TaskQueue], max_crashes: int, result_ttl: int, name: str) -> None:
        self._queues = list(queues)
        super().__init__(
            self._queues,
            name=name,
            connection=queues[0].connection,
            default_result_ttl=result_ttl,
            worker_ttl=WORKER_SECONDS,
        )
        self.serializer = queues[0].serializer
        self._max_crashes = max_crashes
        self._must_stop = False
        self._lifeline = -1
        self._heartbeat_at = 0.0

    @property
    def is_asked_to_end(self) -> bool:
        """Whether a signal has told the worker to end."""
        return self._stop_requested

    # Start and end

    def bootstrap(self, *args: Any, **kwargs: Any) -> None:
        """Make the worker known. RQ would also listen for commands in a thread, which does not go well with forks."""
        cast('Any', super()).register_birth()
        self.set_state(WorkerStatus.STARTED)

    def teardown(self) -> None:
        """Make the worker's end known."""
        if not self.is_horse:
            with contextlib.suppress(RedisError):
                cast('Any', super()).register_death()

    def _install_signal_handlers(self) -> None:
        signal.signal(FINISH, self.request_stop)
        signal.signal(STOP, self.request_force_stop)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {FINISH, STOP})

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """End after the running task."""
        self._stop_requested = True

    def request_force_stop(self, signum: int, frame: FrameType | None) -> None:
        """End at once; the running task is put back."""
        self._stop_requested = self._must_stop = True
        self.kill_horse()

    # Taking a task

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Tell that the worker is alive, but not with every task."""
        moment = time.monotonic()
        if pipeline is not None or moment >= self._heartbeat_at:
            self._heartbeat_at = moment + HEARTBEAT_SECONDS
            super().heartbeat(WORKER_SECONDS, pipeline)

    def dequeue_job_and_maintain_ttl(self, timeout: int | None, max_idle_time: int | None = None) -> Any:
        """The next job and its queue; ``None`` if there is none and ``timeout`` says not to wait.

        :raises StopRequested: a signal has come.
        """
        pause = 0.1
        while not self._stop_requested:
            try:
                self.heartbeat()
                found = TaskQueue.take(self._queues, self.connection, timeout)
            except (RedisConnectionError, RedisTimeoutError) as exc:
                logger.warning('the task queue cannot be reached: %s; trying again', exc)
                time.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            if found is not None or timeout is None:
                return found
        raise StopRequested

    def _claim(self, job: TaskJob, queue: TaskQueue) -> bool:
        count, _, seconds = job.rate.partition('/')
        names = (
            job.key,
            queue.intermediate_queue_key,
            keys.scheduled(queue.name),
            keys.rate_key(job.task_name if count else ''),
        )
        return bool(self.connection.eval(scripts.CLAIM, 4, *names, job.id, count or 0, seconds or 0) == b'run')

    # Running it

    def execute_job(self, job: Any, queue: Any) -> None:
        """Run a job in a new process, and see to its end."""
        if not self._claim(job, queue):
            return
        execution = self.prepare_execution(job)
        self.fork_work_horse(job, queue)
        self.monitor_work_horse(job, queue, execution)
        self.set_state(WorkerStatus.IDLE)
        if self._must_stop:
            raise StopRequested

    def get_heartbeat_ttl(self, job: Any, working_time: float = 0.0) -> int:
        """For how long after a heartbeat a run counts as alive."""
        return RUN_SECONDS

    def prepare_job_execution(self, job: Any, remove_from_intermediate_queue: bool = False) -> None:
        """Mark the job as running; RQ would leave it in the intermediate list of a worker with several queues."""
        super().prepare_job_execution(job, remove_from_intermediate_queue=True)

    def fork_work_horse(self, job: Any, queue: Any) -> None:
        """Start the process. A pipe, whose other end it alone holds, tells when it has ended."""
        _flush()
        reader, writer = os.pipe()
        worker = os.getpid()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            self._run_in_child(job, queue, worker)
        os.close(writer)
        with contextlib.suppress(OSError):  # the child does so too; whoever comes first
            os.setpgid(pid, pid)
        self._horse_pid, self._lifeline = pid, reader

    def _run_in_child(self, job: TaskJob, queue: TaskQueue, worker: int) -> None:
        status = os.EX_SOFTWARE
        try:
            os.setpgrp()
            self.setup_work_horse_signals()
            end_with_parent(signal.SIGKILL, worker)
            random.seed()
            self._is_horse = True
            self.connection.set_retry(_PATIENT)
            operation_id.set(job.operation_id or NO_OPERATION)
            trace_ids.set(trace_ids_in(job.trace))
            self.perform_job(job, queue, next(iter(self.executions.values())))
            status = os.EX_OK
        except BaseException:
            logger.exception('task %s: its outcome could not be stored', job.id)
        finally:
            for tell in hooks.before_exit:
                tell()
            _flush()
            os._exit(status)

    def setup_work_horse_signals(self) -> None:
        """Leave it to the worker to end a task, also when somebody signals all processes.

        A function ignores a signal for this process only; programs that a task starts get it as usual.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda signum, frame: None)
        for number in (FINISH, STOP):
            signal.signal(number, signal.SIG_DFL)

    def perform_job(self, job: Any, queue: Any, execution: Execution) -> bool:
        """Run the task, and write down how it went."""
        logger.info('task %s %s started', job.task_name, job.id)
        begin = time.monotonic()
        is_done = super().perform_job(job, queue, execution)
        if is_done:
            logger.info('task %s %s finished in %.3f s', job.task_name, job.id, time.monotonic() - begin)
        return is_done

    def handle_exception(self, job: Any, *exc_info: Any) -> None:
        """Keep what the task has raised, and log it."""
        error = exc_info[1]
        job.failure = Failure.of(error)
        if isinstance(error, OutOfTime):
            job.failure = Failure.plain(TimeoutException, str(error), job.failure.traceback)
        what = 'is tried again' if job.should_retry else 'has failed'
        level = logging.WARNING if job.should_retry else logging.ERROR
        logger.log(
            level, 'task %s %s %s', job.task_name, job.id, what, exc_info=(type(error), error, task_traceback(error))
        )

    # Watching it

    def monitor_work_horse(self, job: Any, queue: Any, execution: Execution) -> None:
        """Wait for the process; keep its run alive, and end it when it must end."""
        begin = time.monotonic()
        heartbeat_at = begin + HEARTBEAT_SECONDS
        failure = Failure.plain(TaskExecException, 'the process that ran it has ended')
        while (status := self._poll_horse()) is None:
            moment = time.monotonic()
            if moment >= heartbeat_at:
                heartbeat_at = moment + HEARTBEAT_SECONDS
                self._keep_alive(job, execution)
            if job.timeout and moment > begin + job.timeout + GRACE_SECONDS:
                failure = Failure.plain(TimeoutException, f'it was killed: it took longer than {job.timeout:g} seconds')
                self.kill_horse()
            elif self._is_cancelled(job):
                self.kill_horse()
        for tell in hooks.process_ended:
            tell(self._horse_pid)
        self._horse_pid = 0
        self.executions.pop(execution.id, None)
        if status != os.EX_OK:
            for count in hooks.run_killed:
                count(job.task_name)
            with self._patience():
                give_up(queue, execution, None if self._must_stop else failure, self._max_crashes)

    def _poll_horse(self) -> int | None:
        """The process' exit status; ``None`` if it still runs after a second."""
        readable, _, _ = select.select([self._lifeline], [], [], 1)
        # Something that the task has started may hold the pipe open, so its silence says nothing.
        pid, status = os.waitpid(self.horse_pid, 0 if readable else os.WNOHANG)
        if not pid:
            return None
        os.close(self._lifeline)
        return status

    def _keep_alive(self, job: TaskJob, execution: Execution) -> None:
        job.started_at = job.started_at or now()
        try:
            self.maintain_heartbeats(job, execution)
        except RedisError as exc:
            logger.warning('the task queue cannot be reached: %s', exc)

    def _is_cancelled(self, job: TaskJob) -> bool:
        with contextlib.suppress(RedisError):
            return bool(self.connection.hexists(job.key, 'cancel'))
        return False

    @contextlib.contextmanager
    def _patience(self) -> Iterator[None]:
        self.connection.set_retry(_PATIENT)
        try:
            yield
        finally:
            self.connection.set_retry(_HASTY)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # whatever a task has put there
            stream.flush()
