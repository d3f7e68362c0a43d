"""``/live``, ``/ready`` and ``/status``."""

import pytest

from colibris import persist
from colibris.app import create_app
from colibris.persist.migrations.history import History
from colibris.views.shutdown import SHUTDOWN
from tests.views.serving import error_of

ROUTES = """
async def say(request):
    return 'mine'

ROUTES = []
"""
BACKENDS = """
import asyncio

from colibris.cache.null import NullBackend
from colibris.email.memory import MemoryBackend

asked = {'cache': asyncio.Event(), 'email': asyncio.Event()}
secret = 'the password is 1234'


class CacheBackend(NullBackend):
    async def connectivity_check(self):
        asked['cache'].set()
        await asked['email'].wait()


class EmailBackend(MemoryBackend):
    async def connectivity_check(self):
        asked['email'].set()
        await asked['cache'].wait()


class HangingBackend(NullBackend):
    async def connectivity_check(self):
        await asyncio.Event().wait()


class PlainHangingBackend(MemoryBackend):
    def connectivity_check(self):
        persist.get_database()
        from colibris import bridge
        bridge.wait(asyncio.Event().wait())


class BrokenBackend(MemoryBackend):
    def connectivity_check(self):
        raise OSError(secret)


class UnhappyBackend(MemoryBackend):
    def connectivity_check(self):
        return False
"""
APIKEY = """
AUTHENTICATION = {
    'backend': 'colibris.authentication.apikey.APIKeyBackend',
    'model': '__packagename__.models.Organization',
    'key_field': 'name',
}
ENVELOPE = {'backend': 'colibris.api.envelope.MetaEnvelope'}
"""


def backends(**names):
    return ''.join(f"{setting} = {{'backend': '__packagename__.backends.{name}'}}\n" for setting, name in names.items())


@pytest.fixture
def client_of(serve):
    async def make(settings=''):
        return await serve(ROUTES, settings=settings, backends='from colibris import persist\n' + BACKENDS)

    return make


async def content(client, path, status=200):
    response = await client.get(path)
    assert response.status == status
    return await response.json()


async def test_for_everybody_and_bare(client_of):
    client = await client_of(APIKEY)
    backends = dict.fromkeys(['DATABASE', 'AUTHENTICATION', 'ENVELOPE'], 'ready')
    for path, answer in (('/live', 'alive'), ('/ready', backends)):
        assert await content(client, path) == answer
        assert (await client.head(path)).status == 200
    assert set(await content(client, '/status')) == {'name', 'version', 'last_migration'}


async def test_backends_are_checked_side_by_side(client_of):
    client = await client_of(backends(CACHE='CacheBackend', EMAIL='EmailBackend'))
    assert await content(client, '/ready') == dict.fromkeys(['DATABASE', 'CACHE', 'EMAIL'], 'ready')


@pytest.mark.parametrize(
    ('setting', 'backend', 'problem'),
    [
        ('CACHE', 'HangingBackend', 'it does not answer in time'),
        ('EMAIL', 'PlainHangingBackend', 'it does not answer in time'),
        ('EMAIL', 'BrokenBackend', 'it cannot be reached'),
        ('EMAIL', 'UnhappyBackend', 'it cannot be reached'),
    ],
)
async def test_the_backend_that_is_not_ready_is_named(client_of, setting, backend, problem):
    client = await client_of(backends(**{setting: backend}) + 'READY_TIMEOUT = 0.2\n')
    response = await client.get('/ready')
    error = await error_of(response, 503)
    assert (error['code'], error['details']) == ('not_ready', {setting: problem})
    assert setting in error['message']
    assert '1234' not in await response.text()
    assert await content(client, '/live') == 'alive'


async def test_the_database_is_gone(client_of):
    client = await client_of()
    persist.get_database().drop()
    error = await error_of(await client.get('/ready'), 503)
    assert list(error['details']) == ['DATABASE']


async def test_shutdown_has_begun(client_of):
    client = await client_of()
    client.app[SHUTDOWN].begin()
    assert (await error_of(await client.get('/ready'), 503))['code'] == 'shutting_down'
    assert await content(client, '/live') == 'alive'


async def test_status_tells_the_last_migration(client_of, run):
    def migrate():
        history = History(persist.get_database())
        history.create()
        for name in ('0001_initial', '0002_more'):
            history.add(name, 'checksum')

    client = await client_of("PROJECT_NAME = 'Shop'\nPROJECT_VERSION = '1.2'\n")
    assert await content(client, '/status') == {'name': 'Shop', 'version': '1.2', 'last_migration': None}
    await run(migrate)
    assert await content(client, '/status') == {'name': 'Shop', 'version': '1.2', 'last_migration': '0002_more'}


async def test_status_without_a_database(project, aiohttp_client):
    project(settings="PROJECT_NAME = 'Shop'\n", routes='ROUTES = []')
    client = await aiohttp_client(create_app())
    assert await content(client, '/status') == {'name': 'Shop', 'version': 'N/A'}
    assert await content(client, '/ready') == {}


async def test_no_status(client_of):
    assert (await (await client_of('STATUS_PATH = None\n')).get('/status')).status == 404


@pytest.mark.parametrize('path', ['/live', '/ready', '/status', '/health'])
async def test_a_project_may_answer_itself(serve, path):
    client = await serve(ROUTES.replace('[]', f'[({path!r}, say)]'))
    assert await content(client, path) == 'mine'
