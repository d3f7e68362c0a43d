import json

import pytest

from .databases import fail, succeed

ROUTES = """
import functools

from aiohttp import web

from colibris.authentication import require_authentication
from colibris.authorization import require_one_permission, require_permission
from colibris.schemas import ModelSchema
from colibris.views import ListCreateModelView, RetrieveUpdateDestroyModelView
from shop import models


class ItemSchema(ModelSchema):
    class Meta:
        model = models.Item


class ItemsView(ListCreateModelView):
    model = models.Item
    body_schema_class = ItemSchema
    authentication_required = False

    @require_permission('clerk')
    async def post(self):
        return await super().post()


@require_one_permission('boss', 'admin')
class ItemView(RetrieveUpdateDestroyModelView):
    model = models.Item
    body_schema_class = ItemSchema
    permissions = {'clerk'}


def index(request):
    return 'hello'


@require_authentication
def secret(request):
    return 'psst'


ROUTES = [
    ('/', index),
    ('/secret', functools.partial(secret), ['GET', 'POST']),
    ('/items', ItemsView),
    (r'/items/{id:\\d+}', ItemView),
    web.get('/named', index, name='named'),
]
STATIC_ROUTES = [('/static', 'static')]
"""
ACCOUNTS = """
AUTHENTICATION = {
    'backend': 'colibris.authentication.apikey.APIKeyBackend', 'model': 'shop.models.Item', 'key_field': 'name',
}
AUTHORIZATION = {'backend': 'colibris.authorization.role.RoleBackend', 'role_field': 'name'}
"""


@pytest.fixture
def stock(shop):
    settings = (shop.package / 'settings.py').read_text()
    (shop.package / 'static').mkdir()
    shop.write(settings=settings + ACCOUNTS, routes=ROUTES)
    return shop


def lines(output):
    return [tuple(cell.strip() for cell in line.split('  ') if cell.strip()) for line in output.splitlines()]


def test_every_path_is_listed(stock):
    output, _ = succeed(stock, 'routes')
    found = lines(output)
    assert found[0] == ('PATH', 'METHODS', 'VIEW', 'WHO')
    for line in (
        ('/', 'GET', 'shop.routes.index', 'everybody'),
        ('/secret', 'GET, POST', 'shop.routes.secret', 'every account'),
        ('/items', 'GET', 'shop.routes.ItemsView', 'everybody'),
        ('/items', 'POST', 'shop.routes.ItemsView', 'clerk'),
        (r'/items/{id:\d+}', 'DELETE, GET, PATCH, PUT', 'shop.routes.ItemView', 'admin or boss, clerk'),
        ('/named', 'GET', 'shop.routes.index', 'everybody'),
        ('/api/docs', 'GET', 'colibris.docs.views.page', 'everybody'),
        ('/static/{path}', 'GET', 'colibris.views.routing.send_file', 'everybody'),
    ):
        assert line in found
    assert [line[0] for line in found].count('/health') == 1


def test_mistakes_are_told(shop):
    shop.write(routes="ROUTES = [('items', print)]")
    assert "does not start with '/'" in fail(shop, 'routes')


def plans(shop, *paths):
    output, _ = succeed(shop, 'routes', '--plan', '--format', 'json', *paths)
    return {(plan['method'], plan['path']): plan for plan in json.loads(output)}


def test_plans_are_objects_for_programs(stock):
    found = plans(stock)
    assert [method for method, path in found if path == r'/items/{id:\d+}'] == ['DELETE', 'GET', 'PATCH', 'PUT']
    plan = found['POST', '/items']
    assert set(plan) == {'path', 'method', 'view', 'steps', 'parts', 'hooks'}
    assert plan['view'] == 'shop.routes.ItemsView'
    assert plan['steps'][0] == 'identify_operation'
    assert plan['parts'] == [
        {'name': 'body', 'subject': 'ItemSchema', 'way': 'compiled', 'reasons': []},
        {'name': 'insert', 'subject': 'Item', 'way': 'inserted directly', 'reasons': []},
        {'name': 'answer', 'subject': 'ItemSchema', 'way': 'compiled', 'reasons': []},
    ]
    assert plan['hooks'] == [
        {'name': 'ItemsView.post', 'effect': 'answers; the parts hold as far as it calls them'},
    ]
    assert found['POST', '/secret']['view'] == 'shop.routes.secret'
    assert found['GET', '/static/{path}']['parts'] == []


def test_plans_are_paragraphs_for_people(stock):
    stock.write(routes=ROUTES.replace('    permissions = ', '    get_object = dump = print\n    permissions = '))
    output, _ = succeed(stock, 'routes', '--plan', '/items', r'/items/{id:\d+}')
    assert [text.split('\n')[0] for text in output.split('\n\n')][:3] == [
        'GET /items',
        'POST /items',
        r'DELETE /items/{id:\d+}',
    ]
    paragraph = next(text for text in output.split('\n\n') if text.startswith(r'GET /items/{id:\d+}'))
    found = [line.split(maxsplit=1) for line in paragraph.splitlines()[1:]]
    assert found[0] == ['view', 'shop.routes.ItemView']
    assert found[1][1].startswith('identify_operation, ')
    assert found[-4:] == [
        ['row', 'Item.id: by ItemView.get_object'],
        ['answer', 'ItemSchema: by ItemView.dump'],
        ['hook', 'ItemView.get_object finds the row'],
        ['hook', 'ItemView.dump shows each row'],
    ]
    assert max(map(len, output.splitlines())) <= 110


@pytest.mark.parametrize('backend', ['PostgreSQLBackend', 'MySQLBackend'])
def test_plans_need_no_database_server(stock, backend):
    configuration = {
        'backend': f'colibris.persist.{backend}',
        'name': 'x',
        'host': 'localhost',
        'port': 1,
        'username': 'x',
        'password': 'x',
    }
    stock.write(settings=f'DATABASE = {configuration!r}\n{ACCOUNTS}')
    found = plans(stock, '/items')
    assert {part['way'] for plan in found.values() for part in plan['parts']} == {
        'compiled',
        'inserted directly',
        'made in one step',
        'the same query for all requests',
    }


def test_some_of_the_paths(stock):
    output, _ = succeed(stock, 'routes', '/secret', '/health')
    assert [line[0] for line in lines(output)] == ['PATH', '/secret', '/health']
    assert 'there is no path /secrets, /x;' in fail(stock, 'routes', '--plan', '/secrets', '/secret', '/x')


def test_the_list_of_paths_is_no_json(stock):
    assert '--format json needs --plan' in fail(stock, 'routes', '--format', 'json')
