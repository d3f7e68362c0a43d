import contextlib
import os

import pytest
import redis

from colibris import bridge
from colibris.cache.locmem import LocMemBackend
from colibris.cache.redis import RedisBackend
from colibris.cache.slot import slot
from tests.views.serving import run, serve

__all__ = ['run', 'serve']

PATIENT = 20
DATABASES = range(1, 10)


@pytest.fixture
def redis_url():
    """The address of an empty database of the shared server, one for each of pytest-xdist's workers."""
    worker = int(os.environ.get('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw'))
    url = f'{os.environ["COLIBRIS_TEST_REDIS"]}/{DATABASES[worker % len(DATABASES)]}'
    with contextlib.closing(redis.Redis.from_url(url)) as client:
        client.flushdb()
    return url


@pytest.fixture
def client(redis_url):
    """A client of redis-py for that database."""
    with contextlib.closing(redis.Redis.from_url(redis_url)) as client:
        yield client


@pytest.fixture
def connections(client):
    """Count the connections that others have to that database."""

    def count():
        own = client.client_info()
        return sum(int(item['db']) == own['db'] and int(item['id']) != own['id'] for item in client.client_list())

    return count


@pytest.fixture
def on_redis(redis_url):
    """The cache is on Redis, and waits for it however busy the machine is."""
    with slot.replace(RedisBackend(url=redis_url, timeout=PATIENT)) as backend:
        yield backend
    bridge.wait(backend.stop())


@pytest.fixture
def locmem():
    """The cache is in memory."""
    with slot.replace(LocMemBackend()) as backend:
        yield backend


@pytest.fixture(params=['locmem', 'redis'])
def backend(request):
    """The cache is on either."""
    return request.getfixturevalue('locmem' if request.param == 'locmem' else 'on_redis')
