"""What the calls do with wrong arguments, without a cache, and where they cannot wait."""

import asyncio
import datetime
import logging

import pytest

from colibris import bridge, cache
from colibris.cache.null import NullBackend
from colibris.cache.slot import slot
from colibris.test.cache import eventually

WRITES = [
    lambda lifetime: cache.set('key', 1, lifetime),
    lambda lifetime: cache.set_many({'key': 1}, lifetime),
    lambda lifetime: cache.add('key', 1, lifetime),
    lambda lifetime: cache.incr('key', 1, lifetime),
    lambda lifetime: cache.touch('key', lifetime),
    lambda lifetime: cache.get_or_set('key', int, lifetime),
    lambda lifetime: cache.cached(lifetime),
]


@pytest.mark.parametrize('write', WRITES)
@pytest.mark.parametrize('lifetime', ['5', datetime.timedelta(seconds=5), True, [5], print])
def test_lifetimes_of_wrong_types(locmem, write, lifetime):
    with pytest.raises(
        TypeError, match=f'a lifetime must be a number of seconds, or None, not {type(lifetime).__name__}'
    ):
        write(lifetime)
    assert cache.get('key') is None


@pytest.mark.parametrize('write', WRITES)
@pytest.mark.parametrize('lifetime', [-1, -0.001, float('nan')])
def test_impossible_lifetimes(locmem, write, lifetime):
    with pytest.raises(ValueError, match='a lifetime must be a number of seconds, or None, from 0 on'):
        write(lifetime)


@pytest.mark.parametrize('lifetime', [float('inf'), 1e300, 10**30, 0.0001])
def test_extreme_lifetimes(backend, lifetime):
    for write in WRITES[:-1]:
        write(lifetime)


@pytest.mark.parametrize('stale', ['5', True, None])
def test_stale_of_wrong_types(locmem, stale):
    if stale is None:
        with pytest.raises(ValueError, match='stale= needs a lifetime'):
            cache.get_or_set('key', int, stale=5)
        return
    with pytest.raises(TypeError, match='stale must be a number of seconds'):
        cache.get_or_set('key', int, 5, stale=stale)


def test_other_wrong_types(locmem):
    with pytest.raises(TypeError, match='object cannot be cached as JSON'):
        cache.set('key', object())
    with pytest.raises(TypeError, match='an amount must be a whole number, not float'):
        cache.incr('key', 1.5)
    with pytest.raises(TypeError, match=r'get_many\(\) takes a list of keys'):
        cache.get_many('key')
    with pytest.raises(TypeError, match=r'set_many\(\) takes a dictionary'):
        cache.set_many(['key'])
    with pytest.raises(TypeError, match=r'get_or_set\(\) takes a function'):
        cache.get_or_set('key', 5)


def test_values_that_cannot_be_kept_are_refused_in_every_process_that_waits(backend):
    with pytest.raises(TypeError, match='object cannot be cached as JSON'):
        cache.get_or_set('key', object)
    assert cache.get_or_set('key', lambda: 1) == 1


def test_without_a_cache(project, caplog):
    caplog.set_level(logging.DEBUG, 'colibris.cache')
    project()
    cache.set('key', 1, lifetime=300)
    cache.set_many({'key': 1})
    assert cache.get('key') is None
    assert cache.get('key', default='some_default') == 'some_default'
    assert cache.get_many(['key']) == {}
    assert [cache.add('key', 1), cache.incr('key'), cache.touch('key')] == [False, None, False]
    assert [cache.get_or_set('key', lambda: 1), cache.get_or_set('key', lambda: 2)] == [1, 2]
    cache.delete('key')
    cache.clear()
    assert cache.connectivity_check()
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ('DEBUG', 'CACHE is not set: nothing is cached')
    ]


def test_wrong_types_show_without_a_cache_too():
    with slot.replace(NullBackend()), pytest.raises(TypeError):
        cache.set('key', object())


async def test_where_nothing_can_wait(on_redis):
    with pytest.raises(bridge.BridgeError):
        cache.get('key')
    await on_redis.stop()


async def test_memory_needs_no_waiting(locmem):
    cache.set('key', 1)
    assert cache.get('key') == 1


def test_each_loop_has_connections_of_its_own(on_redis, connections):
    for number in range(5):
        asyncio.run(bridge.run(cache.set, 'key', number))
        assert asyncio.run(bridge.run(cache.get, 'key')) == number
    eventually(lambda: connections() == 0)
    assert cache.get('key') == 4
    assert connections() == 1
    bridge.wait(on_redis.stop())
    eventually(lambda: connections() == 0)


def test_loops_in_several_threads(on_redis):
    from concurrent.futures import ThreadPoolExecutor

    async def count():
        await asyncio.gather(*(bridge.run(cache.incr, 'key') for _ in range(50)))

    with ThreadPoolExecutor(4) as executor:
        list(executor.map(lambda _: asyncio.run(count()), range(4)))
    assert cache.get('key') == 200
    bridge.wait(on_redis.stop())


async def test_no_more_connections_than_allowed(redis_url, connections):
    from colibris.cache.redis import RedisBackend

    with slot.replace(RedisBackend(url=redis_url, timeout=20, pool_size=3)) as backend:
        await asyncio.gather(*(bridge.run(cache.incr, 'key') for _ in range(100)))
        assert await bridge.run(cache.get, 'key') == 100
        assert 1 <= connections() <= 3
        await backend.stop()


async def test_a_cancelled_call_leaves_the_connection_usable(on_redis):
    for number in range(20):
        task = asyncio.create_task(bridge.run(cache.set, 'key', 'x' * 100_000))
        for _ in range(number):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await bridge.run(cache.set, 'other', number)
        assert await bridge.run(cache.get, 'other') == number
    await on_redis.stop()
