"""Warnings of what is slow."""

import json
import logging

import pytest

from colibris import persist
from colibris.log.json import JSONFormatter
from colibris.log.operation import install_record_factory
from tests.observability.conftest import module_of

ROUTES = """
from colibris.conf import settings

class Books(APIView):
    def get(self):
        return list(models.Item.select().where(models.Item.name == 'secret').dicts())

async def events(request):
    answer = web.StreamResponse(headers={'Content-Type': 'text/event-stream'})
    await answer.prepare(request)
    return answer

def fail(request):
    raise ValueError

def broken(request):
    persist.get_database().execute_sql("SELECT 'secret' FROM nothing WHERE ? = 1", ('secret',))

ROUTES = [('/books/{id}', Books), ('/events', events), ('/fail', fail), ('/broken', broken)]
"""

EVERY_REQUEST = 'SLOW_REQUEST_SECONDS = 1e-9'
NO_REQUEST = 'SLOW_REQUEST_SECONDS = 1e9'
EVERY_STATEMENT = 'SLOW_QUERY_SECONDS = 1e-9'
NO_STATEMENT = 'SLOW_QUERY_SECONDS = 1e9'


@pytest.fixture
def warnings(caplog):
    """Gives the warnings so far."""
    install_record_factory()
    caplog.set_level(logging.WARNING, 'colibris.slow')
    return lambda: [record for record in caplog.records if record.name == 'colibris.slow']


async def test_requests(serve, warnings):
    client = await serve(ROUTES, settings=EVERY_REQUEST)
    await client.get('/books/secret?key=secret', headers={'X-Request-ID': 'operation'})
    (record,) = warnings()
    name = module_of('routes').__name__
    assert record.levelno == logging.WARNING
    assert record.operation_id == 'operation'
    assert record.getMessage().endswith(f' s: GET /books/{{id}} ({name}.Books.get, status 200)')
    assert record.getMessage().startswith('slow request: 0.')
    extra = json.loads(JSONFormatter().format(record))['extra']
    assert extra.pop('seconds') > 0
    assert extra == {'method': 'GET', 'route': '/books/{id}', 'view': f'{name}.Books.get', 'status': 200}


async def test_requests_that_fail_or_fit_no_route(serve, warnings):
    client = await serve(ROUTES, settings=EVERY_REQUEST)
    await client.get('/fail')
    await client.get('/nothing\n')
    texts = [record.getMessage().partition(' s: ')[2] for record in warnings()]
    assert texts == [f'GET /fail ({module_of("routes").__name__}.fail, status 500)', 'GET unmatched (-, status 404)']


async def test_fast_requests_and_streams_are_not_told(serve, warnings):
    client = await serve(ROUTES, settings=EVERY_REQUEST)
    await (await client.get('/events')).read()
    assert warnings() == []
    await client.close()
    client = await serve(ROUTES, settings=NO_REQUEST)
    await client.get('/books/1')
    assert warnings() == []


async def test_statements(serve, warnings):
    client = await serve(ROUTES, settings=EVERY_STATEMENT)
    await client.get('/books/1', headers={'X-Request-ID': 'operation'})
    (record,) = warnings()
    assert record.operation_id == 'operation'
    assert record.getMessage().startswith('slow statement: 0.')
    assert ' FROM "item" AS "t1" WHERE ("t1"."name" = ?)' in record.getMessage()
    assert 'secret' not in record.getMessage()
    extra = json.loads(JSONFormatter().format(record))['extra']
    assert extra['seconds'] > 0
    assert extra['sql'].startswith('SELECT "t1"."id"')


async def test_statements_that_fail_are_told_too(serve, warnings):
    client = await serve(ROUTES, settings=EVERY_STATEMENT)
    assert (await client.get('/broken')).status == 500
    (record,) = warnings()
    assert record.getMessage().endswith('SELECT ? FROM nothing WHERE ? = ?')


async def test_fast_statements_are_not_told(serve, warnings):
    client = await serve(ROUTES, settings=NO_STATEMENT)
    await client.get('/books/1')
    assert warnings() == []


async def test_every_engine_tells(serve, warnings, engine):
    client = await serve(ROUTES, settings=EVERY_STATEMENT, engine=engine)
    await client.get('/books/1')
    (record,) = warnings()
    assert 'secret' not in record.getMessage()
    assert persist.get_database().query_hooks
