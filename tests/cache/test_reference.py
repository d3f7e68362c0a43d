"""The calls of the reference page, letter by letter."""

import asyncio
from urllib.parse import urlsplit

import pytest

from colibris import bridge
from colibris import cache as colibris_cache
from colibris.app import create_app

SETTINGS = """
CACHE = {
    'backend': 'colibris.cache.redis.RedisBackend',
    'host': '127.0.0.1',
    'port': 6379,
    'db': 0,
    'password': 'yourpassword'
}
"""
CALLS = """
from colibris import cache

cache.set('my_key', my_value, lifetime=300)

my_value = cache.get('my_key', default='some_default')

cache.delete('my_key')
"""


def settings_for(url):
    """The page's settings, but for where the server is."""
    address = urlsplit(url)
    settings = SETTINGS.replace('6379', str(address.port)).replace("'db': 0", f"'db': {address.path[1:]}")
    settings = settings.replace('yourpassword', address.password)
    return settings.replace("'password':", "'timeout': 20, 'password':")


def run(calls):
    """Run calls with a value, and give what became of it."""
    names = {'my_value': {'some': ['value']}}
    exec(compile(calls, 'page', 'exec'), names)
    return names['my_value'], names['cache'].get('my_key', default='nothing')


@pytest.mark.parametrize('where', ['plain', 'driven'])
def test_calls(project, redis_url, where):
    project(settings=settings_for(redis_url))

    async def main():
        return await bridge.run(run, CALLS)

    outcome = run(CALLS) if where == 'plain' else asyncio.run(main())
    assert outcome == ({'some': ['value']}, 'nothing')
    bridge.wait(colibris_cache.get_backend().stop())


def test_caching_is_disabled_by_default(project):
    project()
    assert run(CALLS) == ('some_default', 'nothing')


async def test_calls_in_handlers(serve, redis_url):
    indented = CALLS.replace('\n', '\n    ')
    client = await serve(
        f"""
async def coroutine(request):
    my_value = 5
    {indented}
    return my_value


def function(request):
    my_value = 5
    {indented}
    return my_value


class Coroutine(View):
    authentication_required = False

    async def get(self):
        return await coroutine(self.request)


ROUTES = [('/coroutine', coroutine), ('/function', function), ('/class', Coroutine)]
""",
        settings=settings_for(redis_url),
    )
    for path in ('/coroutine', '/function', '/class'):
        assert await (await client.get(path)).json() == 5


async def test_settings(project):
    """An application starts with the page's settings, whether or not there is such a server."""
    project(settings=SETTINGS, routes='ROUTES = []')
    create_app()
    colibris_cache.get_backend()
