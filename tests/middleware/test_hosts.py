"""ALLOWED_HOSTS."""

import asyncio
import json

import pytest

from colibris.errors import ConfigurationError

ROUTES = "ROUTES = [('/', lambda request: str(request.url))]"
SETTINGS = "ALLOWED_HOSTS = ['api.example.com', '.example.org', '[::1]']\n"


async def ask(client, *lines):
    """The status and the body of the answer to a raw request."""
    reader, writer = await asyncio.open_connection('127.0.0.1', client.port)
    writer.write('\r\n'.join([*lines, 'Connection: close', '', '']).encode('latin-1'))
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    head, _, body = answer.partition(b'\r\n\r\n')
    return int(head.split()[1]), json.loads(body) if b'application/json' in head else None


@pytest.mark.parametrize(
    'host',
    ['api.example.com', 'API.Example.COM:8888', 'api.example.com.', 'example.org', 'a.b.example.org:80', '[::1]:8888'],
)
async def test_allowed(serve, host):
    client = await serve(ROUTES, settings=SETTINGS)
    assert (await client.get('/', headers={'Host': host})).status == 200


@pytest.mark.parametrize(
    'host',
    ['', 'evil.example', 'example.com', 'x.api.example.com', 'evilexample.org', 'api.example.com@evil.example',
     'api.example.com:80:80', 'api.example.com/', '127.0.0.1', '[::2]', 'api.example.com evil.example', '.example.org',
     'ä.example.org'],
)  # fmt: skip
async def test_refused(serve, host):
    client = await serve(ROUTES, settings=SETTINGS)
    status, body = await ask(client, 'GET / HTTP/1.1', f'Host: {host}')
    assert status == 400
    assert body is None or body['code'] == 'bad_request'


async def test_refused_in_other_places(serve):
    client = await serve(ROUTES, settings=SETTINGS)
    for lines in (
        ['GET http://evil.example/ HTTP/1.1', 'Host: api.example.com'],
        ['GET http://api.example.com/ HTTP/1.1', 'Host: evil.example'],
        ['GET / HTTP/1.1', 'Host: api.example.com', 'Host: evil.example'],
        ['GET / HTTP/1.0'],
        ['GET /nowhere HTTP/1.1', 'Host: evil.example'],
    ):
        assert (await ask(client, *lines))[0] == 400, lines
    assert (await ask(client, 'GET http://api.example.com/ HTTP/1.1', 'Host: api.example.com'))[0] == 200


@pytest.mark.parametrize('settings', ['', "ALLOWED_HOSTS = ['*']\n"])
async def test_any(serve, settings):
    client = await serve(ROUTES, settings=settings)
    assert (await client.get('/', headers={'Host': 'whatever.example'})).status == 200


@pytest.mark.parametrize('wrong', ["'api.example.com'", "['https://api.example.com']", "['api.example.com:80']", '[1]'])
async def test_wrong_setting(serve, wrong):
    with pytest.raises(ConfigurationError, match=r'ALLOWED_HOSTS = .*(must be a list of texts|has to look like)'):
        await serve(ROUTES, settings=f'ALLOWED_HOSTS = {wrong}\n')
