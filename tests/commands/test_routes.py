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
