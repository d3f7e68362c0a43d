"""Where sessions are kept, and how time passes there."""

import os
import time

import pytest
import redis
from yarl import URL

from tests.authentication.projects import LOCAL_CACHE, SESSION, SESSION_IN_CACHE

REDIS_DATABASE = 30 + int(os.environ.get('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw')) % 10
NO_OTHERS = {}


class Place:
    """A place of sessions: the backend's configuration, and other settings.

    ``pass_time`` moves the clock by which sessions end; places with a clock of their own move that too.
    """

    configuration = SESSION
    settings = NO_OTHERS

    def __init__(self, monkeypatch):
        self.ahead = 0
        monkeypatch.setattr('colibris.authentication.session.backend._now', lambda: int(time.time()) + self.ahead)

    def pass_time(self, seconds):
        self.ahead += seconds

    def close(self):
        pass


class CachePlace(Place):
    configuration = SESSION_IN_CACHE


class LocalPlace(CachePlace):
    settings = LOCAL_CACHE

    def __init__(self, monkeypatch):
        super().__init__(monkeypatch)
        monkeypatch.setattr('colibris.cache.locmem.time', self)

    def monotonic(self):
        return time.monotonic() + self.ahead


class RedisPlace(CachePlace):
    def __init__(self, monkeypatch):
        super().__init__(monkeypatch)
        self.settings = {'CACHE': redis_cache(os.environ['COLIBRIS_TEST_REDIS'])}
        self.client = redis.Redis.from_url(self.settings['CACHE']['url'])
        self.client.flushdb()

    def pass_time(self, seconds):
        super().pass_time(seconds)
        for key in self.client.scan_iter():
            left = self.client.pttl(key) - seconds * 1000
            self.client.pexpire(key, max(0, left))

    def close(self):
        self.client.close()


def redis_cache(url):
    """The configuration of a cache on the server at ``url``."""
    return {'backend': 'colibris.cache.redis.RedisBackend', 'url': str(URL(url).with_path(f'/{REDIS_DATABASE}'))}


@pytest.fixture(params=[Place, LocalPlace, RedisPlace], ids=['database', 'local', 'redis'])
def place(request, monkeypatch):
    place = request.param(monkeypatch)
    yield place
    place.close()
