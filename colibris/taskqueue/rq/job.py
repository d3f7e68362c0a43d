"""A task as RQ keeps it."""

import logging
import math
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from rq.defaults import DEFAULT_RESULT_TTL
from rq.exceptions import DeserializationError
from rq.job import Job, JobStatus
from rq.results import Result
from rq.utils import now

from colibris.taskqueue.call import TaskCall
from colibris.taskqueue.errors import SerializationError
from colibris.taskqueue.failure import Failure
from colibris.taskqueue.options import backoff_delay
from colibris.taskqueue.rq.keys import cancelled, ended_channel, unique_key
from colibris.taskqueue.running import make_call_alone
from colibris.taskqueue.state import TaskState, TaskStatus

__all__ = ['TaskJob']

logger = logging.getLogger(__name__)

_IGNORED = ('success_callback', 'failure_callback', 'stopped_callback', 'webhooks')
"""What RQ would call besides the task; nobody here writes it."""
_HARMLESS = ('origin', 'status')

_STATUSES = {
    JobStatus.SCHEDULED: TaskStatus.SCHEDULED,
    JobStatus.STARTED: TaskStatus.RUNNING,
    JobStatus.FINISHED: TaskStatus.FINISHED,
    JobStatus.FAILED: TaskStatus.FAILED,
    JobStatus.STOPPED: TaskStatus.CANCELLED,
    JobStatus.CANCELED: TaskStatus.CANCELLED,
}


class TaskJob(Job):
    """An RQ job that remembers how it is to be retried, and tells when it has ended."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.operation_id = ''
        self.trace = ''
        self.unique = ''
        self.retries = 0
        self.backoff = 0.0
        self.crashes = 0
        self.is_cancel_requested = False
        self.rate = ''
        self.due = ''
        self.failure: Failure | None = None
        self.progress = ''

    # Between RQ's fields and ours

    def prepare(self, call: TaskCall) -> None:
        """Take over what RQ has no field for."""
        options = call.options
        self.operation_id = call.operation_id
        self.trace = call.trace
        self.retries = self.retries_left = options.retries
        self.backoff = options.backoff
        if options.rate:
            self.rate = f'{options.rate.count}/{options.rate.seconds}'

    def to_dict(self, include_meta: bool = True, include_result: bool = True) -> dict[str, Any]:
        """The fields of the task's hash."""
        own = {
            'operation_id': self.operation_id,
            'trace': self.trace,
            'unique': self.unique,
            'retries': self.retries,
            'backoff': self.backoff,
            'crashes': self.crashes,
            'timeout': math.ceil(self.timeout or 0),
            'exact_timeout': self.timeout or 0,
            'rate': self.rate,
            'failure': self.failure.dumps() if self.failure else b'',
        }
        return {**super().to_dict(include_meta, include_result), **own}

    def restore(self, raw_data: dict[bytes, bytes]) -> None:
        """Take over the fields of the task's hash, whatever stands in them: one that makes no sense has no call."""
        fields = {name.decode(errors='replace'): value for name, value in raw_data.items()}
        try:
            self._restore({name: value for name, value in fields.items() if not name.startswith(_IGNORED)})
        except Exception as exc:  # depends on what RQ tries to do with it
            logger.warning('task %s: what stands in Redis makes no sense: %s', self.id, exc)
            self._restore({name: value for name, value in fields.items() if name in _HARMLESS} | {'data': b''})

    def _restore(self, fields: dict[str, bytes]) -> None:
        super().restore({name.encode(): value for name, value in fields.items()})
        for name in ('operation_id', 'trace', 'unique', 'rate', 'due', 'progress'):
            setattr(self, name, fields.get(name, b'').decode())
        self.retries = int(fields.get('retries') or 0)
        self.crashes = int(fields.get('crashes') or 0)
        self.backoff = float(fields.get('backoff') or 0)
        self.timeout = float(fields.get('exact_timeout') or self.timeout or 0)
        self.is_cancel_requested = 'cancel' in fields
        self.failure = Failure.loads(fields['failure']) if fields.get('failure') else None
        _read_progress(self.progress)

    @property
    def task_name(self) -> str:
        """The function's dotted path; ``?`` where that cannot be read."""
        try:
            return str(self.func_name)
        except DeserializationError:
            return '?'

    @property
    def task_status(self) -> TaskStatus:
        """Where the task stands."""
        return _STATUSES.get(self.get_status(refresh=False), TaskStatus.WAITING)

    def to_state(self) -> TaskState:
        """What is known of the task."""
        args, kwargs = self._arguments()
        return TaskState(
            id=self.id,
            function=self.description or '',
            queue=self.origin,
            status=self.task_status,
            args=args,
            kwargs=kwargs,
            operation_id=self.operation_id,
            created_at=self.created_at,
            due_at=self._due_at(),
            started_at=self.started_at,
            ended_at=self.ended_at,
            retries_left=self.retries_left or 0,
            progress=_read_progress(self.progress),
            failure=self.failure,
        )

    # What RQ's worker calls

    def perform(self) -> Any:
        """Make the call, and return what it returns.

        :raises SerializationError: what it returns cannot be sent back.
        """
        result = make_call_alone(str(self.func_name), tuple(self.args), self.kwargs, self.report_progress, self.trace)
        try:
            self.serializer.dumps(result)
        except SerializationError as exc:
            raise SerializationError(f'{self.func_name} returned what cannot be sent back: {exc}') from exc
        self._result = result
        return result

    def report_progress(self, done: float, total: float) -> None:
        """Let others see how far the task is."""
        self.connection.hset(self.key, 'progress', f'{done}/{total}')

    @property
    def failures(self) -> int:
        """How often the task has been retried."""
        return self.retries - (self.retries_left or 0)

    def retry(self, queue: Any, pipeline: Any) -> None:
        """Have the task run again, after a while.

        RQ's own way marks the task first and schedules it later: a worker that is killed in between loses it.
        """
        self.retries_left = (self.retries_left or 0) - 1
        delay = backoff_delay(self.backoff, self.failures)
        queue.schedule_job(self, now() + timedelta(seconds=delay), pipeline=pipeline)

    def _handle_success(self, result_ttl: int, pipeline: Any, *args: Any, **kwargs: Any) -> None:
        self.failure = None
        super()._handle_success(result_ttl, pipeline, *args, **kwargs)
        self.tell_end(pipeline)

    def _handle_failure(self, exc_string: str, pipeline: Any, *args: Any, **kwargs: Any) -> None:
        super()._handle_failure(exc_string, pipeline, *args, **kwargs)
        self.tell_end(pipeline)

    def end_as_cancelled(self, pipeline: Any) -> None:
        """Stand among the cancelled tasks, for as long as results are kept."""
        ttl = self.get_result_ttl(DEFAULT_RESULT_TTL)
        self.ended_at = now()
        self.set_status(JobStatus.CANCELED, pipeline=pipeline)
        self.save(pipeline=pipeline, include_meta=False, include_result=False)
        pipeline.expire(self.key, ttl)
        pipeline.zadd(cancelled(self.origin), {self.id: time.time() + ttl})
        self.tell_end(pipeline)

    def tell_end(self, pipeline: Any) -> None:
        """Wake those who wait for the task, and make room for another unique one."""
        if self.unique:
            pipeline.delete(unique_key(self.unique))
        pipeline.publish(ended_channel(self.id), '')

    def read_result(self, entries: list[Any]) -> Any:
        """What the task returned, from the entries of its stream of results."""
        entry_id, payload = entries[0]
        result = Result.restore(self.id, entry_id.decode(), _as_dict(payload), self.connection, self.serializer)
        return result.return_value

    def _arguments(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        try:
            return tuple(self.args), dict(self.kwargs)
        except DeserializationError:
            return (), {}

    def _due_at(self) -> datetime | None:
        if self.task_status is not TaskStatus.SCHEDULED or not self.due:
            return None
        return datetime.fromtimestamp(float(self.due), UTC)


def _read_progress(text: str) -> tuple[float, float] | None:
    done, slash, total = text.partition('/')
    return (float(done), float(total)) if slash else None


def _as_dict(payload: Any) -> dict[bytes, bytes]:
    """Redis' answer, as a dictionary even where redis-py gives a list."""
    return payload if isinstance(payload, dict) else dict(zip(payload[::2], payload[1::2], strict=True))
