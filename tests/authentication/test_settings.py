"""The settings of the reference page, letter by letter, also with values from ``.env``."""

import pytest
from aiohttp.test_utils import TestClient, TestServer

from colibris import authentication, authorization, bridge, conf, persist
from colibris.app import create_app
from colibris.authentication.apikey import APIKeyBackend
from colibris.authentication.jwt import JWTBackend
from colibris.authentication.null import NullBackend
from colibris.authorization.null import NullBackend as NullAuthorization
from colibris.errors import ConfigurationError
from colibris.utils.imports import import_string

JWT = """
AUTHENTICATION = {
    'backend': 'colibris.authentication.jwt.JWTBackend',
    'model': 'yourproject.models.User',
    'identity_claim': 'sub',
    'identity_field': 'username',
    'secret_field': 'password',
    'cookie_name': 'auth_token',
    'cookie_domain': 'example.com',
    'validity_seconds': 3600 * 24 * 30
}
"""
API_KEY = """
AUTHENTICATION = {
    'backend': 'colibris.authentication.apikey.APIKeyBackend',
    'model': 'yourproject.models.User',
    'key_field': 'secret',
}
"""
ROLE = """
AUTHORIZATION = {
    'backend': 'colibris.authorization.role.RoleBackend',
    'role_field': 'role'
}
"""
RIGHTS = """
AUTHORIZATION = {
    'backend': 'colibris.authorization.rights.RightsBackend',
    'model': 'yourproject.models.Right',
    'account_field': 'user',
    'resource_field': 'resource',
    'operation_field': 'operation'
}
"""
COMMON = """
DATABASE = {'backend': 'colibris.persist.SQLiteBackend', 'name': 'yourproject.db'}
SECRET_KEY = 'a secret key for tests that is long enough'
"""
FROM_ENV = """
from colibris.conf.schemas import SettingsSchema, fields

class AuthenticationSettingsSchema(SettingsSchema):
    BACKEND = fields.String()
    COOKIE_NAME = fields.String()
    COOKIE_DOMAIN = fields.String()
    KEY_FIELD = fields.String()
    VALIDITY_SECONDS = fields.Integer()
    HASHED = fields.Boolean()

    class Meta:
        prefix = 'AUTHENTICATION_'

class AuthorizationSettingsSchema(SettingsSchema):
    BACKEND = fields.String()
    ROLE_FIELD = fields.String()
    ORDER = fields.List(fields.String())
    MODEL = fields.String()
    OPERATION_FIELD = fields.String()

    class Meta:
        prefix = 'AUTHORIZATION_'

AuthenticationSettingsSchema().load_from_env(globals())
AuthorizationSettingsSchema().load_from_env(globals())
"""
MODELS = """
from colibris import persist

class User(persist.Model):
    username = persist.CharField()
    password = persist.CharField()
    secret = persist.CharField()
    role = persist.CharField(default='user')
    level = persist.CharField(default='item:read')

class Right(persist.Model):
    user = persist.ForeignKeyField(User)
    resource = persist.CharField()
    operation = persist.CharField()
    action = persist.CharField()
"""
ROUTES = """
from colibris import authentication

@authentication.require_authentication
def me(request):
    return authentication.get_account(request).username

async def login(request):
    from yourproject.models import User
    authentication.login(request, User.get(), persistent=True)

ROUTES = [('/me', me), ('/login', login, ['POST'])]
"""
DEMANDING = """
from colibris.authorization import require_permission

def page(request):
    return 'done'

ROUTES += [(f'/{name}', require_permission(name)(page)) for name in PERMISSIONS]
"""


@pytest.fixture
async def start(clean_settings, tmp_path):
    """Serve ``yourproject`` with these settings and this ``.env``: a client, and an account."""
    clients = []

    async def make(settings, env='', routes=ROUTES):
        package = tmp_path / 'yourproject'
        package.mkdir()
        files = {'__init__': '', 'settings': COMMON + settings + FROM_ENV, 'models': MODELS, 'routes': routes}
        for name, text in files.items():
            (package / f'{name}.py').write_text(text)
        (tmp_path / '.env').write_text(env)
        conf.setup('yourproject')
        client = TestClient(TestServer(create_app()))
        clients.append(client)
        await bridge.run(persist.get_database().create)
        user, right = (import_string(f'yourproject.models.{name}') for name in ('User', 'Right'))
        await bridge.run(persist.get_database().create_tables, [user, right])
        account = await bridge.run(user.create, username='ada', password='secret', secret='key')
        await bridge.run(right.create, user=account, resource='item', operation='read', action='write')
        await client.start_server()
        return client, account

    yield make
    for client in clients:
        await client.close()


async def ask(client, credentials):
    response = await client.get('/me', headers={'Authorization': f'Bearer {credentials}'})
    return await response.json() if response.status == 200 else response.status


async def test_nothing(start):
    client, _ = await start('')
    assert isinstance(authentication.get_backend(), NullBackend)
    assert isinstance(authorization.get_backend(), NullAuthorization)
    assert (await client.get('/me')).status == 500  # the dummy account has no user name


async def test_token(start):
    client, account = await start(JWT)
    token = await bridge.run(authentication.get_backend(JWTBackend).issue, account)
    assert [await ask(client, item) for item in (token, token + 'x')] == ['ada', 401]
    cookie = (await client.post('/login')).cookies['auth_token']
    assert (cookie['domain'], cookie['max-age']) == ('example.com', str(3600 * 24 * 30))
    assert (await client.get('/me', headers={'Cookie': f'auth_token={cookie.value}'})).status == 200


async def test_token_with_env(start):
    variables = {'COOKIE_NAME': 'other', 'COOKIE_DOMAIN': 'example.org', 'VALIDITY_SECONDS': '60'}
    client, _ = await start(JWT, '\n'.join(f'AUTHENTICATION_{name}={value}' for name, value in variables.items()))
    cookie = (await client.post('/login')).cookies['other']
    assert (cookie['domain'], cookie['max-age']) == ('example.org', '60')


async def test_key(start):
    client, _ = await start(API_KEY)
    assert [await ask(client, key) for key in ('key', 'secret', '')] == ['ada', 401, 401]


async def test_key_with_env(start):
    client, account = await start(API_KEY, 'AUTHENTICATION_KEY_FIELD=password\nAUTHENTICATION_HASHED=yes\n')
    key = await bridge.run(authentication.get_backend(APIKeyBackend).issue, account)
    assert [await ask(client, item) for item in (key, 'secret', 'key')] == ['ada', 401, 401]


@pytest.mark.parametrize(
    ('env', 'problem'),
    [
        ('AUTHENTICATION_VALIDITY_SECONDS=soon', 'environment variable AUTHENTICATION_VALIDITY_SECONDS'),
        ('AUTHENTICATION_VALIDITY_SECONDS=0', "'validity_seconds' must be from 1"),
        ('AUTHENTICATION_COOKIE_NAME=a b', "'cookie_name' cannot be 'a b'"),
        ('AUTHENTICATION_KEY_FIELD=secret', "'key_field' is not known to JWTBackend"),
        ('AUTHENTICATION_BACKEND=colibris.authentication.jwt.Backend', "has no 'Backend'"),
    ],
)
async def test_wrong_values_from_env(start, env, problem):
    with pytest.raises(ConfigurationError) as caught:
        await start(JWT, env)
    assert problem in str(caught.value)


async def allowed(start, settings, env, permissions):
    """Which of these permissions the account has."""
    client, _ = await start(API_KEY + settings, env, f'PERMISSIONS = {permissions}\n{ROUTES}{DEMANDING}')
    answers = {name: (await client.get(f'/{name}', headers={'X-API-Key': 'key'})).status for name in permissions}
    assert {(await client.get(f'/{name}')).status for name in permissions} == {401}
    assert set(answers.values()) <= {200, 403}
    return [name for name, status in answers.items() if status == 200]


@pytest.mark.parametrize(
    ('env', 'permissions'),
    [
        ('', ['user']),
        ('AUTHORIZATION_ROLE_FIELD=level', ['item:read']),
        ('AUTHORIZATION_ORDER=admin,user', ['user', 'admin']),
        ('AUTHORIZATION_ORDER=user,admin', ['user']),
    ],
)
async def test_roles(start, env, permissions):
    assert await allowed(start, ROLE, env, ('user', 'admin', 'item:read')) == permissions


@pytest.mark.parametrize(
    ('env', 'permissions'), [('', ['item:read']), ('AUTHORIZATION_OPERATION_FIELD=action', ['item:write'])]
)
async def test_rights(start, env, permissions):
    assert await allowed(start, RIGHTS, env, ('item:read', 'item:write')) == permissions


async def test_wrong_values_for_authorization_from_env(start):
    with pytest.raises(ConfigurationError, match="Right has no field 'act'"):
        await start(API_KEY + RIGHTS, 'AUTHORIZATION_OPERATION_FIELD=act')
