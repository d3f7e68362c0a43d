"""Websockets."""

import asyncio
import logging

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError

from colibris.errors import ConfigurationError
from colibris.views import WebSocketView
from colibris.views.shutdown import SHUTDOWN
from tests.views.serving import error_of

ROUTES = """
class EchoView(WebSocketView):
    protocols = ('one',)
    max_message_size = 1000

    async def serve(self, socket):
        async for message in socket:
            await socket.send_str(message.data)


class OpenView(EchoView):
    authentication_required = False
    allowed_origins = ('https://app.example.com',)


class EveryView(OpenView):
    allowed_origins = ('*',)


class RowsView(OpenView):
    async def serve(self, socket):
        async for message in socket:
            models.Organization.create(name=message.data)
            await socket.send_json([models.Organization.select().count(), get_account(self.request).name])


class ShortView(OpenView):
    async def serve(self, socket):
        await socket.send_str('bye')


class FailingView(OpenView):
    async def serve(self, socket):
        await socket.receive_str()
        raise KeyError('oops')


ended = []


class WatchedView(OpenView):
    async def serve(self, socket):
        try:
            await super().serve(socket)
        finally:
            ended.append(socket.close_code)


VIEWS = [EchoView, OpenView, EveryView, RowsView, ShortView, FailingView, WatchedView]
ROUTES = [*((f'/{view.__name__[:-4].lower()}', view) for view in VIEWS), ('/ended', lambda request: ended)]
"""
APIKEY = """
AUTHENTICATION = {
    'backend': 'colibris.authentication.apikey.APIKeyBackend', 'model': '__packagename__.models.Item',
    'key_field': 'name',
}
"""


@pytest.fixture
async def client(serve):
    return await serve(ROUTES)


async def test_echo(client):
    async with client.ws_connect('/echo', protocols=['two', 'one']) as socket:
        await socket.send_str('hello')
        assert await socket.receive_str() == 'hello'
        assert socket.protocol == 'one'


async def test_plain_peewee(client):
    async with client.ws_connect('/rows') as socket:
        for number in range(1, 20):
            await socket.send_str(f'{number}')
            assert await socket.receive_json() == [number, 'anonymous']


async def test_authentication(serve, run):
    client = await serve(ROUTES, settings=APIKEY)
    with pytest.raises(WSServerHandshakeError) as caught:
        await client.ws_connect('/echo')
    assert caught.value.status == 401
    await error_of(await client.get('/echo', headers={'X-API-Key': 'x'}), 401)
    async with client.ws_connect('/open') as socket:
        await socket.send_str('hello')
        assert await socket.receive_str() == 'hello'


async def test_no_websocket(client):
    response = await client.get('/echo')
    assert (await error_of(response, 426))['code'] == 'upgrade_required'
    assert response.headers['Upgrade'] == 'websocket'
    await error_of(await client.get('/echo', headers={'Upgrade': 'websocket'}), 400)
    key = {'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub2\xc4=='}
    await error_of(await client.get('/echo', headers={'Upgrade': 'websocket', 'Connection': 'Upgrade', **key}), 400)
    await error_of(await client.post('/echo'), 405)


@pytest.mark.parametrize(
    ('path', 'origin', 'status'),
    [
        ('/echo', None, None),
        ('/echo', 'http://{host}', None),
        ('/echo', 'https://app.example.com', 403),
        ('/echo', 'null', 403),
        ('/echo', 'http://[', 403),
        ('/echo', 'http://{host}.example.com', 403),
        ('/open', 'https://app.example.com', None),
        ('/open', 'https://other.example.com', 403),
        ('/every', 'https://other.example.com', None),
    ],
)
async def test_origins(client, path, origin, status):
    host = f'{client.host}:{client.port}'
    headers = {'Origin': origin.format(host=host)} if origin else {}
    if status is None:
        await (await client.ws_connect(path, headers=headers)).close()
    else:
        with pytest.raises(WSServerHandshakeError, match=str(status)):
            await client.ws_connect(path, headers=headers)


@pytest.mark.parametrize(('credentials', 'status'), [(True, None), (False, 403)])
async def test_origins_of_the_settings(serve, credentials, status):
    settings = f"CORS_ORIGINS = ['https://app.example.com']\nCORS_CREDENTIALS = {credentials}\n"
    await test_origins(await serve(ROUTES, settings=settings), '/echo', 'https://app.example.com', status)


async def close_code_of(socket):
    message = await socket.receive()
    assert message.type is WSMsgType.CLOSE
    return message.data


async def test_the_end(client):
    async with client.ws_connect('/short') as socket:
        assert await socket.receive_str() == 'bye'
        assert await close_code_of(socket) == 1000


async def test_a_failure(client, caplog):
    caplog.set_level(logging.ERROR)
    async with client.ws_connect('/failing') as socket:
        await socket.send_str('hello')
        assert await close_code_of(socket) == 1011
    assert [record.getMessage() for record in caplog.records] == ['the websocket /failing failed']


async def test_a_message_that_is_too_large(client):
    async with client.ws_connect('/echo') as socket:
        await socket.send_str('x' * 1001)
        assert await close_code_of(socket) == 1009


async def test_the_end_of_the_application(client):
    async with client.ws_connect('/echo') as socket:
        await socket.send_str('hello')
        assert await socket.receive_str() == 'hello'
        client.app[SHUTDOWN].begin()
        assert await close_code_of(socket) == 1001


async def test_a_client_that_goes(client, caplog):
    caplog.set_level(logging.ERROR)
    socket = await client.ws_connect('/watched')
    socket._response.connection.transport.abort()
    async with asyncio.timeout(30):
        while not await (await client.get('/ended')).json():
            await asyncio.sleep(0.01)
    assert not caplog.records


def test_checks():
    class Nothing(WebSocketView):
        pass

    with pytest.raises(ConfigurationError, match='Nothing has no method serve'):
        Nothing.check()
