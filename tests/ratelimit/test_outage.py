"""What happens to limits while Redis is away."""

import asyncio
import contextlib
import logging
import os
import signal
import time

import pytest
from redis import Redis

from colibris.conf.limits import Limit
from colibris.ratelimit import RateLimitUnavailable
from colibris.ratelimit.redis import RedisBackend
from tests.services import PASSWORD, RedisServer, running

LIMIT = Limit(1000, 3600)


@pytest.fixture
async def silent_server():
    """A server that accepts connections and says nothing: how many there have been."""
    seen = []

    async def accept(reader, writer):
        seen.append(writer)
        with contextlib.suppress(ConnectionError):
            await reader.read()
        writer.close()

    async with await asyncio.start_server(accept, '127.0.0.1', 0) as server:
        yield server.sockets[0].getsockname()[1], seen


@pytest.fixture(scope='module')
def own_redis():
    with running(RedisServer) as (server,):
        yield server


@contextlib.asynccontextmanager
async def started(**options):
    backend = RedisBackend(password=PASSWORD, **options)
    await backend.start()
    try:
        yield backend
    finally:
        await backend.stop()


async def hit_at_once(backend, number):
    return await asyncio.gather(*(backend.hit('key', LIMIT) for _ in range(number)), return_exceptions=True)


async def until_counted(backend):
    """The first usage that Redis has counted."""
    while True:
        with contextlib.suppress(RateLimitUnavailable):
            usage = await backend.hit('key', LIMIT)
            if usage.remaining < LIMIT.amount:
                return usage
        await asyncio.sleep(0.02)


@pytest.mark.parametrize('on_failure', ['open', 'closed'])
async def test_only_the_first_to_notice_wait(silent_server, caplog, on_failure):
    port, seen = silent_server
    async with started(port=port, timeout=0.3, max_connections=4, retry_seconds=3600, on_failure=on_failure) as backend:
        answers = await hit_at_once(backend, 200)
        assert 1 <= len(seen) <= 4
        answers += await hit_at_once(backend, 200)
        assert len(seen) <= 4, 'nobody has tried again'
        await backend.clear('key', LIMIT) if on_failure == 'open' else None
    if on_failure == 'open':
        assert all(answer.allowed for answer in answers)
    else:
        assert all(isinstance(answer, RateLimitUnavailable) for answer in answers)
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert f'Redis at 127.0.0.1:{port} counts no requests (TimeoutError' in record.getMessage()
    assert PASSWORD not in record.getMessage()


async def test_one_tries_again(silent_server):
    port, seen = silent_server
    async with started(port=port, timeout=0.2, retry_seconds=0.01, max_connections=1) as backend:
        while len(seen) < 2:
            await backend.hit('key', LIMIT)
            await asyncio.sleep(0.01)


@pytest.mark.parametrize('how', ['stop', 'kill', 'freeze'])
async def test_it_comes_back(own_redis, caplog, how):
    caplog.set_level(logging.INFO)
    patient = {'timeout': 30} if how != 'freeze' else {'timeout': 1}
    async with started(port=own_redis.port, retry_seconds=0.05, **patient) as backend:
        await backend.clear('key', LIMIT)
        before = await until_counted(backend)
        with out_of_order(own_redis, how):
            assert all(usage.allowed for usage in await hit_at_once(backend, 50))
            assert 'counts no requests' in caplog.text
        assert (await until_counted(backend)).remaining < before.remaining, 'what had been counted still counts'
        assert 'counts requests again' in caplog.text


@contextlib.contextmanager
def out_of_order(server, how):
    if how == 'freeze':
        os.kill(server._process.pid, signal.SIGSTOP)
    else:
        getattr(server, how)()
    try:
        yield
    finally:
        if how == 'freeze':
            os.kill(server._process.pid, signal.SIGCONT)
        else:
            server.start()


async def test_a_restart_between_hits_is_no_outage(own_redis, caplog):
    async with started(port=own_redis.port, timeout=30, on_failure='closed') as backend:
        await backend.hit('key', LIMIT)
        own_redis.stop()
        own_redis.start()
        assert (await backend.hit('key', LIMIT)).allowed
    assert not caplog.records


async def test_a_busy_loop_is_no_outage(own_redis, caplog):
    async with started(port=own_redis.port, timeout=2, max_connections=5, on_failure='closed') as backend:
        await hit_at_once(backend, 5)
        with Redis(port=own_redis.port, password=PASSWORD) as client:
            client.client_pause(500, all=False)
        hits = [asyncio.create_task(backend.hit('key', LIMIT)) for _ in range(5)]
        await asyncio.sleep(0.1)  # so that they have asked
        time.sleep(2.5)  # noqa: ASYNC251  # as a view might that computes; Redis answers meanwhile
        assert all(usage.allowed for usage in await asyncio.gather(*hits))
    assert not caplog.records


async def test_wrong_password(own_redis, caplog):
    backend = RedisBackend(port=own_redis.port, password='not-the-password', on_failure='closed', timeout=30)
    with pytest.raises(RateLimitUnavailable):
        await backend.hit('key', LIMIT)
    assert 'AuthenticationError' in caplog.text
    assert 'not-the-password' not in caplog.text
