"""Redis stopped, killed, frozen, full, and back: answers stay right, nobody waits long, nothing has to be restarted."""

import asyncio
import contextlib
import logging
import signal
import socket
import statistics
import threading
import time

import pytest
import redis.asyncio

from colibris import bridge, cache
from colibris.cache.redis import RedisBackend
from colibris.cache.redis.loops import LoopClient
from colibris.cache.slot import slot
from colibris.test.cache import eventually
from tests.services import HOST, RedisServer, running

LIMIT = 0.1
ATTEMPTS = 10
RETRY = 0.2
PATIENCE = 1
REFUSAL = 'the cache is away, and counts as empty meanwhile'


@pytest.fixture(scope='module')
def shared_server():
    with running(RedisServer) as [server]:
        yield server


@pytest.fixture
def server(shared_server):
    """A server that may be stopped, killed and frozen; it runs again, and is empty, at the start of each test."""
    with contextlib.closing(redis.Redis.from_url(shared_server.url)) as client:
        client.config_set('maxmemory', 0)
        client.flushall()
    yield shared_server
    thaw(shared_server)
    if shared_server._process.poll() is not None:
        shared_server.start()


@pytest.fixture
def patient(server, caplog):
    """The cache is on that server, and takes a busy machine for no outage."""
    caplog.set_level(logging.INFO, 'colibris.cache')
    with slot.replace(RedisBackend(url=server.url, retry_interval=RETRY, timeout=PATIENCE)) as backend:
        yield backend
    bridge.wait(backend.stop())


@pytest.fixture
def impatient(server):
    """The cache is on that server, and waits as long as it does by default."""
    with slot.replace(RedisBackend(url=server.url, retry_interval=RETRY)) as backend:
        yield backend
    bridge.wait(backend.stop())


@pytest.fixture(params=['plain', 'driven'])
def call(request):
    """Call plain code where there is no loop, and in one loop."""
    if request.param == 'plain':
        yield lambda function, *args, **kwargs: function(*args, **kwargs)
        return
    with asyncio.Runner() as runner:
        yield lambda *args, **kwargs: runner.run(bridge.run(*args, **kwargs))


def works():
    """Whether the cache keeps something."""
    cache.set('sign', 1)
    return cache.get('sign') == 1


def freeze(server):
    server._process.send_signal(signal.SIGSTOP)


def thaw(server):
    server._process.send_signal(signal.SIGCONT)


def fill(server):
    """Have the server answer every write with an error."""
    limit_memory(server, 1)


def empty(server):
    limit_memory(server, 0)


def limit_memory(server, size):
    with contextlib.closing(redis.Redis.from_url(server.url)) as client:
        client.config_set('maxmemory', size)


OUTAGES = {
    'stopped': (RedisServer.stop, RedisServer.launch),
    'killed': (RedisServer.kill, RedisServer.launch),
    'frozen': (freeze, thaw),
}


@pytest.fixture(params=OUTAGES)
def outage(request, server):
    """How to end the server, and how to bring it back."""
    end, begin = OUTAGES[request.param]

    def bring_back():
        begin(server)
        server.wait()

    return lambda: end(server), bring_back


def test_reads_miss_and_writes_do_nothing(patient, call, outage):
    end, bring_back = outage
    call(cache.set, 'key', 1)
    end()
    assert call(cache.get, 'key', 'default') == 'default'
    assert call(cache.get_many, ['key']) == {}
    assert [call(cache.add, 'key', 1), call(cache.incr, 'key'), call(cache.touch, 'key')] == [False, None, False]
    assert call(cache.get_or_set, 'key', lambda: 'computed', 60) == 'computed'
    assert call(cache.get_or_set, 'key', lambda: 'again', 60) == 'again'
    call(cache.set, 'other', 1)
    call(cache.set_many, {'other': 1})
    call(cache.delete, 'other')
    assert not call(cache.connectivity_check)
    bring_back()
    eventually(lambda: call(cache.get, 'key') == 1)
    assert call(cache.connectivity_check)
    call(cache.set, 'other', 2)
    assert call(cache.get, 'other') == 2


def test_what_was_written_meanwhile_is_not_found_in_its_older_state(patient, call, outage):
    end, bring_back = outage
    names = ['set', 'set_many', 'delete']
    call(cache.set_many, dict.fromkeys([*names, 'untouched'], 'old'))
    end()
    call(cache.set, 'set', 'new')
    call(cache.set_many, {'set_many': 'new'})
    call(cache.delete, 'delete')
    bring_back()
    eventually(lambda: call(cache.get, 'untouched') == 'old')
    assert call(cache.get_many, names) == {}


@pytest.mark.parametrize('how', ['clear', 'many'])
def test_when_everything_was_deleted_meanwhile(patient, call, outage, how):
    end, bring_back = outage
    call(cache.set_many, {f'key {number}': 'old' for number in range(3000)})
    end()
    if how == 'clear':
        call(cache.clear)
    else:
        call(cache.set_many, {f'other {number}': 1 for number in range(20_000)})
    bring_back()
    eventually(lambda: call(works))
    assert call(cache.get_many, [f'key {number}' for number in range(3000)]) == {}


def test_the_log(patient, call, server, caplog):
    call(cache.set, 'key', 1)
    server.stop()
    for _ in range(20):
        call(cache.get, 'key')
    time.sleep(RETRY)
    for _ in range(20):
        call(cache.get, 'key')
    [line] = caplog.messages
    assert line.startswith(REFUSAL)
    server.start()
    eventually(lambda: call(cache.get, 'key') == 1)
    assert [record.levelname for record in caplog.records] == ['WARNING', 'INFO']
    assert caplog.messages[1].startswith('the cache is back after ')
    server.stop()
    call(cache.get, 'key')
    server.start()
    eventually(lambda: call(cache.get, 'key') == 1)
    assert len(caplog.records) == 2, 'no more than a line in each interval'


def test_nobody_waits_while_it_is_away(impatient, call, outage):
    end, _ = outage
    call(cache.get, 'key')
    end()
    durations = []
    for _ in range(200):
        start = time.perf_counter()
        call(cache.get, 'key')
        durations.append(time.perf_counter() - start)
    assert statistics.median(durations) < LIMIT / 10


async def test_nobody_waits_long_for_a_frozen_server(impatient, server):
    """The event loop goes on meanwhile: the calls are over before it has slept through the limit.

    A machine that has other things to do may make them late, but not in every attempt.
    """
    for _ in range(ATTEMPTS):
        await bridge.run(eventually, works)
        freeze(server)
        calls = [asyncio.create_task(bridge.run(cache.get, 'key')) for _ in range(50)]
        await asyncio.sleep(LIMIT)
        are_over = statistics.median(task.done() for task in calls)
        await asyncio.wait(calls)
        thaw(server)
        if are_over:
            break
    await impatient.stop()
    assert are_over


async def test_an_application_under_load(serve, server):
    """Through every kind of outage each request is answered, rightly, and the cache works again at the end."""
    client = await serve(
        """
        from colibris import cache

        async def get(request):
            number = int(request.match_info['number'])
            return cache.get_or_set(f'key {number}', lambda: number, 60) + cache.get('other', default=0)

        async def works(request):
            cache.set('sign', 1)
            return cache.get('sign')

        ROUTES = [('/numbers/{number}', get), ('/works', works)]
        """,
        settings=f"""
CACHE = {{'backend': 'colibris.cache.redis.RedisBackend', 'url': {server.url!r}, 'retry_interval': {RETRY}}}
""",
    )
    is_over = asyncio.Event()
    answers = []

    async def ask(number):
        while not is_over.is_set():
            response = await client.get(f'/numbers/{number}')
            answers.append((response.status, await response.text()) == (200, str(number)))

    async def recovery():
        while await (await client.get('/works')).json() != 1:
            await asyncio.sleep(RETRY / 10)

    askers = [asyncio.create_task(ask(number)) for number in range(20)]
    for end, begin in [*OUTAGES.values(), (fill, empty)]:
        await asyncio.sleep(RETRY)
        await asyncio.to_thread(end, server)
        await asyncio.sleep(2 * RETRY)
        begin(server)  # not in another thread: with the one that has started it a server ends, too
        await asyncio.to_thread(server.wait)
        await recovery()
    is_over.set()
    await asyncio.gather(*askers)
    assert answers
    assert all(answers)


@pytest.mark.parametrize('is_cancelled', [False, True], ids=['ends', 'is cancelled'])
async def test_a_connection_made_while_its_client_is_closed(server, is_cancelled):
    """It is closed, too."""
    client = redis.asyncio.Redis.from_url(server.url)
    loop_client = LoopClient(client, [client.aclose], 1)
    await loop_client.open()
    is_reached, may_connect = asyncio.Event(), asyncio.Event()

    async def command(client):
        is_reached.set()
        await may_connect.wait()
        await client.ping()
        if is_cancelled:
            asyncio.current_task().cancel()
            await asyncio.Event().wait()

    late = asyncio.ensure_future(loop_client.run(command, PATIENCE))
    await is_reached.wait()
    await loop_client.close()
    may_connect.set()
    await asyncio.wait([late])
    assert late.cancelled() == is_cancelled
    assert not any(connection.is_connected for connection in client.connection_pool._available_connections)


def test_a_full_server(patient, call, server):
    """It refuses writes, and would go on to serve what they were to replace."""
    call(cache.set, 'key', 'old')
    fill(server)
    call(cache.set, 'key', 'new')
    with contextlib.closing(redis.Redis.from_url(server.url)) as client:
        eventually(lambda: call(cache.get, 'key') is None and not client.exists(patient.keys.make('key')))
    empty(server)
    eventually(lambda: call(works))
    assert call(cache.get, 'key') is None


@contextlib.contextmanager
def replying(*replies):
    """Have a server that answers each line that it gets with these bytes, whatever it is asked."""
    with socket.create_server((HOST, 0)) as listener:

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=answer, args=[connection], daemon=True).start()

        def answer(connection):
            with connection, contextlib.suppress(OSError):
                while connection.recv(65536):
                    connection.sendall(b''.join(replies))

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    'reply',
    [
        b'-ERR something\r\n',
        b'-LOADING Redis is loading the dataset in memory\r\n',
        b'-WRONGPASS invalid\r\n',
        b'-NOAUTH Authentication required.\r\n',
        b"-READONLY You can't write against a read only replica.\r\n",
        b'-MOVED 1 127.0.0.1:1\r\n',
        b'HTTP/1.1 400 Bad Request\r\n\r\n',
        b'$5\r\n',
        b'',
    ],
)
@pytest.mark.parametrize('is_driven', [False, True])
def test_errors_and_nonsense(reply, is_driven, caplog):
    def use():
        assert cache.get_or_set('key', lambda: 'computed', 60) == 'computed'
        assert cache.get('key') is None
        cache.set('key', 1)
        cache.delete('key')
        cache.clear()
        assert not cache.connectivity_check()

    with replying(reply) as port, slot.replace(RedisBackend(port=port, retry_interval=RETRY)) as backend:
        if is_driven:
            asyncio.run(bridge.run(use))
        else:
            use()
        bridge.wait(backend.stop())
    [line] = caplog.messages
    assert line.startswith(REFUSAL)


async def test_start_says_that_redis_is_away(caplog):
    backend = RedisBackend(port=1, password='verysecret')
    await bridge.drive(backend.start())
    await backend.stop()
    [line] = caplog.messages
    assert line.startswith(REFUSAL)
    assert 'verysecret' not in line


async def test_a_busy_loop_is_no_outage(impatient, caplog):
    await bridge.run(cache.set, 'key', 1)

    async def read():
        return await bridge.run(cache.get, 'key')

    reads = [asyncio.create_task(read()) for _ in range(5)]
    await asyncio.sleep(0)
    time.sleep(3 * LIMIT)  # noqa: ASYNC251  # that is the point
    assert await asyncio.gather(*reads) == [1] * 5
    assert caplog.messages == []
    await impatient.stop()
