"""What applications call, with and without an event loop."""

import pytest
from aiohttp.test_utils import make_mocked_request

from colibris import bridge, ratelimit
from colibris.errors import ConfigurationError, MissingDependencyError
from colibris.ratelimit import RateLimitExceeded, RateLimitUnavailable
from colibris.ratelimit.memory import MemoryBackend
from colibris.ratelimit.slot import slot

LOGIN = "LOGIN_RATE_LIMIT = ['3/hour by name', '5/hour by address']\nTRUSTED_PROXIES = ['unix']\n"


def redis_settings(options, **more):
    return f'RATE_LIMIT_STORAGE = { ({"backend": "colibris.ratelimit.redis.RedisBackend", **options, **more})!r}\n'


def request_from(address):
    class Peer:
        def get_extra_info(self, name, default=None):
            return '' if name == 'peername' else default

    return make_mocked_request('POST', '/login', headers={'X-Forwarded-For': address}, transport=Peer())


def hit_and_clear():
    ratelimit.hit('export', 'me', '2/hour')
    ratelimit.hit('export', 'me', '2/hour')
    ratelimit.hit('export', 'you', '2/hour')
    ratelimit.hit('import', 'me', '2/hour')
    with pytest.raises(RateLimitExceeded, match=r'try again in \d+ seconds') as caught:
        ratelimit.hit('export', 'me', '2/hour')
    assert 3500 < caught.value.usage.seconds <= 3600
    ratelimit.clear('export', 'me', '2/hour')
    ratelimit.hit('export', 'me', '2/hour')


def test_without_a_loop(project):
    project()
    hit_and_clear()


async def test_in_a_coroutine(project):
    project()
    await bridge.run(hit_and_clear)


def test_without_a_loop_in_redis(project, redis_options):
    project(settings=redis_settings(redis_options, timeout=30))
    hit_and_clear()


async def test_in_a_coroutine_in_redis(project, redis_options):
    project(settings=redis_settings(redis_options, timeout=30))
    await bridge.run(hit_and_clear)


def test_several_limits(project):
    project()
    ratelimit.hit('export', 'me', '5/hour; 1/second')
    with pytest.raises(RateLimitExceeded):
        [ratelimit.hit('export', 'me', '5/hour; 1/second') for _ in range(5)]


@pytest.mark.parametrize('wrong', ['often', '', '0/hour', None, 5])
def test_wrong_limits(project, wrong):
    project()
    with pytest.raises(ValueError, match=r'has to look like|must allow'):
        ratelimit.hit('export', 'me', wrong)


@pytest.mark.parametrize('identity', ['', 'x' * 1_000_000, 'ü', '\ud800', '\0\r\n*', 5, None])
def test_odd_identities(project, redis_options, identity):
    project(settings=redis_settings(redis_options, timeout=30))
    ratelimit.hit('export', identity, '1/hour')
    with pytest.raises(RateLimitExceeded):
        ratelimit.hit('export', identity, '1/hour')


def test_nobody_reads_identities_in_redis(project, redis_options):
    from redis import Redis

    project(settings=redis_settings(redis_options, timeout=30))
    ratelimit.hit('export', 'ada@example.com', '1/hour')
    with Redis(**redis_options) as client:
        (key,) = client.keys('*')
        assert 0 < client.ttl(key) <= 3600
    assert key.startswith(b'colibris:limits:LIMITER/export:address-3600:')
    assert b'ada' not in key


class TestLogin:
    def test_a_name_is_limited_wherever_it_is_tried(self, project):
        project(settings=LOGIN)
        for number in range(3):
            ratelimit.throttle_login(request_from(f'203.0.113.{number}'), ' Ada ')
        with pytest.raises(RateLimitExceeded):
            ratelimit.throttle_login(request_from('203.0.113.99'), 'ada')
        ratelimit.throttle_login(request_from('203.0.113.99'), 'bob')

    def test_an_address_is_limited_whatever_it_tries(self, project):
        project(settings=LOGIN)
        for number in range(5):
            ratelimit.throttle_login(request_from('203.0.113.1'), f'name{number}')
        with pytest.raises(RateLimitExceeded):
            ratelimit.throttle_login(request_from('203.0.113.1'), 'another')
        ratelimit.throttle_login(request_from('203.0.113.2'), 'another')

    def test_success_forgives_the_name_but_not_the_address(self, project):
        project(settings=LOGIN)
        for _ in range(5):
            ratelimit.throttle_login(request_from('203.0.113.1'), 'ada')
            ratelimit.forgive_login('ADA')
        with pytest.raises(RateLimitExceeded):
            ratelimit.throttle_login(request_from('203.0.113.1'), 'ada')

    def test_turned_off(self, project):
        project(settings='LOGIN_RATE_LIMIT = None')
        for _ in range(200):
            ratelimit.throttle_login(request_from('203.0.113.1'), 'ada')

    @pytest.mark.parametrize('wrong', ["'5/hour by account'", '5', "['x']"])
    def test_wrong_setting(self, project, wrong):
        with pytest.raises(ConfigurationError, match='LOGIN_RATE_LIMIT = '):
            project(settings=f'LOGIN_RATE_LIMIT = {wrong}')

    def test_without_redis(self, project):
        project(settings=redis_settings({'port': 1}, on_failure='closed'))
        with pytest.raises(RateLimitUnavailable):
            ratelimit.throttle_login(request_from('203.0.113.1'), 'ada')
        with pytest.raises(RateLimitUnavailable):
            ratelimit.forgive_login('ada')
        with slot.replace(MemoryBackend()):
            ratelimit.throttle_login(request_from('203.0.113.1'), 'ada')


@pytest.mark.parametrize(
    ('options', 'problem'),
    [
        ({'on_failure': 'maybe'}, "'on_failure' must be one of 'open', 'closed'"),
        ({'timeout': 0}, "'timeout' must be a positive number"),
        ({'retry_seconds': '1', 'port': 'x'}, "'port' must be .*; 'retry_seconds' must be a number"),
        ({'prot': 5}, "'prot' is not known to RedisBackend"),
        ({'max_connections': 0}, "'max_connections' must be"),
    ],
)
def test_wrong_options(project, options, problem):
    project(settings=redis_settings({'password': 'hidden'}, **options))
    with pytest.raises(ConfigurationError, match=problem) as caught:
        ratelimit.hit('x', 'y', '1/hour')
    assert 'hidden' not in str(caught.value)


@pytest.mark.parametrize('package', ['limits', 'redis'])
def test_missing_packages(monkeypatch, package):
    import importlib
    import sys

    for name in [name for name in sys.modules if name.partition('.')[0] == package]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, 'colibris.ratelimit.redis', raising=False)
    with pytest.raises(MissingDependencyError, match=rf"{package} is not installed; .*'colibris\[limits\]'"):
        importlib.import_module('colibris.ratelimit.redis')
