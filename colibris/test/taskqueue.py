"""The tests that every task queue backend has to pass."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from colibris import bridge, taskqueue
from colibris.log import operation_id
from colibris.taskqueue import TaskQueueBackend, TaskStatus
from colibris.taskqueue.slot import slot

__all__ = ['TaskQueueBackendContract']

LONG = 60
GONE = '00000000-0000-0000-0000-000000000000'
VALUES = [
    None,
    True,
    -(10**30),
    0.1,
    float('inf'),
    'ä😀\0\udfff',
    b'\x00\xff',
    [1, [2]],
    (1, (2,)),
    {1, 2},
    frozenset({'a'}),
    {'a': {'$b': 1}, 'c': ()},
    {1: 'one', (1, 2): None, '$set': [1]},
    datetime(2026, 2, 3, 4, 5, 6, 7, tzinfo=UTC),
    datetime(2026, 2, 3),  # stays naive
    date(2026, 2, 3),
    timedelta(days=-1, microseconds=5),
    Decimal('1.10'),
    UUID(int=5),
]


class OwnError(Exception):
    """An exception with a constructor and an attribute of its own."""

    def __init__(self, first: str, *, second: int) -> None:
        super().__init__(first)
        self.second = second


def echo(*args: Any, **kwargs: Any) -> Any:
    return args, kwargs


async def echo_later(*args: Any, **kwargs: Any) -> Any:
    await asyncio.sleep(0)
    return args, kwargs


def fail(message: str) -> None:
    raise OwnError(message, second=2)


def return_lock() -> object:
    return threading.Lock()


def read_operation() -> str:
    return operation_id.get()


def tell_progress() -> None:
    taskqueue.progress(1, 4)


@taskqueue.task(timeout=0.3)
def oversleep() -> None:
    time.sleep(1)


@taskqueue.task(retries=2, backoff=0.01)
def fail_again() -> None:
    raise ValueError('again')


@taskqueue.task(unique=True)
def be_unique(number: int) -> int:
    return number


@taskqueue.task(unique=lambda number: str(number % 2))
def be_unique_by_parity(number: int) -> int:
    return number


@taskqueue.task(rate='2/1s')
def be_slow_to_start() -> float:
    return time.time()


class TaskQueueBackendContract:
    """The tests of the contract. A subclass brings two fixtures: an empty backend, and workers that serve it.

    ``backend`` is made anew for each test; ``workers`` is a context manager, inside of which its tasks are run::

        class TestMine(TaskQueueBackendContract):
            @pytest.fixture
            def backend(self):
                return MyBackend()

            @pytest.fixture
            def workers(self, backend):
                return backend.run_in_threads
    """

    @pytest.fixture
    def run(self, backend: TaskQueueBackend) -> Iterator[Callable[[Callable[[], Awaitable[Any]]], Any]]:
        """Runs a coroutine function, driven, with the backend in place."""

        async def main(function: Callable[[], Awaitable[Any]]) -> Any:
            await backend.start()
            try:
                return await bridge.drive(_await(function))
            finally:
                await backend.stop()

        with slot.replace(backend):
            yield lambda function: asyncio.run(main(function))

    def test_values_come_back(self, run: Any, workers: Any) -> None:
        async def check() -> None:
            args, kwargs = await taskqueue.execute(echo, *VALUES, timeout=LONG, key=VALUES)
            assert repr(args) == repr(tuple(VALUES))
            assert repr(kwargs) == repr({'key': VALUES})

        with workers():
            run(check)

    def test_async_function(self, run: Any, workers: Any) -> None:
        async def check() -> None:
            assert await taskqueue.execute(echo_later, 1, a=2, timeout=LONG) == ((1,), {'a': 2})

        with workers():
            run(check)

    def test_plain_code(self, backend: TaskQueueBackend, workers: Any) -> None:
        with slot.replace(backend), workers():
            handle = taskqueue.enqueue(echo, 1)
            assert bridge.wait(handle.result(LONG)) == ((1,), {})
            assert handle.status is TaskStatus.FINISHED
            assert handle.state.function == f'{__name__}.echo'
            assert handle.state.args == (1,)
            assert taskqueue.connectivity_check()
        bridge.wait(backend.stop())

    def test_exception_comes_back(self, run: Any, workers: Any) -> None:
        async def check() -> None:
            with pytest.raises(OwnError) as caught:
                await taskqueue.execute(fail, 'broken', timeout=LONG)
            assert caught.value.args == ('broken',)
            assert caught.value.second == 2
            assert isinstance(caught.value.__cause__, taskqueue.TaskExecException)
            assert 'raise OwnError(message, second=2)' in caught.value.__cause__.traceback

        with workers():
            run(check)

    def test_failed_task(self, run: Any, workers: Any) -> None:
        async def check() -> None:
            handle = taskqueue.enqueue(fail, 'broken')
            with pytest.raises(OwnError):
                await handle.result(LONG)
            assert handle.status is TaskStatus.FAILED
            assert handle.state.failure
            assert handle.state.failure.summary == 'OwnError: broken'
            assert [state.id for state in taskqueue.get_backend().tasks(TaskStatus.FAILED)] == [handle.id]
            assert not handle.cancel()

        with workers():
            run(check)

    def test_result_that_cannot_be_sent(self, run: Any, workers: Any) -> None:
        async def check() -> None:
            with pytest.raises(taskqueue.SerializationError, match='return_lock returned what cannot be sent'):
                await taskqueue.execute(return_lock, timeout=LONG)

        with workers():
            run(check)

    def test_argument_that_cannot_be_sent(self, run: Any) -> None:
        async def check() -> None:
            with pytest.raises(taskqueue.SerializationError, match=r"echo, argument 'x': .*lock.* cannot be"):
                taskqueue.enqueue(echo, 1, x=threading.Lock())

        run(check)

    def test_function_that_cannot_be_found(self, run: Any) -> None:
        async def check() -> None:
            wrong: list[Any] = [lambda: None, 'text', [], None, str.upper, self.test_values_come_back]
            for function in wrong:
                with pytest.raises(taskqueue.TaskQueueError):
                    taskqueue.enqueue(function)

        run(check)

    def test_operation(self, run: Any, workers: Any) -> None:
        async def check() -> None:
            operation_id.set('operation-1')
            assert await taskqueue.execute(read_operation, timeout=LONG) == 'operation-1'

        with workers():
            run(check)

    def test_progress(self, run: Any, workers: Any) -> None:
        async def check() -> None:
            handle = taskqueue.enqueue_in(0.3, tell_progress)
            assert handle.progress is None
            await handle.result(LONG)
            assert handle.progress == (1, 4)

        with workers():
            run(check)

    def test_timeout_of_task(self, run: Any, workers: Any) -> None:
        async def check() -> None:
            handle = taskqueue.enqueue(oversleep)
            with pytest.raises(taskqueue.TimeoutException, match=r'longer than 0\.3 seconds'):
                await handle.result(LONG)
            assert handle.status is TaskStatus.FAILED

        with workers():
            run(check)

    def test_timeout_of_caller(self, run: Any) -> None:
        async def check() -> None:
            handle = taskqueue.enqueue_in(LONG, echo)
            with pytest.raises(taskqueue.TimeoutException):
                await handle.result(0.05)
            assert handle.status is TaskStatus.SCHEDULED

        run(check)

    def test_retries(self, run: Any, workers: Any) -> None:
        async def check() -> None:
            handle = taskqueue.enqueue(fail_again)
            assert handle.state.retries_left == 2
            with pytest.raises(ValueError, match='again'):
                await handle.result(LONG)
            assert handle.state.retries_left == 0
            taskqueue.get_backend().retry(handle.id)
            with pytest.raises(ValueError, match='again'):
                await handle.result(LONG)
            assert handle.state.retries_left == 0

        with workers():
            run(check)

    def test_later(self, run: Any, workers: Any) -> None:
        async def check() -> None:
            begin = time.monotonic()
            handle = taskqueue.enqueue_in(timedelta(seconds=0.3), echo)
            assert handle.status is TaskStatus.SCHEDULED
            assert handle.state.due_at
            assert handle.state.due_at.tzinfo
            await handle.result(LONG)
            assert time.monotonic() - begin > 0.29
            past = taskqueue.enqueue_at(datetime.now(UTC) - timedelta(days=1), echo)
            await past.result(LONG)

        with workers():
            run(check)

    def test_times_that_are_wrong(self, run: Any) -> None:
        async def check() -> None:
            with pytest.raises(ValueError, match='negative'):
                taskqueue.enqueue_in(-1, echo)
            with pytest.raises(ValueError, match='no time zone'):
                taskqueue.enqueue_at(datetime(2026, 1, 1), echo)  # that is the point

        run(check)

    def test_cancel(self, run: Any) -> None:
        async def check() -> None:
            handle = taskqueue.enqueue_in(LONG, echo)
            waiting = asyncio.create_task(handle.result(LONG))
            await asyncio.sleep(0)
            assert handle.cancel()
            with pytest.raises(taskqueue.TaskCancelled):
                await waiting
            assert handle.status is TaskStatus.CANCELLED
            assert not handle.cancel()

        run(check)

    def test_retry_of_cancelled(self, run: Any, workers: Any) -> None:
        async def check() -> None:
            handle = taskqueue.enqueue_in(LONG, echo)
            with pytest.raises(taskqueue.TaskQueueError, match='neither failed nor been cancelled: it is scheduled'):
                taskqueue.get_backend().retry(handle.id)
            handle.cancel()
            taskqueue.get_backend().retry(handle.id)
            assert await handle.result(LONG) == ((), {})

        with workers():
            run(check)

    def test_unknown_task(self, run: Any) -> None:
        async def check() -> None:
            handle = taskqueue.get_task(GONE)
            assert handle.status is TaskStatus.UNKNOWN
            assert not handle.cancel()
            with pytest.raises(taskqueue.TaskNotFound):
                await handle.result(LONG)
            with pytest.raises(taskqueue.TaskNotFound):
                taskqueue.get_backend().retry(GONE)

        run(check)

    def test_unique(self, run: Any, workers: Any) -> None:
        async def check() -> None:
            first = taskqueue.enqueue_in(0.2, be_unique, 1)
            assert taskqueue.enqueue(be_unique, 1) == first
            assert taskqueue.enqueue(be_unique, 2) != first
            assert await first.result(LONG) == 1
            again = taskqueue.enqueue(be_unique, 1)
            assert again != first
            assert await again.result(LONG) == 1

        with workers():
            run(check)

    def test_unique_by_function(self, run: Any) -> None:
        async def check() -> None:
            first = taskqueue.enqueue_in(LONG, be_unique_by_parity, 1)
            assert taskqueue.enqueue_in(LONG, be_unique_by_parity, 3) == first
            assert taskqueue.enqueue_in(LONG, be_unique_by_parity, 2) != first
            assert first.cancel()
            assert taskqueue.enqueue_in(LONG, be_unique_by_parity, 3) != first

        run(check)

    def test_rate(self, run: Any, workers: Any) -> None:
        async def check() -> None:
            handles = [taskqueue.enqueue(be_slow_to_start) for _ in range(4)]
            starts = sorted(await asyncio.gather(*(handle.result(LONG) for handle in handles)))
            # A start is granted a moment before the task begins.
            assert all(later - earlier > 0.7 for earlier, later in zip(starts, starts[2:], strict=False))

        with workers():
            run(check)

    def test_lists(self, run: Any) -> None:
        async def check() -> None:
            backend = taskqueue.get_backend()
            handles = [taskqueue.enqueue_in(LONG, echo, number) for number in range(3)]
            found = backend.tasks(TaskStatus.SCHEDULED)
            assert sorted(state.id for state in found) == sorted(handle.id for handle in handles)
            assert len(backend.tasks(limit=2)) == 2
            assert backend.tasks(TaskStatus.FAILED) == []
            assert backend.status().queues[0].scheduled == 3
            assert backend.purge(TaskStatus.SCHEDULED) == 3
            assert backend.tasks() == []
            assert handles[0].status is TaskStatus.UNKNOWN
            with pytest.raises(taskqueue.TaskQueueError):
                backend.purge(TaskStatus.RUNNING)

        run(check)

    def test_many_waiting(self, run: Any, workers: Any) -> None:
        async def check() -> None:
            results = await asyncio.gather(*(taskqueue.execute(echo, number, timeout=LONG) for number in range(20)))
            assert [args for args, _ in results] == [(number,) for number in range(20)]

        with workers():
            run(check)

    def test_threads(self, backend: TaskQueueBackend, workers: Any) -> None:
        found: list[Any] = []

        def call() -> None:
            found.append(bridge.wait(taskqueue.enqueue(echo, 1).result(LONG)))

        with slot.replace(backend), workers():
            threads = [threading.Thread(target=call) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert found == [((1,), {})] * 4
        bridge.wait(backend.stop())


async def _await(function: Callable[[], Awaitable[Any]]) -> Any:
    return await function()
