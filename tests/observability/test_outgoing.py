"""Requests to other services."""

import aiohttp
import pytest
from aiohttp import web
from opentelemetry.trace import SpanKind, StatusCode

from colibris.log.operation import working_for
from colibris.observability import trace_config

ROUTES = """
import aiohttp
from colibris.observability import trace_config

async def pass_on(request):
    async with aiohttp.ClientSession(trace_configs=[trace_config()]) as session:
        async with session.get(request.query['url']) as response:
            return await response.json()

ROUTES = [('/pass', pass_on)]
"""
TRACING = 'TRACING = True\n'


@pytest.fixture
async def other(aiohttp_server):
    """The address of another service, which answers with the headers that it gets."""

    async def answer(request):
        return web.json_response(dict(request.headers), status=int(request.query.get('status', 200)))

    app = web.Application()
    app.router.add_get('/headers', answer)
    return str((await aiohttp_server(app)).make_url('/headers'))


async def test_operation_id(serve, other):
    client = await serve(ROUTES)
    response = await client.get('/pass', params={'url': other}, headers={'X-Request-ID': 'operation'})
    headers = await response.json()
    assert headers['X-Request-ID'] == 'operation'
    assert 'traceparent' not in headers


async def test_own_headers_win(other):
    with working_for('operation', ''):
        async with (
            aiohttp.ClientSession(trace_configs=[trace_config()]) as session,
            session.get(other, headers={'X-Request-ID': 'own'}) as response,
        ):
            assert (await response.json())['X-Request-ID'] == 'own'


async def test_no_operation(other):
    async with aiohttp.ClientSession(trace_configs=[trace_config()]) as session, session.get(other) as response:
        assert 'X-Request-ID' not in await response.json()


async def test_spans(serve, other, spans):
    client = await serve(ROUTES, settings=TRACING)
    headers = await (await client.get('/pass', params={'url': f'{other}?key=secret'})).json()
    span = spans.one('GET')
    assert span.kind is SpanKind.CLIENT
    assert spans.parent_of(span) is spans.one('GET /pass')
    assert headers['traceparent'].startswith(f'00-{span.context.trace_id:032x}-{span.context.span_id:016x}-')
    assert dict(span.attributes) == {
        'http.request.method': 'GET',
        'http.response.status_code': 200,
        'server.address': '127.0.0.1',
        'url.full': other,
    }


async def test_errors(serve, other, spans, unused_tcp_port):
    client = await serve(ROUTES, settings=TRACING)
    await client.get('/pass', params={'url': f'{other}?status=503'})
    (span,) = spans.named('GET')
    assert span.status.status_code is StatusCode.ERROR
    assert span.attributes['error.type'] == '503'
    spans.clear()
    await client.get('/pass', params={'url': f'http://127.0.0.1:{unused_tcp_port}/'})
    (span,) = spans.named('GET')
    assert span.attributes['error.type'] == 'ClientConnectorError'


async def test_off_again(serve, other, spans):
    """Nothing of a process that has traced once is sent where traces are off."""
    await (await serve(ROUTES, settings=TRACING)).close()
    async with aiohttp.ClientSession(trace_configs=[trace_config()]) as session, session.get(other) as response:
        await response.read()
    assert spans.all() == ()
