"""Permissions: who may do what."""

import sys

import pytest

from colibris.authorization import (
    Permissions,
    permissions_of,
    require_all_permissions,
    require_one_permission,
    require_permission,
)
from colibris.authorization.role import RoleBackend
from colibris.errors import ConfigurationError
from tests.authentication.test_apikey import MODELS, SETTINGS
from tests.views.serving import error_of

ROLES = """
AUTHORIZATION = {'backend': 'colibris.authorization.role.RoleBackend', 'role_field': 'role', 'order': ['user', 'admin']}
"""
ROUTES = """
@require_permission('admin')
def function(request):
    return 'done'


@require_one_permission('admin', 'auditor')
async def either(request):
    return 'done'


@require_all_permissions('user', 'admin')
def both(request):
    return 'done'


class AttributeView(View):
    permissions = {'admin'}

    def get(self):
        return 'done'


class UserView(View):
    permissions = ('user',)
    authentication_required = False

    def get(self):
        return 'done'

    @require_permission('admin')
    def post(self):
        return 'done'


@require_permission('user')
class DecoratedView(View):
    @require_one_permission('admin', 'auditor')
    async def get(self):
        return 'done'


class InheritedView(DecoratedView):
    def post(self):
        return 'done'


ROUTES = [
    ('/function', function), ('/either', either), ('/both', both), ('/attribute', AttributeView), ('/user', UserView),
    ('/decorated', DecoratedView), ('/inherited', InheritedView),
]
"""
ALLOWED = {
    ('GET', '/function'): {'admin'},
    ('GET', '/either'): {'admin', 'auditor'},
    ('GET', '/both'): {'admin'},
    ('GET', '/attribute'): {'admin'},
    ('HEAD', '/attribute'): {'admin'},
    ('GET', '/user'): {'user', 'admin'},
    ('POST', '/user'): {'admin'},
    ('GET', '/decorated'): {'admin'},
    ('GET', '/inherited'): {'admin'},
    ('POST', '/inherited'): {'user', 'admin'},
}


@pytest.fixture
async def client(serve, run):
    client = await serve(ROUTES, models=MODELS, settings=SETTINGS + ROLES)
    (models,) = [
        module for name, module in sys.modules.items() if name.startswith('sample') and name.endswith('.models')
    ]
    for role in ('user', 'admin', 'auditor', 'stranger', None):
        await run(lambda role=role: models.Item.create(name=str(role), key=f'key-{role}', role=role))
    return client


@pytest.mark.parametrize('role', ['user', 'admin', 'auditor', 'stranger', None])
async def test_roles(client, role):
    for (method, path), allowed in ALLOWED.items():
        response = await client.request(method, path, headers={'X-API-Key': f'key-{role}'})
        assert response.status == (200 if role in allowed else 403), (method, path)
        if response.status == 403 and method != 'HEAD':
            assert (await error_of(response, 403))['code'] == 'permission_denied'


async def test_no_account(client):
    for method, path in ALLOWED:
        assert (await client.request(method, path)).status == 401
    await error_of(await client.post('/function', headers={'X-API-Key': 'key-stranger'}), 405)


def test_role_backend():
    class Account:
        def __init__(self, role):
            self.role = role

    backend = RoleBackend('role', order=['user', 'admin'])
    assert backend.has_permission(Account('admin'), 'user')
    assert not backend.has_permission(Account('user'), 'admin')
    assert backend.has_permission(Account('auditor'), 'auditor')
    assert not backend.has_permission(Account('auditor'), 'user')
    assert not backend.has_permission(Account('admin'), 'auditor')
    assert not backend.has_permission(Account(None), 'user')
    assert not backend.has_permission(object(), 'user')
    assert not RoleBackend('role').has_permission(Account('admin'), 'user')


def test_permissions_add_up():
    @require_permission('a')
    @require_one_permission('b', 'c')
    @require_all_permissions('d', 'a')
    def view():
        pass

    assert {frozenset(group) for group in permissions_of(view).groups} == {
        frozenset('a'),
        frozenset('bc'),
        frozenset('d'),
    }
    assert not Permissions()


def test_decorated_subclass_leaves_its_base_alone():
    class Base:
        permissions = 'admin'

    decorated = require_permission('user')(type('Sub', (Base,), {}))
    assert permissions_of(Base).groups == (frozenset({'admin'}),)
    assert set(permissions_of(decorated).groups) == {frozenset({'admin'}), frozenset({'user'})}


@pytest.mark.parametrize(
    'decorate',
    [
        lambda: require_permission(lambda request: None),
        lambda: require_one_permission(),
        lambda: require_all_permissions(),
        lambda: require_permission(None),
    ],
)
def test_permissions_have_to_be_named(decorate):
    with pytest.raises(ConfigurationError, match='a permission has to be named'):
        decorate()
