"""Tasks in Redis, kept by RQ."""

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rq.utils import now, utcformat

from colibris.errors import ConfigurationError
from colibris.taskqueue.base import TaskQueueBackend, WorkPlan, check_number
from colibris.taskqueue.call import TaskCall
from colibris.taskqueue.errors import (
    TaskCancelled,
    TaskExecException,
    TaskNotFound,
    TaskQueueError,
    TaskQueueUnavailable,
    TimeoutException,
)
from colibris.taskqueue.rq import keys, scripts
from colibris.taskqueue.rq.address import read_address
from colibris.taskqueue.rq.job import TaskJob
from colibris.taskqueue.rq.link import Command, Link
from colibris.taskqueue.rq.listing import Listing
from colibris.taskqueue.rq.queue import TaskQueue
from colibris.taskqueue.state import TaskQueueStatus, TaskState, TaskStatus

if TYPE_CHECKING:
    import redis

__all__ = ['RQBackend']

_NOTHING = object()


class RQBackend(TaskQueueBackend):
    """Keeps tasks in Redis, version 6.2 or later, in RQ's format; ``manage.py runworker`` runs them.

    :param host: Redis' host.
    :param port: its TCP port.
    :param db: the number of the database.
    :param username: whom to log in as.
    :param password: the password.
    :param url: all of these at once, as ``redis://user:password@host:6379/0``; ``rediss://`` uses TLS.
    :param poll_results_interval: after how many seconds to look for a result that no notification has told of.
    :param max_crashes: how often a task may end its worker's process before it is not tried again.
    :param missed_ticks: what to do about ticks of schedules that no scheduler was there for: ``skip`` them, or catch up
        ``once``.
    :param min_workers: ``/ready`` says no when fewer workers are alive.
    :param max_waiting_age: ``/ready`` says no when a task has been waiting for more seconds.
    :param options: ``queues``, ``timeout``, ``result_ttl`` and ``serializer``, see
        :class:`~colibris.taskqueue.TaskQueueBackend`.
    """

    def __init__(
        self,
        *,
        host: str | None = None,
        port: int | None = None,
        db: int | None = None,
        username: str | None = None,
        password: str | None = None,
        url: str | None = None,
        poll_results_interval: float = 1,
        max_crashes: int = 3,
        missed_ticks: str = 'skip',
        min_workers: int = 0,
        max_waiting_age: float | None = None,
        queues: Sequence[str] = ('default',),
        timeout: float = 180,
        result_ttl: float = 600,
        serializer: str = 'json',
    ) -> None:
        super().__init__(queues=queues, timeout=timeout, result_ttl=result_ttl, serializer=serializer)
        if missed_ticks not in ('skip', 'once'):
            raise ConfigurationError(f"'missed_ticks' must be 'skip' or 'once', not {missed_ticks!r}")
        self.max_crashes = int(check_number('max_crashes', max_crashes))
        self.missed_ticks = missed_ticks
        self.min_workers = int(check_number('min_workers', min_workers, low=-1))
        self.max_waiting_age = None if max_waiting_age is None else check_number('max_waiting_age', max_waiting_age)
        address = read_address(url=url, host=host, port=port, db=db, username=username, password=password)
        self._link = Link(address, check_number('poll_results_interval', poll_results_interval))
        self._listing = Listing(self._link, self.queues, self._to_job)

    @property
    def client(self) -> 'redis.Redis':
        """The synchronous client of plain code."""
        return self._link.client

    async def start(self) -> None:
        """Keep connections for the server's lifetime; none is made yet."""
        await self._link.open()

    async def stop(self) -> None:
        """Close the connections."""
        await self._link.close()

    # Calls

    def submit(self, call: TaskCall) -> str:
        """Put a call into its queue, or keep it until it is due; see the contract."""
        job, queue = self._make_job(call)
        names = self._places(job, queue)
        unique = call.unique_key(self.serializer)
        due = f'{call.due.timestamp():.6f}' if call.due else ''
        script = scripts.PLACE
        if unique:
            job.unique = unique
            script = scripts.PLACE_UNIQUE
            names = (*names, keys.unique_key(unique))
        command = ('EVAL', script, len(names), *names, job.id, due, *_fields(job, bool(due)))
        return str(self._link.send(command)[0].decode())

    def submit_tick(self, call: TaskCall, fence: bytes, schedule: str, tick: float) -> bytes:
        """Put a schedule's call into its queue, unless this tick has been; waits where no loop runs.

        :returns: the task's id, ``done``, or ``fenced`` if another scheduler leads.
        """
        job, queue = self._make_job(call)
        names = (*self._places(job, queue), keys.LEADER, keys.TICKS)
        fields = _fields(job, is_due_later=False)
        answer: bytes = self.client.eval(
            scripts.PLACE_TICK, len(names), *names, job.id, '', *fields, fence, schedule, repr(tick)
        )
        return answer

    def _make_job(self, call: TaskCall) -> tuple[TaskJob, str]:
        queue = self.queue_of(call)
        call = call.with_timeout(call.options.timeout or self.timeout)
        job = TaskJob(call.id, connection=self.client, serializer=self.serializer)
        job.origin = queue
        job.description = call.function  # RQ's own would show the arguments, in logs too
        job.result_ttl = int(self.result_ttl)
        job.data = call.payload(self.serializer)
        job.timeout = call.options.timeout
        job.prepare(call)
        return job, queue

    @staticmethod
    def _places(job: TaskJob, queue: str) -> tuple[str, ...]:
        return job.key, keys.queue_key(queue), keys.scheduled(queue), keys.QUEUES, keys.bell(queue)

    # Tasks

    def fetch(self, task_id: str) -> TaskState:
        """What is known of a task; see the contract."""
        return self._fetch_job(task_id).to_state()

    async def wait(self, task_id: str, seconds: float | None = None) -> Any:
        """Wait until a task has ended, and return what it returned; see the contract."""
        try:
            async with asyncio.timeout(seconds):
                return await self._wait(task_id)
        except TimeoutException:
            raise
        except TimeoutError:
            raise TimeoutException(f'the task has not ended within {seconds:g} seconds') from None

    async def _wait(self, task_id: str) -> Any:
        async with self._link.notifications() as notifications, notifications.of(task_id) as ended:
            while True:
                ended.clear()
                result = await self._read_result(task_id)
                if result is not _NOTHING:
                    return result
                await ended.wait()

    async def _read_result(self, task_id: str) -> Any:
        """What a task has returned, or ``_NOTHING`` yet."""
        commands: list[Command] = [
            ('HGETALL', keys.job_key(task_id)),
            ('XREVRANGE', keys.result_key(task_id), '+', '-', 'COUNT', 1),
        ]
        while True:
            try:
                fields, entries = await self._link.asend(*commands)
                break
            except TaskQueueUnavailable:
                await asyncio.sleep(self._link.poll_interval)
        job = self._to_job(task_id, fields)
        if job is None:
            raise TaskNotFound(f'nothing is known of the task {task_id}')
        if job.task_status is TaskStatus.FINISHED:
            return job.read_result(entries)
        if job.task_status is TaskStatus.FAILED:
            raise job.failure.to_exception() if job.failure else TaskExecException
        if job.task_status is TaskStatus.CANCELLED:
            raise TaskCancelled
        return _NOTHING

    def cancel(self, task_id: str) -> bool:
        """Have a task not run, or have its worker kill it within a second or two; see the contract."""
        try:
            job = self._fetch_job(task_id)
        except TaskNotFound:
            return False
        names = (
            job.key,
            keys.queue_key(job.origin),
            keys.scheduled(job.origin),
            keys.cancelled(job.origin),
            keys.ended_channel(task_id),
            keys.unique_key(job.unique),
        )
        expiry = time.time() + self.result_ttl
        arguments = (task_id, utcformat(now()), int(self.result_ttl), expiry)
        return bool(self._link.send(('EVAL', scripts.CANCEL, len(names), *names, *arguments))[0])

    def retry(self, task_id: str) -> None:
        """Put a task that has failed or been cancelled into its queue again; see the contract."""
        job = self._fetch_job(task_id)
        names = (
            job.key,
            keys.queue_key(job.origin),
            keys.failed(job.origin),
            keys.cancelled(job.origin),
            keys.bell(job.origin),
        )
        answer = self._link.send(('EVAL', scripts.RETRY, len(names), *names, task_id, utcformat(now())))[0]
        if answer != b'queued':
            raise TaskQueueError(f'the task {task_id} has neither failed nor been cancelled: it is {job.task_status}')

    def tasks(self, status: TaskStatus | None = None, queue: str | None = None, limit: int = 100) -> list[TaskState]:
        """Tasks of a status, or of any; see the contract."""
        return [job.to_state() for job in self._listing.jobs(status, queue, limit)]

    def purge(self, status: TaskStatus, queue: str | None = None) -> int:
        """Forget the tasks of a status; see the contract."""
        return self._listing.purge(status, queue)

    def status(self) -> TaskQueueStatus:
        """How the queue does; see the contract."""
        try:
            return self._listing.status()
        except TaskQueueUnavailable:
            return TaskQueueStatus(is_reachable=False)

    def ping(self) -> None:
        """Reach Redis; see the contract."""
        self._link.send(('PING',))

    def connectivity_check(self) -> None:
        """Reach Redis, and look whether the workers keep up; see the contract."""
        status = self._listing.status()
        if status.workers < self.min_workers:
            raise TaskQueueUnavailable(f'workers alive: {status.workers}, needed: {self.min_workers}')
        age = status.oldest_waiting_seconds
        if self.max_waiting_age is not None and age > self.max_waiting_age:
            raise TaskQueueUnavailable(f'a task has been waiting for {age:.0f} seconds')

    def _fetch_job(self, task_id: str) -> TaskJob:
        job = self._to_job(task_id, self._link.send(('HGETALL', keys.job_key(task_id)))[0])
        if job is None:
            raise TaskNotFound(f'nothing is known of the task {task_id}')
        return job

    def _to_job(self, task_id: str, fields: dict[bytes, bytes]) -> TaskJob | None:
        if b'data' not in fields:
            return None
        job = TaskJob(task_id, connection=self.client, serializer=self.serializer)
        job.restore(fields)
        return job

    # Workers

    def make_queues(self, names: Sequence[str]) -> list[TaskQueue]:
        """RQ's queues, on a client of their own that waits long enough for a blocking command."""
        client = self._link.make_client()
        return [TaskQueue(name, connection=client, serializer=self.serializer) for name in names]

    def work(self, plan: WorkPlan) -> int:
        """Run tasks in child processes until a signal ends it; see the contract."""
        from colibris.taskqueue.rq.supervisor import Supervisor

        unknown = [name for name in plan.queues if name not in self.queues]
        if unknown:
            raise TaskQueueError(f"there is no queue '{unknown[0]}'; TASK_QUEUE['queues'] has {', '.join(self.queues)}")
        self.ping()
        return Supervisor(self, plan).run()


def _fields(job: TaskJob, is_due_later: bool) -> list[Any]:
    moment = utcformat(now())
    fields = job.to_dict() | {
        'status': 'scheduled' if is_due_later else 'queued',
        'enqueued_at': '' if is_due_later else moment,
    }
    return [item for pair in fields.items() for item in pair]
