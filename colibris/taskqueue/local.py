"""Tasks in threads of the process that asks for them."""

import asyncio
import logging
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from colibris.errors import ConfigurationError
from colibris.log.operation import working_for
from colibris.taskqueue.base import TaskQueueBackend
from colibris.taskqueue.call import TaskCall
from colibris.taskqueue.errors import (
    SerializationError,
    TaskCancelled,
    TaskNotFound,
    TaskQueueError,
    TimeoutException,
)
from colibris.taskqueue.failure import Failure
from colibris.taskqueue.options import backoff_delay
from colibris.taskqueue.running import make_call_alone
from colibris.taskqueue.state import QueueState, TaskQueueStatus, TaskState, TaskStatus

__all__ = ['LocalBackend', 'Record']

logger = logging.getLogger(__name__)

_RETRIABLE = (TaskStatus.FAILED, TaskStatus.CANCELLED)


@dataclass(eq=False, slots=True)
class Record:
    """One task: its state, and what has to be kept with it."""

    call: TaskCall
    payload: bytes
    state: TaskState
    unique: str | None = None
    result: bytes = b''
    runs: int = 0
    ended: float = 0.0
    waiters: list['Future[None]'] = field(default_factory=list)

    def change(self, **changes: Any) -> None:
        """Have another state."""
        self.state = replace(self.state, **changes)


class LocalBackend(TaskQueueBackend):
    """Runs tasks in threads, for development and tests: nothing outlives the process.

    A run that takes too long, or is cancelled, is given up: its thread goes on, but its result is dropped.

    :param workers: how many tasks run at the same time.
    :param options: ``queues``, ``timeout``, ``result_ttl`` and ``serializer``, see
        :class:`~colibris.taskqueue.TaskQueueBackend`.
    """

    def __init__(
        self,
        *,
        workers: int = 4,
        queues: Sequence[str] = ('default',),
        timeout: float = 180,
        result_ttl: float = 600,
        serializer: str = 'json',
    ) -> None:
        super().__init__(queues=queues, timeout=timeout, result_ttl=result_ttl, serializer=serializer)
        if not isinstance(workers, int) or isinstance(workers, bool) or workers < 1:
            raise ConfigurationError(f"'workers' must be a whole number from 1, not {workers!r}")
        self.workers = workers
        self._lock = threading.RLock()
        self._records: dict[str, Record] = {}
        self._starts: defaultdict[str, deque[float]] = defaultdict(deque)
        self._executor: ThreadPoolExecutor | None = None
        self._timers: set[threading.Timer] = set()

    async def stop(self) -> None:
        """Let running tasks finish; those that wait are lost, which is logged."""
        with self._lock:
            executor, self._executor = self._executor, None
            timers, self._timers = self._timers, set()
            lost = sum(not record.state.status.is_final for record in self._records.values())
        for timer in timers:
            timer.cancel()
        if executor is not None:
            await asyncio.to_thread(executor.shutdown, cancel_futures=True)
        running = sum(record.state.status is TaskStatus.RUNNING for record in self._records.values())
        if lost > running:
            logger.warning('tasks that have not ended: %d; LocalBackend keeps nothing beyond its process', lost)

    # The contract

    def submit(self, call: TaskCall) -> str:
        """Put a call into its queue, or keep it until it is due; see the contract."""
        queue = self.queue_of(call)
        payload = call.payload(self.serializer)
        unique = call.unique_key(self.serializer)
        with self._lock:
            self._forget_old()
            for other in self._records.values() if unique else ():
                if other.unique == unique and not other.state.status.is_final:
                    return other.state.id
            record = self._records[call.id] = Record(call, payload, self._first_state(call, queue, payload), unique)
        delay = (call.due - datetime.now(UTC)).total_seconds() if call.due else 0.0
        self._launch(record, delay)
        return call.id

    def fetch(self, task_id: str) -> TaskState:
        """What is known of a task; see the contract."""
        return self._find(task_id).state

    async def wait(self, task_id: str, seconds: float | None = None) -> Any:
        """Wait until a task has ended, and return what it returned; see the contract."""
        record = self._find(task_id)
        waiter: Future[None] = Future()
        with self._lock:
            if not record.state.status.is_final:
                record.waiters.append(waiter)
            else:
                waiter.set_result(None)
        try:
            async with asyncio.timeout(seconds):
                await asyncio.wrap_future(waiter)
        except TimeoutError:
            raise TimeoutException(f'the task has not ended within {seconds:g} seconds') from None
        return self._outcome(record)

    def cancel(self, task_id: str) -> bool:
        """Have a task not run, or drop its result; see the contract."""
        with self._lock:
            record = self._records.get(task_id)
            if record is None or record.state.status.is_final:
                return False
            self._end(record, TaskStatus.CANCELLED)
            return True

    def retry(self, task_id: str) -> None:
        """Put a task that has failed or been cancelled into its queue again; see the contract."""
        with self._lock:
            record = self._find(task_id)
            if record.state.status not in _RETRIABLE:
                status = record.state.status
                raise TaskQueueError(f'the task {task_id} has neither failed nor been cancelled: it is {status}')
            record.change(
                status=TaskStatus.WAITING, retries_left=record.call.options.retries, ended_at=None, progress=None
            )
        self._launch(record, 0.0)

    def tasks(self, status: TaskStatus | None = None, queue: str | None = None, limit: int = 100) -> list[TaskState]:
        """Tasks of a status, or of any; see the contract."""
        with self._lock:
            states = [record.state for record in self._records.values()]
        return [state for state in states if status in (None, state.status) and queue in (None, state.queue)][:limit]

    def purge(self, status: TaskStatus, queue: str | None = None) -> int:
        """Forget the tasks of a status; see the contract."""
        if status is TaskStatus.RUNNING:
            raise TaskQueueError(f'{status} tasks cannot be purged; cancel them')
        with self._lock:
            states = self.tasks(status, queue, len(self._records))
            for state in states:
                self._end(self._records.pop(state.id), TaskStatus.UNKNOWN)
        return len(states)

    def status(self) -> TaskQueueStatus:
        """How the queue does; see the contract."""
        return TaskQueueStatus(True, self.workers, tuple(map(self._queue_state, self.queues)))

    def ping(self) -> None:
        """Does nothing: the tasks are here."""

    # Runs

    def _launch(self, record: Record, delay: float) -> None:
        """Have a record run, after ``delay`` seconds."""
        if delay > 0:
            due = datetime.fromtimestamp(time.time() + delay, UTC)
            record.change(status=TaskStatus.SCHEDULED, due_at=due)
            self._after(delay, self._launch, record, 0.0)
            return
        with self._lock:
            if record.state.status.is_final:
                return
            record.change(status=TaskStatus.WAITING, due_at=None)
            if self._executor is None:
                self._executor = ThreadPoolExecutor(self.workers, thread_name_prefix='colibris-task')
            self._executor.submit(self._run, record, make_call_alone)

    def _run(self, record: Record, make_call: Callable[..., Any]) -> None:
        with working_for(record.call.operation_id, record.call.trace):
            self._try(record, make_call)

    def _try(self, record: Record, make_call: Callable[..., Any]) -> None:
        run = self._start_run(record)
        if run is None:
            return
        timer = self._after(record.call.options.timeout or self.timeout, self._run_out_of_time, record, run)
        function, _, args, kwargs = self.serializer.loads(record.payload)
        try:
            result = make_call(function, args, kwargs, self._reporter(record), record.call.trace)
            data = self._dump_result(function, result)
        except BaseException as exc:
            logger.exception('task %s %s failed', function, record.state.id)
            self._fail(record, run, Failure.of(exc))
        else:
            self._finish(record, run, data)
        finally:
            timer.cancel()
            self._timers.discard(timer)

    def _start_run(self, record: Record) -> int | None:
        """The number of the run that begins; ``None`` if none may."""
        with self._lock:
            if record.state.status is not TaskStatus.WAITING:
                return None
            delay = self._delay_by_rate(record.call)
            if delay > 0:
                self._launch(record, delay)
                return None
            record.runs += 1
            record.change(status=TaskStatus.RUNNING, started_at=datetime.now(UTC))
            return record.runs

    def _delay_by_rate(self, call: TaskCall) -> float:
        rate = call.options.rate
        if rate is None:
            return 0.0
        starts, now = self._starts[call.function], time.monotonic()
        if len(starts) == rate.count and starts[0] + rate.seconds > now:
            return starts[0] + rate.seconds - now
        starts.append(now)
        if len(starts) > rate.count:
            starts.popleft()
        return 0.0

    def _finish(self, record: Record, run: int, result: bytes) -> None:
        with self._lock:
            if record.runs == run and record.state.status is TaskStatus.RUNNING:
                record.result = result
                record.change(failure=None)
                self._end(record, TaskStatus.FINISHED)

    def _fail(self, record: Record, run: int, failure: Failure) -> None:
        with self._lock:
            if record.runs != run or record.state.status is not TaskStatus.RUNNING:
                return
            record.runs += 1  # whatever the run still brings comes too late
            record.change(failure=failure)
            if not record.state.retries_left:
                self._end(record, TaskStatus.FAILED)
                return
            options = record.call.options
            record.change(status=TaskStatus.WAITING, retries_left=record.state.retries_left - 1)
            delay = backoff_delay(options.backoff, options.retries - record.state.retries_left)
        self._launch(record, delay)

    def _run_out_of_time(self, record: Record, run: int) -> None:
        seconds = record.call.options.timeout or self.timeout
        failure = Failure.plain(TimeoutException, f'the task took longer than {seconds:g} seconds')
        self._fail(record, run, failure)

    def _end(self, record: Record, status: TaskStatus) -> None:
        record.change(status=status, ended_at=datetime.now(UTC), due_at=None)
        record.ended = time.monotonic()
        waiters, record.waiters = record.waiters, []
        for waiter in waiters:
            if waiter.set_running_or_notify_cancel():
                waiter.set_result(None)

    def _outcome(self, record: Record) -> Any:
        state = record.state
        if state.status is TaskStatus.FINISHED:
            return self.serializer.loads(record.result)
        if state.status is TaskStatus.FAILED and state.failure:
            raise state.failure.to_exception()
        raise TaskNotFound if state.status is TaskStatus.UNKNOWN else TaskCancelled

    # Small things

    def _first_state(self, call: TaskCall, queue: str, payload: bytes) -> TaskState:
        _, _, args, kwargs = self.serializer.loads(payload)
        return TaskState(
            call.id,
            call.function,
            queue,
            TaskStatus.WAITING,
            args,
            kwargs,
            call.operation_id,
            created_at=datetime.now(UTC),
            retries_left=call.options.retries,
        )

    def _dump_result(self, function: str, result: Any) -> bytes:
        try:
            return self.serializer.dumps(result)
        except SerializationError as exc:
            raise SerializationError(f'{function} returned what cannot be sent back: {exc}') from exc

    @staticmethod
    def _reporter(record: Record) -> Callable[[float, float], None]:
        return lambda done, total: record.change(progress=(float(done), float(total)))

    def _find(self, task_id: str) -> Record:
        record = self._records.get(task_id)
        if record is None:
            raise TaskNotFound(f'nothing is known of the task {task_id}')
        return record

    def _queue_state(self, name: str) -> QueueState:
        states = self.tasks(queue=name, limit=len(self._records))
        counts = {status: sum(state.status is status for state in states) for status in TaskStatus}
        waiting = [state.created_at for state in states if state.status is TaskStatus.WAITING and state.created_at]
        age = (datetime.now(UTC) - min(waiting)).total_seconds() if waiting else 0.0
        return QueueState(
            name,
            counts[TaskStatus.WAITING],
            counts[TaskStatus.SCHEDULED],
            counts[TaskStatus.RUNNING],
            counts[TaskStatus.FAILED],
            age,
        )

    def _after(self, seconds: float, function: Callable[..., None], *args: Any) -> threading.Timer:
        def call() -> None:
            self._timers.discard(timer)
            function(*args)

        timer = threading.Timer(seconds, call)
        timer.daemon = True
        self._timers.add(timer)
        timer.start()
        return timer

    def _forget_old(self) -> None:
        horizon = time.monotonic() - self.result_ttl
        for task_id, record in list(self._records.items()):
            if record.state.status.is_final and record.ended < horizon:
                del self._records[task_id]
