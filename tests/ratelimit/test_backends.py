"""The contract, over every backend."""

import pytest

from colibris.ratelimit.memory import MemoryBackend
from colibris.ratelimit.redis import RedisBackend
from colibris.test.ratelimit import RateLimitContract

PATIENT = {'timeout': 30, 'on_failure': 'closed'}  # what is slow here is the machine


class TestMemory(RateLimitContract):
    @pytest.fixture
    def backend(self):
        return MemoryBackend()


class TestRedis(RateLimitContract):
    @pytest.fixture
    async def backend(self, redis_options):
        backend = RedisBackend(**redis_options, **PATIENT)
        await backend.start()
        yield backend
        await backend.stop()


class TestRedisWithoutAServer(RateLimitContract):
    """As in commands and fixtures: a connection for each hit."""

    @pytest.fixture
    def backend(self, redis_options):
        return RedisBackend(**redis_options, **PATIENT)
