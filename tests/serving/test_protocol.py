"""What the server does about requests that reach no view."""

import asyncio
import contextlib
import gzip
import json
import logging
import zlib

import brotli
import pytest
from aiohttp import web

from colibris.app import create_app
from colibris.conf import settings
from colibris.serving.protocol import Runner

ROUTES = """
import asyncio

from aiohttp import web
from colibris.api import Conflict

may_read = asyncio.Event()


async def echo(request):
    return len(await request.read())


def ignore(request):
    return 'ignored'


async def late(request):
    await may_read.wait()
    return len(await request.read())


def allow(request):
    may_read.set()


async def broken(request):
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b'begun')
    raise KeyError('in the middle')


def bug(request):
    raise KeyError('secret')


def conflict(request):
    raise Conflict('no')


VIEWS = [echo, ignore, late, allow, broken, bug, conflict]
ROUTES = [(f'/{view.__name__}', view, ['GET', 'POST']) for view in VIEWS]
"""
HEAD = b'POST /%s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n%s\r\n'


@pytest.fixture
async def start(project):
    """Start a server; gives its port."""
    async with contextlib.AsyncExitStack() as stack:

        async def make(**options):
            project(settings='DEBUG = False\n', routes=ROUTES)
            stack.enter_context(settings.override(**options))
            runner = Runner(create_app(), access_log=None, shutdown_timeout=1)
            stack.push_async_callback(runner.cleanup)
            await runner.setup()
            await web.TCPSite(runner, '127.0.0.1', 0).start()
            return runner.addresses[0][1]

        yield make


@contextlib.asynccontextmanager
async def connection(port):
    reader, writer = await asyncio.open_connection('127.0.0.1', port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def answer_of(reader):
    """Status, headers and content of the next answer."""
    head = await asyncio.wait_for(reader.readuntil(b'\r\n\r\n'), 30)
    lines = head.decode().split('\r\n')
    headers = dict(line.lower().split(': ', 1) for line in lines[1:] if line)
    content = await asyncio.wait_for(reader.readexactly(int(headers['content-length'])), 30)
    return int(lines[0].split()[1]), headers, json.loads(content)


async def ask(port, data):
    async with connection(port) as (reader, writer):
        writer.write(data)
        return await answer_of(reader)


def request(path, body=b'', headers=b''):
    return HEAD % (path, headers + b'Content-Length: %d\r\n' % len(body)) + body


MALFORMED = {
    'no HTTP': b'garbage\r\n\r\n',
    'TLS': b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
    'many headers': request(b'echo', headers=b'X: x\r\n' * 500),
    'two lengths': request(b'echo', b'x', headers=b'Content-Length: 5\r\n'),
    'length and chunks': request(b'echo', b'x', headers=b'Transfer-Encoding: chunked\r\n'),
    'broken chunk': HEAD % (b'echo', b'Transfer-Encoding: chunked\r\n') + b'zz\r\n',
    'broken deflate': request(b'echo', zlib.compress(b'x' * 1000)[:5], headers=b'Content-Encoding: deflate\r\n'),
}


@pytest.mark.parametrize('data', MALFORMED.values(), ids=MALFORMED)
async def test_malformed(start, data):
    status, headers, error = await ask(await start(), data)
    assert status == 400
    assert error['code'] == 'bad_request'
    assert set(error) == {'code', 'message', 'details'}
    assert headers['x-request-id']


LONG = {
    'header': request(b'echo', headers=b'Cookie: secret=' + b'x' * 20_000 + b'\r\n'),
    'name of a header': request(b'echo', headers=b'secret' + b'x' * 20_000 + b': x\r\n'),
    'path': b'GET /secret' + b'x' * 20_000 + b' HTTP/1.1\r\nHost: x\r\n\r\n',
}


@pytest.mark.parametrize('data', LONG.values(), ids=LONG)
async def test_long_lines_are_refused_and_their_secrets_kept(start, caplog, data):
    caplog.set_level(logging.INFO)
    status, _, error = await ask(await start(), data)
    assert (status, error['code']) == (431, 'headers_too_large')
    assert 'too long' in caplog.text
    assert 'secret' not in caplog.text + str(error)


@pytest.mark.parametrize('path', [b'echo', b'nowhere'])
async def test_expectations(start, path):
    port = await start()
    status, _, error = await ask(port, request(path, b'{}', headers=b'Expect: the-moon\r\nX-Request-ID: mine\r\n'))
    assert (status, error['code']) == (417, 'expectation_failed')
    async with connection(port) as (reader, writer):
        writer.write(request(b'echo', headers=b'Expect: 100-Continue\r\n'))
        assert (await reader.readuntil(b'\r\n\r\n')).startswith(b'HTTP/1.1 100 Continue')
        assert (await answer_of(reader))[0] == 200


async def test_another_protocol_that_is_not_spoken(start):
    async with connection(await start()) as (reader, writer):
        writer.write(request(b'ignore', headers=b'Connection: Upgrade\r\nUpgrade: gopher\r\n') + request(b'ignore'))
        status, headers, _ = await answer_of(reader)
        assert (status, headers['connection']) == (200, 'close')
        assert await asyncio.wait_for(reader.read(), 30) == b''


async def test_the_envelope_of_the_project(start):
    port = await start(ENVELOPE={'backend': 'colibris.api.envelope.ProblemDetails'})
    status, headers, error = await ask(port, b'garbage\r\n\r\n')
    assert headers['content-type'] == 'application/problem+json'
    assert (error['status'], error['operation_id']) == (status, headers['x-request-id'])


@pytest.mark.parametrize('encoding', [b'gzip', b'br', b'deflate'])
@pytest.mark.parametrize(('path', 'status'), [(b'echo', 400), (b'ignore', 200)])
async def test_broken_compression(start, caplog, encoding, path, status):
    caplog.set_level(logging.INFO)
    port = await start()
    async with connection(port) as (reader, writer):
        writer.write(request(path, b'not compressed', headers=b'Content-Encoding: %s\r\n' % encoding))
        assert (await answer_of(reader))[0] == status
        assert await reader.read() == b''
    assert 'Traceback' not in caplog.text
    assert not [record for record in caplog.records if record.levelno > logging.INFO]


@pytest.mark.parametrize(('encoding', 'compress'), [(b'gzip', gzip.compress), (b'br', brotli.compress)])
async def test_decompression_bombs(start, encoding, compress):
    bomb = compress(bytes(200_000_000))
    assert len(bomb) < 250_000
    port = await start(MAX_REQUEST_BODY_SIZE=1_000_000)
    status, _, error = await ask(port, request(b'echo', bomb, headers=b'Content-Encoding: %s\r\n' % encoding))
    assert (status, error['code']) == (413, 'payload_too_large')


async def test_slow_headers(start):
    port = await start(REQUEST_HEADER_TIMEOUT=0.2)
    async with connection(port) as (reader, writer):
        writer.write(b'GET /ignore HTTP/1.1\r\nHost:')
        await asyncio.sleep(0.01)
        writer.write(b' x\r\n')
        status, _, error = await answer_of(reader)
        message = 'the headers did not arrive in time'
        assert (status, error['code'], error['message']) == (408, 'request_timeout', message)
        assert await reader.read() == b''


async def test_slow_headers_of_a_later_request(start):
    port = await start(REQUEST_HEADER_TIMEOUT=0.2)
    async with connection(port) as (reader, writer):
        writer.write(b'GET /ignore HTTP/1.1\r\nHost: x\r\n\r\n')
        assert (await answer_of(reader))[0] == 200
        await asyncio.sleep(0.4)
        writer.write(b'GET /ignore HTTP/1.1\r\nHost: x\r\n\r\n')
        assert (await answer_of(reader))[0] == 200
        writer.write(b'GET')
        assert (await answer_of(reader))[0] == 408


@pytest.mark.parametrize(('path', 'status'), [(b'echo', 408), (b'ignore', 200)])
async def test_slow_bodies(start, caplog, path, status):
    port = await start(REQUEST_BODY_TIMEOUT=0.2)
    async with connection(port) as (reader, writer):
        writer.write(HEAD % (path, b'Content-Length: 10\r\n') + b'x')
        found = await answer_of(reader)
        assert found[0] == status
        assert await asyncio.wait_for(reader.read(), 30) == b''
    assert not [record for record in caplog.records if record.levelno > logging.INFO]


async def test_a_body_may_take_long_if_it_goes_on(start):
    port = await start(REQUEST_BODY_TIMEOUT=0.5, REQUEST_BODY_RATE=10)
    async with connection(port) as (reader, writer):
        writer.write(HEAD % (b'echo', b'Content-Length: 500\r\n'))
        for _ in range(10):
            writer.write(b'x' * 50)
            await asyncio.sleep(0.1)
        assert (await answer_of(reader))[0::2] == (200, 500)


async def test_a_server_that_does_not_read_is_not_the_clients_fault(start):
    port = await start(REQUEST_BODY_TIMEOUT=0.2, REQUEST_BODY_RATE=10**9)
    size = 5_000_000
    async with connection(port) as (reader, writer):
        writer.write(HEAD % (b'late', b'Content-Length: %d\r\n' % size) + bytes(size - 1))
        await asyncio.sleep(0.7)
        writer.write(b'x')
        assert (await ask(port, request(b'allow')))[0] == 200
        assert (await answer_of(reader))[0::2] == (200, size)


async def test_pipelined_requests(start):
    port = await start(REQUEST_HEADER_TIMEOUT=0.3, REQUEST_BODY_TIMEOUT=0.3)
    async with connection(port) as (reader, writer):
        writer.write(request(b'echo', b'12') * 30 + HEAD % (b'echo', b'Content-Length: 5\r\n') + b'12')
        for _ in range(30):
            assert (await answer_of(reader))[0::2] == (200, 2)
        writer.write(b'345')
        assert (await answer_of(reader))[0::2] == (200, 5)


async def test_failures_after_the_answer_has_begun(start, caplog):
    port = await start()
    async with connection(port) as (reader, writer):
        writer.write(request(b'broken'))
        answer = await asyncio.wait_for(reader.read(), 30)
    assert answer.endswith(b'\r\n\r\n5\r\nbegun\r\n')
    assert "KeyError: 'in the middle'" in caplog.text


@pytest.mark.parametrize(('path', 'status', 'code'), [(b'bug', 500, 'server_error'), (b'conflict', 409, 'conflict')])
async def test_failures_without_the_middleware(start, caplog, path, status, code):
    port = await start(MIDDLEWARE=[])
    found = await ask(port, request(path))
    assert (found[0], found[2]['code']) == (status, code)
    assert 'secret' not in str(found)
    assert ('secret' in caplog.text) == (status == 500)
