"""Results come by notification, over few connections, and are not lost with it."""

import asyncio
import contextlib
import statistics
import time

import pytest

from colibris import bridge, taskqueue
from colibris.taskqueue.rq import RQBackend
from colibris.taskqueue.slot import slot
from tests.services import RedisServer, running
from tests.taskqueue.processes import PATIENCE, Worker

TASKS = """
import time
from pathlib import Path

def tell_end():
    return time.time()

def wait_for(gate):
    while not Path(gate).exists():
        time.sleep(0.02)
    return 'done'
"""
MANY = 1000
LONGEST_MEDIAN = 0.02
FEW_CONNECTIONS = 5
NEVER = 600


def run(coroutine):
    async def main():
        backend = taskqueue.get_backend()
        await backend.start()
        try:
            return await bridge.drive(coroutine)
        finally:
            await backend.stop()

    return asyncio.run(main())


@pytest.fixture
def without_polling(redis_url, backend):
    """Results are not looked for."""
    with slot.replace(RQBackend(url=redis_url, poll_results_interval=NEVER)) as backend:
        yield backend
    backend.client.close()


def test_time_between_end_and_result(without_polling, worker):
    tasks, _ = worker(TASKS)

    async def measure():
        delays = []
        for _ in range(41):
            end = await taskqueue.execute(tasks.tell_end, timeout=PATIENCE)
            delays.append(time.time() - end)
        return statistics.median(delays)

    assert run(measure()) < LONGEST_MEDIAN


def test_connections_of_many_that_wait(without_polling, client, make_project):
    tasks, _ = make_project(TASKS)

    def connections():
        own = client.client_info()
        return sum(int(item['db']) == own['db'] and int(item['id']) != own['id'] for item in client.client_list())

    async def wait_for_all():
        handles = [taskqueue.enqueue_in(NEVER, tasks.tell_end) for _ in range(MANY)]
        waiting = [asyncio.create_task(handle.result(PATIENCE)) for handle in handles]
        while len(client.pubsub_channels()) <= MANY:
            await asyncio.sleep(0.01)
        most = connections()
        for handle in handles:
            handle.cancel()
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert {type(result) for result in results} == {taskqueue.TaskCancelled}
        while len(client.pubsub_channels()) > 1:
            await asyncio.sleep(0.01)
        return most

    assert 2 <= run(wait_for_all()) <= FEW_CONNECTIONS
    assert connections() <= 1  # plain code's


def test_lost_connection(redis_url, client, backend, make_project, caplog):
    tasks, _ = make_project(TASKS)

    async def wait_for_cancelled():
        handle = taskqueue.enqueue_in(NEVER, tasks.tell_end)
        waiting = asyncio.create_task(handle.result(PATIENCE))
        while not client.pubsub_channels():
            await asyncio.sleep(0.01)
        client.client_kill_filter(_type='pubsub')
        handle.cancel()
        with pytest.raises(taskqueue.TaskCancelled):
            await waiting

    with slot.replace(RQBackend(url=redis_url, poll_results_interval=0.1)):
        run(wait_for_cancelled())
    assert 'lost the connection for results' in caplog.text


def test_cancelled_waiting(without_polling, client, make_project):
    """Who does not wait any more leaves nothing behind."""
    tasks, _ = make_project(TASKS)

    async def stop_waiting():
        handle = taskqueue.enqueue_in(NEVER, tasks.tell_end)
        waiting = asyncio.create_task(handle.result())
        other = asyncio.create_task(handle.result())
        while len(client.pubsub_channels()) < 2:
            await asyncio.sleep(0.01)
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting
        handle.cancel()
        with pytest.raises(taskqueue.TaskCancelled):
            await other
        while len(client.pubsub_channels()) > 1:
            await asyncio.sleep(0.01)

    run(stop_waiting())


def test_redis_is_started_anew(make_project, tmp_path):
    gate = tmp_path / 'gate'
    with running(RedisServer) as [server]:
        tasks, manage = make_project(TASKS, url=server.url)

        async def wait_meanwhile():
            handle = taskqueue.enqueue(tasks.wait_for, str(gate))
            while handle.status is not taskqueue.TaskStatus.RUNNING:
                await asyncio.sleep(0.05)
            waiting = asyncio.create_task(handle.result(PATIENCE))
            await asyncio.to_thread(server.kill)
            gate.touch()
            await asyncio.to_thread(server.start)
            assert await waiting == 'done'

        with slot.replace(RQBackend(url=server.url, poll_results_interval=0.2)) as backend, Worker(manage):
            run(wait_meanwhile())
        backend.client.close()
