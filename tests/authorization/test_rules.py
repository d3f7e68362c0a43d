"""Every permission rule, with every authorization backend, for every kind of account: one table."""

import sys
from itertools import product

import pytest

from tests.authentication.test_apikey import SETTINGS
from tests.views.serving import error_of

MODELS = """
from colibris import persist


class Organization(persist.Model):
    pass


class Item(persist.Model):
    name = persist.CharField()
    key = persist.CharField(null=True)
    role = persist.CharField(null=True)


class Right(persist.Model):
    item = persist.ForeignKeyField(Item)
    resource = persist.CharField()
    operation = persist.CharField()
"""

NONE = ''
ROLE = "AUTHORIZATION = {'backend': 'colibris.authorization.role.RoleBackend', 'role_field': 'role'}"
ORDERED = f"{ROLE[:-1]}, 'order': ['a:x', 'b:x', 'c:x']}}"
RIGHTS = """
AUTHORIZATION = {
    'backend': 'colibris.authorization.rights.RightsBackend', 'model': '__packagename__.models.Right',
    'account_field': 'item', 'resource_field': 'resource', 'operation_field': 'operation',
}
"""

# Accounts are named by the permissions that they have. One role is all that an account can have.
ACCOUNTS = ('', 'a', 'b', 'c', 'ab', 'bc', 'abc')

ROUTES = """
permission_a = require_permission('a:x')
one_of_bc = require_one_permission('b:x', 'c:x')
all_of_ab = require_all_permissions('a:x', 'b:x')


def plain(request):
    return 'done'


async def waiting(request):
    return 'done'


class Nothing(View):
    def get(self):
        return 'done'


class Public(Nothing):
    authentication_required = False


class Attribute(View):
    permissions = {'a:x', 'b:x'}

    def get(self):
        return 'done'

    @require_permission('c:x')
    def post(self):
        return 'done'

    @one_of_bc
    async def put(self):
        return 'done'


class Text(View):
    permissions = 'a:x'
    authentication_required = False

    async def get(self):
        return 'done'


@one_of_bc
class Decorated(View):
    @permission_a
    async def get(self):
        return 'done'

    @all_of_ab
    def post(self):
        return 'done'

    def put(self):
        return 'done'


@permission_a
class Both(Decorated):
    permissions = ['b:x']

    def patch(self):
        return 'done'


class Overridden(Decorated):
    def get(self):
        return 'done'


class Methods(View):
    authentication_required = False

    def get(self):
        return 'done'

    @permission_a
    def post(self):
        return 'done'

    @require_authentication
    def put(self):
        return 'done'

    @permission_a
    @one_of_bc
    @all_of_ab
    def delete(self):
        return 'done'


ROUTES = [
    ('/plain', plain),
    ('/account', require_authentication(plain)),
    ('/a', permission_a(plain)),
    ('/bc', one_of_bc(waiting)),
    ('/ab', all_of_ab(waiting)),
    ('/a-bc', permission_a(one_of_bc(plain))),
    ('/nothing', Nothing),
    ('/public', Public),
    ('/attribute', Attribute),
    ('/text', Text),
    ('/decorated', Decorated),
    ('/both', Both),
    ('/overridden', Overridden),
    ('/methods', Methods),
]
"""

ALL = set(ACCOUNTS)
EVERYBODY = ALL | {None}


def having(*groups):
    """The accounts that have one permission of each group."""
    return {account for account in ACCOUNTS if all(set(account) & set(group) for group in groups)}


RULES = {
    'GET /plain': EVERYBODY,
    'GET /account': ALL,
    'GET /a': having('a'),
    'HEAD /a': having('a'),
    'GET /bc': having('bc'),
    'GET /ab': having('a', 'b'),
    'GET /a-bc': having('a', 'bc'),
    'GET /nothing': ALL,
    'GET /public': EVERYBODY,
    'GET /attribute': having('a', 'b'),
    'HEAD /attribute': having('a', 'b'),
    'POST /attribute': having('a', 'b', 'c'),
    'PUT /attribute': having('a', 'b', 'bc'),
    'GET /text': having('a'),
    'GET /decorated': having('a', 'bc'),
    'HEAD /decorated': having('a', 'bc'),
    'POST /decorated': having('a', 'b', 'bc'),
    'PUT /decorated': having('bc'),
    'GET /both': having('a', 'b', 'bc'),
    'POST /both': having('a', 'b', 'bc'),
    'PATCH /both': having('a', 'b', 'bc'),
    'GET /overridden': having('bc'),  # Python's inheritance: a method that is replaced has no decorators any more
    'GET /methods': EVERYBODY,
    'POST /methods': having('a'),
    'PUT /methods': ALL,
    'DELETE /methods': having('a', 'b', 'bc'),
}


@pytest.fixture
def prepare(serve, run):
    """A client of the project with this authorization, and the accounts."""

    async def make(settings, permissions_of):
        client = await serve(ROUTES, models=MODELS, settings=SETTINGS + settings)
        await run(fill, permissions_of)
        return client

    return make


def fill(permissions_of):
    models = next(
        module for name, module in sys.modules.items() if name.startswith('sample') and name.endswith('.models')
    )
    for account in ACCOUNTS:
        item = models.Item.create(name=account, key=f'key-{account}', role=permissions_of(account))
        for permission in account:
            models.Right.create(item=item, resource=permission, operation='x')
    models.Item.create(name='other', key='key-other')


def of_role(account):
    return f'{account[-1]}:x' if account else None


async def check(client, allowed_of):
    for rule, account in product(RULES, (*ACCOUNTS, None)):
        method, path = rule.split()
        headers = {} if account is None else {'X-API-Key': f'key-{account}'}
        response = await client.request(method, path, headers=headers)
        refusal = 401 if account is None else 403
        expected = 200 if account in allowed_of(rule) else refusal
        assert response.status == expected, (rule, account)
        if expected != 200 and method != 'HEAD':
            body = await error_of(response, expected)
            assert body['code'] == {401: 'not_authenticated', 403: 'permission_denied'}[expected]
        if expected == 401:
            assert response.headers['WWW-Authenticate'] == 'Bearer'


async def test_null(prepare, caplog):
    """Without authorization an account is all that can be demanded."""
    client = await prepare(NONE, of_role)
    await check(client, lambda rule: RULES[rule] if RULES[rule] in (EVERYBODY, ALL) else ALL)
    assert 'AUTHORIZATION is not set: every account has the permissions' in caplog.text


async def test_role(prepare):
    """A role is one permission; accounts that should have several have the last."""
    client = await prepare(ROLE, of_role)
    of_one = {account: account[-1:] for account in ACCOUNTS}
    await check(client, lambda rule: as_if(of_one, rule))


async def test_ordered_roles(prepare):
    """A role includes the lower ones."""
    client = await prepare(ORDERED, of_role)
    including = {account: 'abc'[: 'abc'.index(account[-1]) + 1] if account else '' for account in ACCOUNTS}
    await check(client, lambda rule: as_if(including, rule))


async def test_rights(prepare):
    client = await prepare(RIGHTS, lambda account: None)
    await check(client, RULES.get)


def as_if(permissions_of, rule):
    """The accounts that may pass if each has the permissions of another."""
    allowed = {account for account in ACCOUNTS if permissions_of[account] in RULES[rule]}
    return allowed | ({None} & RULES[rule])
