"""What a get and a set cost through colibris, bare redis-py and aiocache, and what callers wait when Redis is away.

    scripts/services python benchmarks/cache.py [ROUNDS]

All three keep the same value as JSON, in one Redis. The ways take turns within each round; printed are the medians of
the rounds in microseconds of time and of processor time for each call, and the ratio of the former to bare redis-py.
Then many callers use a Redis of their own that is stopped, started, full, and frozen, and the longest calls are
printed.
"""

import asyncio
import contextlib
import json
import os
import signal
import statistics
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import redis
import redis.asyncio
import uvloop
from aiocache import Cache
from aiocache.serializers import JsonSerializer

from colibris import bridge, cache
from colibris.cache.locmem import LocMemBackend
from colibris.cache.redis import RedisBackend
from colibris.cache.slot import slot

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.services import RedisServer, running

DATABASE = 9
TIMES = 300
ROUNDS = 15
LIFETIME = 60
KEY = 'item:5'
VALUE = {'id': 5, 'name': 'a name', 'price': 1.5, 'tags': ['a', 'b'], 'done': True}
CALLERS = 30
PHASE_SECONDS = 2.5
PAUSE = 0.002


class Colibris:
    def __init__(self, backend):
        self.backend = backend

    async def get(self):
        with slot.replace(self.backend):
            await bridge.run(self.get_many_times)

    async def set(self):
        with slot.replace(self.backend):
            await bridge.run(self.set_many_times)

    def get_many_times(self):
        for _ in range(TIMES):
            cache.get(KEY)

    def set_many_times(self):
        for _ in range(TIMES):
            cache.set(KEY, VALUE, lifetime=LIFETIME)

    async def close(self):
        await self.backend.stop()


class Bare:
    def __init__(self, url):
        self.client = redis.asyncio.Redis.from_url(url)

    async def get(self):
        for _ in range(TIMES):
            json.loads(await self.client.get(f'bare:{KEY}'))

    async def set(self):
        for _ in range(TIMES):
            await self.client.set(f'bare:{KEY}', json.dumps(VALUE), ex=LIFETIME)

    async def close(self):
        await self.client.aclose()


class Aiocache:
    def __init__(self, url):
        address = urlsplit(url)
        self.cache = Cache(
            Cache.REDIS,
            endpoint=address.hostname,
            port=address.port,
            password=address.password,
            db=DATABASE,
            serializer=JsonSerializer(),
            namespace='aiocache',
        )

    async def get(self):
        for _ in range(TIMES):
            await self.cache.get(KEY)

    async def set(self):
        for _ in range(TIMES):
            await self.cache.set(KEY, VALUE, ttl=LIFETIME)

    async def close(self):
        await self.cache.close()


async def compare(url, rounds):
    ways = {
        'redis-py': Bare(url),
        'colibris': Colibris(RedisBackend(url=url, timeout=10)),
        'aiocache': Aiocache(url),
        'colibris, LocMemBackend': Colibris(LocMemBackend()),
    }
    for operation in ('set', 'get'):
        figures = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                figures[name].append(await measure(getattr(way, operation)))
        print_comparison(operation, figures)
    for way in ways.values():
        await way.close()


async def measure(function):
    start, start_cpu = time.perf_counter(), time.process_time()
    await function()
    return (time.perf_counter() - start) / TIMES * 1e6, (time.process_time() - start_cpu) / TIMES * 1e6


def print_comparison(operation, figures):
    print(f'\n{operation:<28}{"µs":>8}{"CPU µs":>10}{"ratio":>10}')
    medians = {name: tuple(map(statistics.median, zip(*rows, strict=True))) for name, rows in figures.items()}
    for name, (wall, cpu) in medians.items():
        print(f'  {name:<26}{wall:>8.1f}{cpu:>10.1f}{wall / medians["redis-py"][0]:>10.2f}')


async def outages():
    print(f'\nmilliseconds of a call, {CALLERS} callers{"median":>14}{"99 %":>8}{"longest":>9}{"calls":>8}{"found":>8}')
    with running(RedisServer) as [server], slot.replace(RedisBackend(url=server.url)) as backend:
        for name, begin in PHASES.items():
            begin(server)
            print_phase(name, await load())
        await backend.stop()


def fill(server):
    set_memory_limit(server, 1)


def empty(server):
    set_memory_limit(server, 0)


def set_memory_limit(server, size):
    with contextlib.closing(redis.Redis.from_url(server.url)) as client:
        client.config_set('maxmemory', size)


def freeze(server):
    server._process.send_signal(signal.SIGSTOP)


def thaw(server):
    server._process.send_signal(signal.SIGCONT)


PHASES = {
    'running': RedisServer.wait,
    'stopped': RedisServer.stop,
    'started': RedisServer.start,
    'answers with errors': fill,
    'answers again': empty,
    'frozen': freeze,
    'thawed': thaw,
}


async def load():
    end = time.perf_counter() + PHASE_SECONDS
    calls = []
    await asyncio.gather(*(use(number, end, calls) for number in range(CALLERS)))
    return calls


async def use(number, end, calls):
    while time.perf_counter() < end:
        calls.append(await bridge.run(call, f'key {number}'))
        await asyncio.sleep(PAUSE)


def call(key):
    start = time.perf_counter()
    found = cache.get(key)
    middle = time.perf_counter()
    cache.set(key, VALUE, lifetime=LIFETIME)
    return max(middle - start, time.perf_counter() - middle), found is not None


def print_phase(name, calls):
    times = sorted(seconds * 1000 for seconds, _ in calls)
    found = sum(is_found for _, is_found in calls) / len(calls)
    numbers = f'{statistics.median(times):>10.2f}{times[len(times) * 99 // 100]:>8.2f}{times[-1]:>9.1f}'
    print(f'  Redis {name:<30}{numbers}{len(calls):>8}{found:>8.0%}')


async def main(url, rounds):
    await compare(url, rounds)
    await outages()


if __name__ == '__main__':
    uvloop.run(
        main(f'{os.environ["COLIBRIS_TEST_REDIS"]}/{DATABASE}', int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
    )
