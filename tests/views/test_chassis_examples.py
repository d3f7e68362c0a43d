"""The examples of another framework's manual (cst-micro-chassis), rewritten: the same requests, the same shapes."""

import datetime
import logging
import re
import uuid

import pytest

from colibris.app import create_app
from colibris.conf import settings
from colibris.log.formatter import LineFormatter
from colibris.log.operation import install_record_factory
from colibris.log.setup import FORMAT, setup_logging
from colibris.persist import get_database, models_of
from colibris.persist.migrations.history import History

SETTINGS = """
PROJECT_NAME = 'My-First-Cst-App'
ENVELOPE = {'backend': 'colibris.api.envelope.MetaEnvelope'}
"""
MODELS = """
import datetime
import uuid

from colibris import persist


class Organization(persist.Model):
    name = persist.CharField()


class Item(persist.Model):
    name = persist.CharField()


class Product(persist.Model):
    id = persist.UUIDField(primary_key=True, default=uuid.uuid4)
    name = persist.CharField()
    created_at = persist.DateTimeField()
"""
ROUTES = """
import logging

from colibris.views.pagination import LimitOffsetPagination

logger = logging.getLogger('new-app')


class MySimpleView(View):
    authentication_required = False

    def get(self):
        simple_id = self.request.match_info['simple_id']
        logger.info('I received a GET request for %s', simple_id)
        return f'It works for {simple_id}'


class CreatedView(View):
    def get(self):
        return self.respond('Hello world', status=201)


class SquareView(View):
    def post(self):
        value = int(self.request.match_info['value'])
        if value >= 10:
            self.add_error('Value larger than expected 10', path='value')
        return value**2


class ProductSchema(Schema):
    name = fields.String()
    created = fields.DateTime(attribute='created_at')


class ProductsView(ListMixin, ModelView):
    model = models.Product
    response_schema_class = ProductSchema
    pagination_class = LimitOffsetPagination

    def get_query(self):
        return models.Product.select().order_by(models.Product.created_at.asc())


ROUTES = [
    ('/simple/{simple_id}', MySimpleView), ('/simple', CreatedView), ('/square/{value}', SquareView),
    ('/products', ProductsView),
]
"""


@pytest.fixture
async def client(serve):
    return await serve(ROUTES, models=MODELS, settings=SETTINGS)


async def content(client, path, method='get', status=200):
    response = await client.request(method, path)
    assert (response.status, response.content_type) == (status, 'application/json')
    return await response.json()


def assert_meta(meta, **others):
    assert uuid.UUID(meta.pop('operation_id')).version == 4
    assert meta == others


async def test_status(serve):
    client = await serve(ROUTES, models=MODELS, settings=SETTINGS)
    answer = await content(client, '/status')
    assert answer.pop('last_migration') is None
    assert answer == {'name': 'My-First-Cst-App', 'version': 'N/A'}


async def test_status_elsewhere(serve):
    settings = "STATUS_PATH = '/my-custom-status'\nPROJECT_VERSION = '1.2'\n"
    client = await serve(ROUTES, models=MODELS, settings=SETTINGS + settings)
    assert (await content(client, '/my-custom-status'))['version'] == '1.2'
    assert (await client.get('/status')).status == 404


async def test_status_without_a_database(project, aiohttp_client):
    project(settings=SETTINGS, routes='ROUTES = []')
    client = await aiohttp_client(create_app())
    assert await content(client, '/status') == {'name': 'My-First-Cst-App', 'version': 'N/A'}


async def test_status_with_a_migration(client, run):
    def migrate():
        history = History(get_database())
        history.create()
        history.add('0001_initial', 'checksum')

    await run(migrate)
    answer = await content(client, '/status')
    assert answer == {'name': 'My-First-Cst-App', 'version': 'N/A', 'last_migration': '0001_initial'}


@pytest.fixture
def logged(project, capsys):
    """What a process of the project logs, without the time."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def warn(settings):
        project(settings=SETTINGS + settings)
        setup_logging()
        logging.getLogger('myapp').warning('Hello CST')
        return re.sub(r'^[\d-]{10} [\d:]{8},\d{3} ', '', capsys.readouterr().err)

    yield warn
    root.handlers[:] = handlers
    root.setLevel(level)


def test_log_outside_of_requests(logged):
    assert logged('') == '[WARNING][-] myapp: Hello CST\n'


def test_less_in_the_log(logged):
    assert logged("LOGGING_OVERRIDES = {'root': {'level': 'ERROR'}}\n") == ''


async def test_simple_resource(client, caplog):
    install_record_factory()
    with caplog.at_level(logging.INFO, 'new-app'):
        answer = await content(client, '/simple/123')
    operation_id = answer['meta']['operation_id']
    assert_meta(answer.pop('meta'))
    assert answer == {'data': 'It works for 123'}
    (record,) = [record for record in caplog.records if record.name == 'new-app']
    line = LineFormatter(FORMAT).format(record)
    assert line.partition(' [')[2] == f'INFO][{operation_id}] new-app: I received a GET request for 123'
    assert datetime.datetime.strptime(line.partition(' [')[0], '%Y-%m-%d %H:%M:%S,%f')


async def test_another_status(client):
    answer = await content(client, '/simple', status=201)
    assert_meta(answer.pop('meta'))
    assert answer == {'data': 'Hello world'}


async def test_collected_errors(client):
    answer = await content(client, '/square/11', 'post', 400)
    assert_meta(answer.pop('meta'))
    assert answer == {'errors': [{'message': 'Value larger than expected 10', 'path': 'value'}]}
    assert (await content(client, '/square/3', 'post'))['data'] == 9


async def test_pagination(client, run):
    product = models_of(settings.PROJECT_PACKAGE_NAME)[2]
    start = datetime.datetime(2021, 1, 1)
    rows = [{'name': f'product No.{i}', 'created_at': start + datetime.timedelta(seconds=i)} for i in range(107)]
    await run(lambda: [product.create(**row) for row in rows])
    base = str(client.make_url('/products'))
    url, seen = '/products', []
    for page in range(5):
        answer = await content(client, url)
        expected = {
            'next': f'{base}?offset={(page + 1) * 25}&limit=25' if page < 4 else None,
            'prev': f'{base}?offset={(page - 1) * 25}&limit=25' if page else None,
        }
        assert_meta(answer['meta'], pagination=expected)
        assert set(answer) == {'meta', 'data'}
        seen += answer['data']
        url = (expected['next'] or '').removeprefix(str(client.make_url('/')).rstrip('/'))
    assert seen == [{'name': row['name'], 'created': row['created_at'].isoformat()} for row in rows]
    error = await content(client, '/products?limit=101', status=400)
    assert [item['path'] for item in error['errors']] == ['query.limit']


async def test_another_default_size_of_pages(serve, run):
    client = await serve(ROUTES, models=MODELS, settings=SETTINGS + 'PAGE_SIZE = 10\n')
    product = models_of(settings.PROJECT_PACKAGE_NAME)[2]
    await run(lambda: [product.create(name=str(i), created_at=datetime.datetime(2021, 1, 1)) for i in range(12)])
    answer = await content(client, '/products')
    assert len(answer['data']) == 10
    assert answer['meta']['pagination']['next'].endswith('/products?offset=10&limit=10')
