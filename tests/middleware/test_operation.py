"""Operation ids."""

import logging
import uuid

import pytest

from colibris.log.operation import install_record_factory

ROUTES = """
import asyncio
import logging

logger = logging.getLogger('sample')


async def talk(request):
    logger.info('before')
    await asyncio.sleep(0)

    async def later():
        await asyncio.sleep(0)
        logger.info('spawned')

    await asyncio.create_task(later())
    await asyncio.to_thread(logger.info, 'thread')
    return None


def fail(request):
    raise ValueError('oops')


def move(request):
    raise web.HTTPFound('/talk')


async def stream(request):
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b'x')
    return response


ROUTES = [('/talk', talk), ('/fail', fail), ('/move', move), ('/stream', stream)]
"""


@pytest.fixture
def records():
    """The log records of the sample, as they are made."""
    factory = logging.getLogRecordFactory()
    install_record_factory()
    found = []
    handler = logging.Handler()
    handler.emit = found.append
    logger = logging.getLogger()
    logger.addHandler(handler)
    logging.getLogger('sample').setLevel(logging.INFO)
    yield found
    logger.removeHandler(handler)
    logging.setLogRecordFactory(factory)


@pytest.mark.parametrize('path', ['/talk', '/fail', '/move', '/stream', '/nowhere', '/health', '/api/docs'])
async def test_every_answer_carries_it(serve, path):
    client = await serve(ROUTES)
    response = await client.get(path, headers={'X-Request-ID': 'mine-1'}, allow_redirects=False)
    assert response.headers.getall('X-Request-ID') == ['mine-1']
    response = await client.get(path, allow_redirects=False)
    assert uuid.UUID(response.headers['X-Request-ID'])


@pytest.mark.parametrize('sent', ['', ' ', 'a b', 'x' * 129, 'ü', 'a\tb', '<script>', 'a;b', '"'])
async def test_hostile_ones_are_replaced(serve, sent):
    client = await serve(ROUTES)
    response = await client.get('/talk', headers={'X-Request-ID': sent})
    assert uuid.UUID(response.headers['X-Request-ID'])


async def test_log_records_carry_it(serve, records):
    client = await serve(ROUTES)
    for identifier in ('first', 'second'):
        await client.get('/talk', headers={'X-Request-ID': identifier})
    found = [(record.getMessage(), record.operation_id) for record in records if record.name == 'sample']
    messages = ('before', 'spawned', 'thread')
    assert found == [(message, identifier) for identifier in ('first', 'second') for message in messages]


async def test_the_error_in_the_log_carries_it(serve, records):
    client = await serve(ROUTES)
    await client.get('/fail', headers={'X-Request-ID': 'failed'})
    (record,) = [record for record in records if record.name == 'colibris.middleware.errors']
    assert (record.operation_id, record.getMessage()) == ('failed', 'GET /fail failed')
    assert str(record.exc_info[1]) == 'oops'


async def test_traces(serve):
    client = await serve(ROUTES)
    trace = '4bf92f3577b34da6a3ce929d0e0e4736'
    sent = {'traceparent': f'00-{trace}-00f067aa0ba902b7-01'}
    assert (await client.get('/talk', headers=sent)).headers['X-Request-ID'] == trace
    response = await client.get('/talk', headers={**sent, 'X-Request-ID': 'mine'})
    assert response.headers['X-Request-ID'] == 'mine'
    response = await client.get('/talk', headers={**sent, 'X-Request-ID': 'not valid'})
    assert response.headers['X-Request-ID'] == trace
    response = await client.get('/talk', headers={'traceparent': f'00-{trace}-00f067aa0ba902b7-01\tx'})
    assert uuid.UUID(response.headers['X-Request-ID']).version == 4
