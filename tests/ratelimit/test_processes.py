"""Limits are exact over several server processes: with one Redis exactly as many requests pass as may."""

import asyncio
import contextlib
import sys
from collections import Counter

import aiohttp
import pytest

from tests.acceptance.outside import Server

MANAGE = """
import sys
from colibris.commands import main

sys.exit(main('{package}', sys.argv[1:]))
"""
SETTINGS = """
DEBUG = False
SECRET_KEY = 'a secret of thirty-two characters, at least'
RATE_LIMIT = '{limits}'
RATE_LIMIT_STORAGE = {storage}
TRUSTED_PROXIES = ['127.0.0.1']
"""
ROUTES = """
async def hello(request):
    return 'hello'


ROUTES = [('/', hello)]
"""


@pytest.fixture
def start_servers(write_project, redis_options, tmp_path):
    """Start two processes of one project."""
    with contextlib.ExitStack() as stack:

        def start(limits):
            # What is slow in this test is the machine; nothing may pass for that reason.
            storage = {'backend': 'colibris.ratelimit.redis.RedisBackend', **redis_options}
            storage |= {'timeout': 60, 'on_failure': 'closed'}
            package = write_project(settings=SETTINGS.format(limits=limits, storage=storage), routes=ROUTES)
            (tmp_path / 'manage.py').write_text(MANAGE.format(package=package))
            bases = []
            for _ in range(2):
                server = Server(sys.executable, tmp_path / 'manage.py', cwd=tmp_path)
                stack.callback(server.stop)
                bases.append(server.client.base)
            return bases

        yield start


async def ask_at_once(bases, number, **headers):
    """The statuses of so many requests at the same time, to each server in turn."""
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=120)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:

        async def ask(base):
            async with session.get(base, headers=headers) as response:
                return response.status

        return Counter(await asyncio.gather(*(ask(bases[turn % len(bases)]) for turn in range(number))))


async def test_200_parallel_requests_against_a_limit_of_100(start_servers):
    bases = start_servers('100/hour')
    assert await ask_at_once(bases, 200) == {200: 100, 429: 100}
    assert await ask_at_once(bases, 20) == {429: 20}
    assert await ask_at_once(bases, 200, **{'X-Forwarded-For': '203.0.113.9'}) == {200: 100, 429: 100}


async def test_several_limits(start_servers):
    bases = start_servers('30/hour; 20/day')
    assert await ask_at_once(bases, 100) == {200: 20, 429: 80}
