"""Spans of what a service does."""

import logging

import pytest
import redis
from opentelemetry.trace import SpanKind, StatusCode

from colibris import persist, taskqueue
from colibris.log.operation import install_record_factory, new_operation_id
from tests.observability.conftest import TASKS, module_of

TRACING = 'TRACING = True\n'
TRACE = '0af7651916cd43dd8448eb211c80319c'
SPAN = 'b7ad6b7169203331'
PARENT = {'traceparent': f'00-{TRACE}-{SPAN}-01'}

ROUTES = """
import logging

class Books(APIView):
    def get(self):
        logging.getLogger('books').warning('looking')
        return list(models.Item.select().where(models.Item.name == 'secret').dicts())

def fail(request):
    raise ValueError

def move(request):
    raise web.HTTPFound('/books/1')

def broken(request):
    persist.get_database().execute_sql('SELECT nothing FROM nothing')

ROUTES = [('/books/{id}', Books), ('/fail', fail), ('/move', move), ('/broken', broken)]
"""


async def test_requests(serve, spans):
    client = await serve(ROUTES, settings=TRACING)
    await client.get('/books/1?key=secret')
    span = spans.one('GET /books/{id}')
    assert span.kind is SpanKind.SERVER
    assert span.parent is None
    assert span.status.status_code is StatusCode.UNSET
    attributes = dict(span.attributes)
    assert attributes.pop('colibris.operation_id') == f'{span.context.trace_id:032x}'
    assert attributes == {
        'http.request.method': 'GET',
        'http.route': '/books/{id}',
        'http.response.status_code': 200,
        'url.path': '/books/1',
        'url.scheme': 'http',
    }


async def test_requests_below_their_clients(serve, spans):
    client = await serve(ROUTES, settings=TRACING)
    response = await client.get('/books/1', headers=PARENT)
    span = spans.one('GET /books/{id}')
    assert f'{span.context.trace_id:032x}' == response.headers['X-Request-ID'] == TRACE
    assert f'{span.parent.span_id:016x}' == SPAN


async def test_an_operation_id_of_the_client(serve, spans):
    client = await serve(ROUTES, settings=TRACING)
    response = await client.get('/books/1', headers={'X-Request-ID': 'operation'})
    assert response.headers['X-Request-ID'] == 'operation'
    assert spans.one('GET /books/{id}').attributes['colibris.operation_id'] == 'operation'
    assert len(new_operation_id()) == 36  # a trace does not outlast its request


@pytest.mark.parametrize(
    ('method', 'path', 'name', 'status'),
    [
        ('GET', '/nothing', 'GET', 404),
        ('PURGE', '/books/1', 'HTTP /books/{id}', 405),
        ('GET', '/move', 'GET /move', 302),
        ('GET', '/fail', 'GET /fail', 500),
    ],
)
async def test_other_ends(serve, spans, method, path, name, status):
    client = await serve(ROUTES, settings=TRACING)
    await client.request(method, path, allow_redirects=False)
    span = spans.one(name)
    assert span.attributes['http.response.status_code'] == status
    assert span.status.status_code is (StatusCode.ERROR if status == 500 else StatusCode.UNSET)
    assert span.attributes['http.request.method'] == ('_OTHER' if method == 'PURGE' else method)


@pytest.mark.parametrize('value', ['', 'nonsense', '00-' + '0' * 32 + '-' + '0' * 16 + '-00', 'é', 'x' * 5000])
async def test_hostile_parents(serve, spans, value):
    client = await serve(ROUTES, settings=TRACING)
    assert (await client.get('/books/1', headers={'traceparent': value, 'baggage': value})).status == 200
    assert spans.one('GET /books/{id}').parent is None


async def test_statements(serve, spans, engine):
    client = await serve(ROUTES, settings=TRACING, engine=engine)
    await client.get('/books/1')
    span, server = spans.one('SELECT'), spans.one('GET /books/{id}')
    assert span.kind is SpanKind.CLIENT
    assert spans.parent_of(span) is server
    assert server.start_time <= span.start_time <= span.end_time <= server.end_time
    expected = {'sqlite': 'sqlite', 'postgresql': 'postgresql'}.get(engine, 'mysql')
    assert span.attributes['db.system.name'] == expected
    assert 'FROM' in span.attributes['db.query.text']
    assert 'secret' not in str(span.to_json())


async def test_statements_that_fail(serve, spans):
    client = await serve(ROUTES, settings=TRACING)
    await client.get('/broken')
    span = spans.one('SELECT')
    assert span.status.status_code is StatusCode.ERROR
    assert span.attributes['error.type'] == 'OperationalError'


async def test_nothing_without_a_parent(serve, spans, run):
    await serve(ROUTES, settings=TRACING)
    await run(lambda: persist.get_database().execute_sql('SELECT 1'))
    assert spans.all() == ()


async def test_requests_that_are_not_sampled_have_no_children(serve, spans):
    client = await serve(ROUTES, settings=TRACING)
    await client.get('/books/1', headers={'traceparent': f'00-{TRACE}-{SPAN}-00'})
    assert spans.all() == ()


async def test_lines_of_the_log(serve, spans, caplog):
    install_record_factory()
    caplog.set_level(logging.INFO)
    client = await serve(ROUTES, settings=TRACING)
    await client.get('/books/1', headers={**PARENT, 'X-Request-ID': 'operation'})
    span = spans.one('GET /books/{id}')
    (record,) = [record for record in caplog.records if record.name == 'books']
    assert record.operation_id == 'operation'
    assert (record.trace_id, record.span_id) == (TRACE, f'{span.context.span_id:016x}')


CACHE = """
CACHE = {{'backend': 'colibris.cache.redis.RedisBackend', 'url': {url!r}, 'timeout': 20}}
RATE_LIMIT_STORAGE = {{'backend': 'colibris.ratelimit.redis.RedisBackend', 'port': 1}}
"""
WITH_CACHE = """
from colibris import cache

def look(request):
    cache.set('key', 'secret')
    return cache.get('key')

ROUTES = [('/look', look)]
"""


async def test_redis(serve, spans, redis_url, run):
    client = await serve(WITH_CACHE, settings=TRACING + CACHE.format(url=redis_url))
    spans.clear()
    assert await (await client.get('/look')).json() == 'secret'
    server = spans.one('GET /look')
    found = [span for span in spans.all() if span.attributes.get('db.system.name') == 'redis']
    assert {span.name for span in found} == {'GET', 'SET'}
    assert all(spans.parent_of(span) is server for span in found)
    assert 'secret' not in ''.join(span.to_json() for span in found)
    spans.clear()
    from colibris import cache

    assert await run(cache.get, 'key') == 'secret'
    assert spans.all() == ()


async def test_redis_is_left_alone_afterwards(serve, spans, redis_url):
    client = await serve(WITH_CACHE, settings=TRACING + CACHE.format(url=redis_url))
    assert hasattr(redis.Redis.execute_command, '__wrapped__')
    await client.close()
    assert not hasattr(redis.Redis.execute_command, '__wrapped__')


WITH_TASKS = """
from colibris import taskqueue

async def work(request):
    from __packagename__.tasks import work
    await taskqueue.execute(work, int(request.query['number']))

ROUTES = [('/work', work)]
"""
LOCAL = TRACING + "TASK_QUEUE = {'backend': 'colibris.taskqueue.local.LocalBackend'}\n"


async def test_tasks(serve, spans, caplog):
    install_record_factory()
    caplog.set_level(logging.INFO)
    client = await serve(WITH_TASKS, settings=LOCAL, tasks=TASKS)
    await client.get('/work?number=1', headers=PARENT)
    name = f'{module_of("tasks").__name__}.work'
    enqueued, run = spans.one(f'enqueue {name}'), spans.one(f'run {name}')
    assert (enqueued.kind, run.kind) == (SpanKind.PRODUCER, SpanKind.CONSUMER)
    assert spans.parent_of(enqueued) is spans.one('GET /work')
    assert spans.parent_of(run) is enqueued
    assert spans.parent_of(spans.one('SELECT')) is run
    assert run.attributes['colibris.operation_id'] == TRACE
    (record,) = [record for record in caplog.records if record.name == 'tasks']
    assert (record.trace_id, record.span_id) == (TRACE, f'{run.context.span_id:016x}')


async def test_tasks_that_fail(serve, spans, caplog):
    install_record_factory()
    caplog.set_level(logging.INFO)
    client = await serve(WITH_TASKS, settings=LOCAL, tasks=TASKS)
    await client.get('/work?number=-1', headers={**PARENT, 'X-Request-ID': 'operation'})
    run = spans.one(f'run {module_of("tasks").__name__}.work')
    assert run.status.status_code is StatusCode.ERROR
    assert run.attributes['colibris.operation_id'] == 'operation'
    (record,) = [record for record in caplog.records if record.name == 'colibris.taskqueue.local']
    assert (record.operation_id, record.trace_id) == ('operation', TRACE)


async def test_tasks_of_requests_that_are_not_sampled(serve, spans):
    client = await serve(WITH_TASKS, settings=LOCAL, tasks=TASKS)
    await client.get('/work?number=1', headers={'traceparent': f'00-{TRACE}-{SPAN}-00'})
    assert spans.all() == ()


async def test_tasks_that_nobody_asked_for(serve, spans):
    await serve(WITH_TASKS, settings=LOCAL, tasks=TASKS)
    await taskqueue.execute(module_of('tasks').work, 1)
    (run,) = [span for span in spans.all() if span.name.startswith('run ')]
    assert run.parent is None
