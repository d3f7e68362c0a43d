"""When Redis is down, callers hear of it at once."""

import asyncio
import os
import signal
import time

import pytest

from colibris import bridge, taskqueue
from colibris.taskqueue.rq import RQBackend
from colibris.taskqueue.slot import slot
from colibris.test.taskqueue import echo
from tests.services import RedisServer, running

AT_ONCE = 1.0
MANY = 200


@pytest.fixture(scope='module')
def server():
    with running(RedisServer) as [server]:
        yield server


@pytest.fixture
def backend(server):
    """A backend whose server has been reached."""
    with slot.replace(RQBackend(url=server.url)) as backend:
        assert taskqueue.connectivity_check()
        yield backend
    backend.client.close()


@pytest.fixture(params=['down', 'frozen'])
def outage(request, server):
    """Stop the server for the block."""
    if request.param == 'down':
        server.kill()
        yield
        server.start()
    else:
        os.kill(server._process.pid, signal.SIGSTOP)
        yield
        os.kill(server._process.pid, signal.SIGCONT)


@pytest.fixture(params=['plain', 'driven'])
def call(request, backend):
    """Call a function, and give what it raises and how long that takes."""

    def call(function):
        begin = time.monotonic()
        with pytest.raises(taskqueue.TaskQueueUnavailable, match='cannot be reached'):
            function()
        return time.monotonic() - begin

    async def main(function):
        await backend.start()
        try:
            await bridge.run(backend.ping)
        except taskqueue.TaskQueueUnavailable:
            pass
        try:
            return await bridge.run(call, function)
        finally:
            await backend.stop()

    return call if request.param == 'plain' else lambda function: asyncio.run(main(function))


def test_enqueue(call, outage):
    assert call(lambda: taskqueue.enqueue(echo)) < AT_ONCE


def test_other_calls(call, outage):
    assert call(lambda: taskqueue.get_task('3f2504e0-4f89-11d3-9a0c-0305e82c3301').status) < AT_ONCE


def test_health(backend, outage):
    assert not taskqueue.connectivity_check()
    assert taskqueue.status() == taskqueue.TaskQueueStatus(is_reachable=False)
    with pytest.raises(taskqueue.TaskQueueUnavailable):
        backend.connectivity_check()


def test_many_at_once(backend, outage):
    """They do not wait for each other's failures."""

    async def main():
        begin = time.monotonic()
        calls = [bridge.run(taskqueue.enqueue, echo) for _ in range(MANY)]
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(result) for result in results} == {taskqueue.TaskQueueUnavailable}
        await backend.stop()
        return time.monotonic() - begin

    assert asyncio.run(main()) < 2 * AT_ONCE


def test_execute(backend, outage):
    async def main():
        await backend.start()
        with pytest.raises(taskqueue.TaskQueueUnavailable):
            await bridge.drive(taskqueue.execute(echo))
        await backend.stop()

    asyncio.run(main())


def test_afterwards(backend, server):
    server.stop()
    assert not taskqueue.connectivity_check()
    server.start()
    assert taskqueue.enqueue(echo).status is taskqueue.TaskStatus.WAITING
