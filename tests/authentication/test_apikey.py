"""Authentication by API key, from outside."""

import sys

import pytest
from aiohttp import web

from colibris.app import create_app
from colibris.errors import ConfigurationError
from tests.views.serving import error_of

MODELS = """
from colibris import persist


class Organization(persist.Model):
    pass


class Item(persist.Model):
    name = persist.CharField()
    key = persist.CharField(null=True)
    role = persist.CharField(null=True)
    password = persist.PasswordField(null=True)
"""
SETTINGS = """
AUTHENTICATION = {
    'backend': 'colibris.authentication.apikey.APIKeyBackend', 'model': '__packagename__.models.Item',
    'key_field': 'key',
}
"""
ROUTES = """
def name_of(request):
    account = get_account(request)
    return account and account.name


class PrivateView(View):
    def get(self):
        return self.account.name


class OpenView(View):
    authentication_required = False

    def get(self):
        return name_of(self.request)

    @require_authentication
    def post(self):
        return name_of(self.request)


@require_authentication
def private(request):
    return name_of(request)


@require_authentication
async def waiting(request):
    return name_of(request)


ROUTES = [
    ('/public', name_of), ('/private', private), ('/waiting', waiting), ('/view', PrivateView), ('/open', OpenView),
]
"""

GOOD = [
    {'Authorization': 'Bearer right'},
    {'authorization': 'bearer  right '},
    {'X-API-Key': 'right'},
    {'Authorization': 'Bearer right', 'X-API-Key': 'wrong'},
]
BAD = [
    {'Authorization': 'Bearer wrong'},
    {'Authorization': 'Bearer'},
    {'Authorization': 'Bearer '},
    {'Authorization': ''},
    {'Authorization': 'right'},
    {'Authorization': 'Basic cmlnaHQ6'},
    {'Authorization': 'Bearer right right'},
    {'Authorization': 'Bearer RIGHT'},
    {'Authorization': 'Bearer ' + 'x' * 7000},
    {'Authorization': 'Bearer None'},
    {'Authorization': 'Bearer righ_'},
    {'Authorization': 'Bearer %'},
    {'Authorization': "Bearer ' OR 1=1 --"},
    {'Authorization': 'Bearer ключ'},
    {'X-API-Key': ''},
    {'X-API-Key': 'wrong'},
    {'X-API-Key': 'Bearer right'},
    {'Authorization': 'Bearer wrong', 'X-API-Key': 'right'},
    {'Authorization': 'Basic x', 'X-API-Key': 'right'},
]


@pytest.fixture
async def client(serve, run):
    client = await serve(ROUTES, models=MODELS, settings=SETTINGS)
    (models,) = [
        module for name, module in sys.modules.items() if name.startswith('sample') and name.endswith('.models')
    ]
    await run(lambda: models.Item.create(name='someone', key='right'))
    await run(lambda: models.Item.create(name='keyless'))
    return client


async def test_no_credentials(client):
    assert await (await client.get('/public')).json() is None
    assert await (await client.get('/open')).json() is None
    for method, path in (('get', '/private'), ('get', '/waiting'), ('get', '/view'), ('post', '/open')):
        response = await client.request(method, path)
        error = await error_of(response, 401)
        assert error['code'] == 'not_authenticated'
        assert response.headers['WWW-Authenticate'] == 'Bearer'


@pytest.mark.parametrize('headers', GOOD)
async def test_right_credentials(client, headers):
    for method, path in (
        ('get', '/public'),
        ('get', '/open'),
        ('get', '/private'),
        ('get', '/waiting'),
        ('get', '/view'),
        ('post', '/open'),
    ):
        response = await client.request(method, path, headers=headers)
        assert (response.status, await response.json()) == (200, 'someone')


@pytest.mark.parametrize('headers', BAD)
async def test_wrong_credentials(client, headers):
    for path in ('/public', '/open'):
        response = await client.get(path, headers=headers)
        assert (response.status, await response.json()) == (200, None)
    for method, path in (('get', '/private'), ('get', '/waiting'), ('get', '/view'), ('post', '/open')):
        response = await client.request(method, path, headers=headers)
        await error_of(response, 401)
        assert response.headers['WWW-Authenticate'] == 'Bearer'
        assert 'right' not in await response.text()


async def test_options_head_and_unknown_things(client):
    assert (await client.options('/private')).status == 204
    assert (await client.head('/private')).status == 401
    assert (await client.head('/view')).status == 401
    await error_of(await client.delete('/view'), 405)
    await error_of(await client.get('/nowhere', headers={'X-API-Key': 'wrong'}), 404)


@pytest.mark.parametrize(
    ('model', 'field', 'problem'),
    [
        ('models.Nobody', 'key', "has no 'Nobody'"),
        ('models.Item', 'secret', "has no field 'secret'"),
        ('models.Item', 'password', "no key can be found by the PasswordField 'password'"),
        ('settings.X', 'x', 'X'),
    ],
)
async def test_wrong_settings(project, model, field, problem):
    settings = SETTINGS.replace('models.Item', model).replace("'key'", f"'{field}'")
    project(models=MODELS, settings=settings, routes='ROUTES = []')
    runner = web.AppRunner(create_app())
    with pytest.raises(ConfigurationError, match=problem):
        await runner.setup()
    await runner.cleanup()
