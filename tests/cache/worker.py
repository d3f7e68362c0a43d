"""A process that asks for one entry many times at once: ``python -m tests.cache.worker URL LOCK_LIFETIME MODE``.

It says on standard output when it is ready, waits for a line on standard input, and at the end prints what it has got.
With the mode ``hang`` it never comes to the end of the computation.
"""

import asyncio
import json
import sys

import redis

from colibris import bridge, cache
from colibris.cache.redis import RedisBackend
from colibris.cache.slot import slot

MISSES = 50
COUNTER = 'computations'
HANG = 'hang'


def main(url, lock_lifetime, mode):
    with slot.replace(RedisBackend(url=url, timeout=20, lock_lifetime=float(lock_lifetime))):
        print(json.dumps(asyncio.run(ask(url, mode))), flush=True)


async def ask(url, mode):
    with redis.Redis.from_url(url) as counter:

        async def compute():
            number = counter.incr(COUNTER)
            say('computing')
            await asyncio.sleep(3600 if mode == HANG else 0.2)
            return number

        say('ready')
        sys.stdin.readline()
        return await asyncio.gather(*(bridge.run(cache.get_or_set, 'key', compute, 60) for _ in range(MISSES)))


def say(text):
    print(json.dumps(text), flush=True)


if __name__ == '__main__':
    main(*sys.argv[1:])
