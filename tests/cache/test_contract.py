"""Every backend keeps the contract."""

import contextlib

import pytest
import redis

from colibris.cache.locmem import LocMemBackend
from colibris.cache.redis import RedisBackend
from colibris.test.cache import CacheBackendContract
from tests.cache.conftest import PATIENT
from tests.cache.servers import MASTER, cluster, watched_master
from tests.services import HOST, PASSWORD


@pytest.fixture(scope='module')
def addresses():
    with cluster() as addresses:
        yield addresses


@pytest.fixture(scope='module')
def sentinel():
    with watched_master() as (port, master):
        yield port, master


class TestLocMem(CacheBackendContract):
    @pytest.fixture
    def backend(self):
        return LocMemBackend()


class TestLocMemWithPickle(CacheBackendContract):
    @pytest.fixture
    def backend(self):
        return LocMemBackend(serializer='pickle')


class TestRedis(CacheBackendContract):
    @pytest.fixture
    def backend(self, redis_url):
        return RedisBackend(url=redis_url, timeout=PATIENT)


class TestRedisCluster(CacheBackendContract):
    @pytest.fixture
    def backend(self, addresses):
        for address in addresses:
            with contextlib.closing(redis.Redis.from_url(address)) as client:
                client.flushall()
        return RedisBackend(url=addresses[0], cluster=True, timeout=PATIENT)


class TestRedisBehindSentinel(CacheBackendContract):
    @pytest.fixture
    def backend(self, sentinel):
        port, master = sentinel
        with contextlib.closing(redis.Redis.from_url(master.url)) as client:
            client.flushall()
        where = {'sentinels': [(HOST, port)], 'service': MASTER, 'sentinel_password': PASSWORD}
        return RedisBackend(**where, password=PASSWORD, timeout=PATIENT)
