"""What is enqueued in a transaction goes out with its commit."""

import asyncio

import pytest

from colibris import bridge, persist, taskqueue
from colibris.taskqueue import TaskStatus
from colibris.test.taskqueue import be_unique, echo

pytest_plugins = ['colibris.test.tasks']


@pytest.fixture
def database(project, tmp_path):
    """A SQLite database."""
    project(settings=f"DATABASE = {{'backend': 'colibris.persist.SQLiteBackend', 'name': {str(tmp_path / 'a.db')!r}}}")
    database = persist.get_database()
    database.create()
    return database


@pytest.fixture(params=['plain', 'driven'])
def run(request, database):
    """Call plain code, once where no loop runs and once in a driven coroutine."""

    async def main(function):
        try:
            return await bridge.run(function)
        finally:
            await database.stop()

    return (lambda function: function()) if request.param == 'plain' else lambda function: asyncio.run(main(function))


def test_commit(run, backend):
    def check():
        with persist.atomic():
            handle = taskqueue.enqueue(echo)
            with persist.atomic():
                other = taskqueue.enqueue_in(60, echo)
            assert handle.status is TaskStatus.UNKNOWN
        assert handle.status is TaskStatus.WAITING
        assert other.status is TaskStatus.SCHEDULED

    run(check)


def test_rollback(run, backend):
    def check():
        with pytest.raises(ZeroDivisionError), persist.atomic():
            taskqueue.enqueue(echo)
            raise ZeroDivisionError
        with persist.atomic(), pytest.raises(ZeroDivisionError), persist.atomic():
            taskqueue.enqueue(echo)
            raise ZeroDivisionError
        assert backend.tasks() == []

    run(check)


def test_mistakes_are_told_before_the_commit(run, backend):
    def check():
        with persist.atomic(), pytest.raises(taskqueue.SerializationError):
            taskqueue.enqueue(echo, object())

    run(check)


def test_unreachable_queue_is_told_before_the_commit(run):
    from colibris.taskqueue.rq import RQBackend
    from colibris.taskqueue.slot import slot

    def check():
        with slot.replace(RQBackend(port=1)), pytest.raises(taskqueue.TaskQueueUnavailable), persist.atomic():
            taskqueue.enqueue(echo)

    run(check)


def test_execute(database, eager_tasks):
    async def main():
        async with persist.atomic():
            with pytest.raises(taskqueue.TaskQueueError, match='tasks go out with the commit'):
                await taskqueue.execute(echo)
        await database.stop()

    asyncio.run(bridge.drive(main()))


def test_eager(run, eager_tasks):
    def check():
        with persist.atomic():
            handle = taskqueue.enqueue(echo, 1)
            assert eager_tasks.tasks() == []
        assert handle.status is TaskStatus.FINISHED

    run(check)


def test_unique_id_is_that_of_the_handle(run, backend):
    """A handle is given before anybody knows whether another task runs; it then says that nothing is known."""

    def check():
        first = taskqueue.enqueue(be_unique, 1)
        with persist.atomic():
            second = taskqueue.enqueue(be_unique, 1)
        assert first.status is TaskStatus.WAITING
        assert second.status is TaskStatus.UNKNOWN

    run(check)
