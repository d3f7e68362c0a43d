"""The application and its start, end and health."""

import logging
import sys

import pytest
from aiohttp import web

from colibris import persist
from colibris.app import create_app
from colibris.errors import ConfigurationError
from tests.views.serving import error_of

NOTHING = 'ROUTES = []'


@pytest.mark.parametrize('prefix', ['', 'async '])
async def test_init_may_use_peewee(serve, prefix):
    client = await serve(
        """
        def count(request):
            return [models.Item.select().count(), request.app['loop'] is not None]

        ROUTES = [('/count', count)]
        """,
        app=f"""
        import asyncio
        import warnings
        from __packagename__ import models

        {prefix}def init(app, loop):
            assert loop is asyncio.get_running_loop()
            with warnings.catch_warnings():
                warnings.simplefilter('ignore')
                app['loop'] = loop
            models.Item.create(name='made at start')
        """,
    )
    assert await (await client.get('/count')).json() == [1, True]


@pytest.mark.parametrize('prefix', ['', 'async '])
async def test_health(serve, prefix):
    client = await serve(
        NOTHING,
        app=f"""
        from colibris import app, persist

        {prefix}def get_health():
            if not persist.connectivity_check():
                raise app.HealthException('database connectivity check failed', details={{'tries': 1}})

            return 'healthy'
        """,
    )
    response = await client.get('/health')
    assert (response.status, await response.json()) == (200, 'healthy')
    assert (await client.head('/health')).status == 200
    persist.get_database().drop()
    error = await error_of(await client.get('/health'), 500)
    assert error == {'code': 'unhealthy', 'message': 'database connectivity check failed', 'details': {'tries': 1}}


async def test_health_without_a_check_and_with_a_fault(serve):
    assert await (await (await serve(NOTHING)).get('/health')).json() == 'healthy'
    client = await serve(NOTHING, settings='DEBUG = False\n', app='def get_health():\n    raise KeyError(1)\n')
    assert (await error_of(await client.get('/health'), 500))['code'] == 'server_error'


async def test_health_is_public(serve):
    client = await serve(NOTHING, settings=APIKEY)
    assert (await client.get('/health', headers={'X-API-Key': 'wrong'})).status == 200


APIKEY = """
AUTHENTICATION = {
    'backend': 'colibris.authentication.apikey.APIKeyBackend', 'model': '__packagename__.models.Item',
    'key_field': 'name',
}
"""

BACKEND = """
events = []

from colibris.authentication import AuthenticationBackend


class Backend(AuthenticationBackend):
    def authenticate(self, request):
        return None

    async def start(self):
        events.append('start')

    async def stop(self):
        events.append('stop')
"""


@pytest.mark.parametrize(
    ('backend', 'init', 'error'),
    [
        (BACKEND, '1 / 0', ZeroDivisionError),
        (
            BACKEND.replace("events.append('start')", "events.append('start'); raise OSError('no start')"),
            'pass',
            OSError,
        ),
    ],
)
async def test_failed_start_closes_what_was_started(project, backend, init, error):
    name = project(
        settings="AUTHENTICATION = {'backend': '__packagename__.backend.Backend'}\n",
        routes=NOTHING,
        backend=backend,
        app=f'async def init(app, loop):\n    {init}\n',
    )
    runner = web.AppRunner(create_app())
    try:
        with pytest.raises(error):
            await runner.setup()
    finally:
        await runner.cleanup()
    assert sys.modules[f'{name}.backend'].events == ['start', 'stop']


@pytest.mark.parametrize(
    ('paths', 'problem'),
    [
        ("['colibris.middleware.handle_nothing']", "MIDDLEWARE: module 'colibris.middleware' has no 'handle_nothing'"),
        ("['json.loads']", 'MIDDLEWARE: json.loads is no middleware'),
        ("['nowhere.at.all']", "MIDDLEWARE: there is no module 'nowhere.at'"),
    ],
)
async def test_wrong_middleware(serve, paths, problem):
    with pytest.raises(ConfigurationError, match=problem):
        await serve(NOTHING, settings=f'MIDDLEWARE = {paths}\n')


async def test_own_middleware(serve):
    client = await serve(
        "def view(request):\n    return 'x'\nROUTES = [('/', view)]",
        settings="MIDDLEWARE = ['__packagename__.own.add_header']\n",
        own="""
        from aiohttp import web

        @web.middleware
        async def add_header(request, handler):
            response = await handler(request)
            response.headers['X-Own'] = 'yes'
            return response
        """,
    )
    assert (await client.get('/')).headers['X-Own'] == 'yes'


DEMANDING = """
class ItemsView(ListMixin, ModelView):
    model = models.Item
    body_schema_class = ItemSchema
    permissions = {'admin'}

ROUTES = [('/items', ItemsView)]
"""


async def test_permissions_need_authentication(serve):
    with pytest.raises(ConfigurationError, match=r'AUTHENTICATION is not set, but .* demanded by: GET /items'):
        await serve(DEMANDING)


async def test_permissions_without_authorization_are_warned_of(serve, caplog):
    with caplog.at_level(logging.WARNING):
        await serve(DEMANDING, settings=APIKEY)
    assert 'AUTHORIZATION is not set' in caplog.text


def test_settings_are_checked(project):
    project(settings="AUTHENTICATION = {'backend': 'nowhere.Backend'}\nAUTHORIZATION = {'backend': 'json.loads'}")
    with pytest.raises(ConfigurationError) as caught:
        create_app()
    assert len(str(caught.value).splitlines()) == 2


async def test_two_apps_of_one_process(serve):
    client = await serve("def view(request):\n    return models.Item.select().count()\nROUTES = [('/', view)]")
    assert create_app() is not client.app
    assert await (await client.get('/')).json() == 0


async def test_documentation_can_be_turned_off(serve):
    client = await serve(NOTHING, settings='API_DOCS_PATH = None\n')
    await error_of(await client.get('/api/docs'), 404)


async def test_a_misspelt_setting_is_warned_of(serve, caplog):
    with caplog.at_level(logging.WARNING, 'colibris.app.factory'):
        await serve(NOTHING, settings='SECRETKEY = "x"')
    assert [record.getMessage() for record in caplog.records] == [
        'colibris has no setting SECRETKEY: did you mean SECRET_KEY?'
    ]
