"""Answers that are sent in one step: the client gets what aiohttp's own answers give it, byte for byte."""

import asyncio
import re

import pytest
from aiohttp import hdrs, web
from multidict import CIMultiDict

from colibris.views.complete import CompleteResponse
from colibris.views.finishing import FINISHERS, finish_answer

GET = b'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
CHANGES = {
    'nothing': lambda response: None,
    'headers': lambda response: response.headers.extend([('X-Own', 'a'), ('X-Own', 'b'), ('Vary', 'Origin')]),
    'content type': lambda response: response.headers.popall(hdrs.CONTENT_TYPE),
    'date': lambda response: response.headers.update({hdrs.DATE: 'Sat, 21 Nov 2026 10:00:00 GMT'}),
    'server': lambda response: response.headers.update({hdrs.SERVER: 'own'}),
    'length': lambda response: response.headers.update({hdrs.CONTENT_LENGTH: '2'}),
    'connection': lambda response: response.headers.update({hdrs.CONNECTION: 'close'}),
    'status': lambda response: response.set_status(201),
    'reason': lambda response: response.set_status(200, 'Fine'),
    'odd status': lambda response: response.set_status(299),
    'no content': lambda response: response.set_status(204),
    'not modified': lambda response: response.set_status(304),
    'error': lambda response: response.set_status(503),
    'body': lambda response: setattr(response, 'body', b'other'),
    'no body': lambda response: setattr(response, 'body', None),
    'empty body': lambda response: setattr(response, 'body', b''),
    'payload': lambda response: setattr(response, 'body', 'a payload'),
    'large body': lambda response: setattr(response, 'body', b'x' * 1_000_000),
    'text': lambda response: setattr(response, 'text', 'ä'),
    'cookie': lambda response: response.set_cookie('a', 'b'),
    'chunks': lambda response: response.enable_chunked_encoding(),
    'compression': lambda response: response.enable_compression(web.ContentCoding.gzip),
    'closed': lambda response: response.force_close(),
    'etag': lambda response: setattr(response, 'etag', 'a'),
}
REQUESTS = {
    'GET': GET,
    'POST': b'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab',
    'HEAD': b'HEAD / HTTP/1.1\r\nHost: x\r\n\r\n',
    'OPTIONS': b'OPTIONS / HTTP/1.1\r\nHost: x\r\n\r\n',
    'two': GET + GET,
    'close': b'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    '1.0': b'GET / HTTP/1.0\r\n\r\n',
    '1.0, kept': b'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
}
HEADERS = {hdrs.CONTENT_TYPE: 'application/json'}


@pytest.fixture
async def exchange():
    """Send a request to an application whose answer a function makes; gives the bytes of the answer."""

    async def send(request, make, *receivers, finishers=()):
        async def view(_):
            return make()

        app = web.Application()
        app[FINISHERS] = list(finishers)
        app.on_response_prepare.extend([finish_answer, *receivers])
        app.router.add_route('*', '/', view)
        runner = web.AppRunner(app, access_log=None, keepalive_timeout=0.02)
        await runner.setup()
        site = web.TCPSite(runner, '127.0.0.1', 0)
        await site.start()
        reader, writer = await asyncio.open_connection(*runner.addresses[0])
        writer.write(request)
        received = await reader.read()
        writer.close()
        await runner.cleanup()
        return re.sub(rb'Date: \w{3}, [^\r]*GMT', b'Date: now', received)

    return send


def complete():
    return CompleteResponse(b'{"a":1}', HEADERS)


def general():
    return web.Response(body=b'{"a":1}', headers=HEADERS)


def changed(make, change):
    def build():
        response = make()
        change(response)
        return response

    return build


def identify(request, response):
    response.headers['X-Request-ID'] = 'a'


@pytest.mark.parametrize('change', CHANGES)
@pytest.mark.parametrize('request_', ['GET', 'HEAD', 'close'])
async def test_whatever_is_done_with_the_answer(exchange, change, request_):
    request, change = REQUESTS[request_], CHANGES[change]
    expected = await exchange(request, changed(general, change), finishers=[identify])
    assert await exchange(request, changed(complete, change), finishers=[identify]) == expected
    assert expected.startswith(b'HTTP/1.1 ')


@pytest.mark.parametrize('request_', REQUESTS)
async def test_whatever_the_request_is(exchange, request_):
    expected = await exchange(REQUESTS[request_], general, finishers=[identify])
    assert await exchange(REQUESTS[request_], complete, finishers=[identify]) == expected
    assert b'X-Request-ID: a\r\n' in expected


async def test_receivers_of_a_project(exchange):
    async def mark(request, response):
        response.headers['X-Mark'] = str(response.prepared)

    expected = await exchange(GET, general, mark)
    assert await exchange(GET, complete, mark) == expected
    assert b'X-Mark: True\r\n' in expected


async def test_headers_of_a_hostile_view(exchange):
    def make(response_class):
        return lambda: response_class(body=b'a', headers={**HEADERS, 'X-Own': 'a\r\nX-Other: b'})

    assert await exchange(GET, make(CompleteResponse)) == await exchange(GET, make(web.Response)) == b''


async def test_an_answer_is_begun_in_one_step_where_nothing_is_out_of_the_ordinary(exchange, monkeypatch):
    begun = []
    prepare = web.Response._start

    async def start(self, request):
        begun.append(request.method)
        return await prepare(self, request)

    monkeypatch.setattr(web.Response, '_start', start)
    await exchange(GET, complete)
    await exchange(REQUESTS['POST'], complete)
    assert begun == []
    await exchange(REQUESTS['HEAD'], complete)
    await exchange(GET, general)
    assert begun == ['HEAD', 'GET']


async def test_another_application(exchange):
    """It knows nothing of finishers."""

    async def view(request):
        return complete()

    app = web.Application()
    app.router.add_get('/', view)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, '127.0.0.1', 0).start()
    reader, writer = await asyncio.open_connection(*runner.addresses[0])
    writer.write(b'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    assert (await reader.read()).endswith(b'\r\n\r\n{"a":1}')
    writer.close()
    await runner.cleanup()


def test_attributes():
    """Those of aiohttp's answer, and two more."""
    response, other = complete(), general()
    assert vars(response).keys() - {'content'} == vars(other).keys()
    assert (response.status, response.reason, response.body) == (other.status, other.reason, other.body)
    assert response.headers == other.headers == CIMultiDict(HEADERS)
    assert response.headers is not complete().headers
    assert response._state is not complete()._state
    assert CompleteResponse(b'', HEADERS, 418).reason == web.Response(status=418).reason
    assert not response.prepared
