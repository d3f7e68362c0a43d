"""A Redis of the tests' own."""

import itertools
import os
from urllib.parse import urlsplit

import pytest
from redis import Redis

from tests.views.serving import run, serve

__all__ = ['run', 'serve']

DATABASES = itertools.cycle(range(20, 30))


@pytest.fixture
def redis_options():
    """Where a Redis database is that is empty: arguments of RedisBackend."""
    address = urlsplit(os.environ['COLIBRIS_TEST_REDIS'])
    options = {
        'host': address.hostname,
        'port': address.port,
        'db': next(DATABASES),
        'password': address.password,
    }
    with Redis(**options) as client:
        client.flushdb()
    return options
