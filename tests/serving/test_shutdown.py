"""SIGTERM while a request, a websocket, an event stream and background work are under way."""

import asyncio
import http.client
import json
import os
import signal
import socket

import aiohttp
import pytest

from tests.serving.processes import SETTINGS, Running, get, is_alive, is_refused, wait_until

ROUTES = """
import asyncio
import os
from pathlib import Path

from colibris.views import EventStream, WebSocketView

MAY_END = Path('may-end')


async def slow(request):
    print('begun', flush=True)
    while not MAY_END.exists():
        await asyncio.sleep(0.02)
    return 'finished'


async def endless(request):
    print('begun', flush=True)
    await asyncio.Event().wait()


async def upload(request):
    return len(await request.read())


class Socket(WebSocketView):
    async def serve(self, socket):
        await socket.send_str('open')
        await asyncio.Event().wait()


class Stream(EventStream):
    async def events(self):
        yield 'open'
        await asyncio.Event().wait()


ROUTES = [
    ('/pid', lambda request: os.getpid()),
    ('/slow', slow),
    ('/endless', endless),
    ('/upload', upload, ['POST']),
    ('/socket', Socket),
    ('/stream', Stream),
]
"""
APP = """
import asyncio


async def work():
    print('working', flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        print('work ends', flush=True)


def background_tasks():
    return [work]


def shutdown():
    print('shutdown', flush=True)
"""
WAYS = [['--no-reload'], ['--workers', '1'], ['--reload']]


@pytest.fixture
def project(shop):
    """A project with everything that can be under way."""
    shop.write(routes=ROUTES, app=APP, settings=SETTINGS)
    return shop


def connect(server):
    return http.client.HTTPConnection('127.0.0.1', server.port, timeout=60)


@pytest.mark.parametrize('way', WAYS)
async def test_everything_ends_as_it_should(project, way):
    project.write(settings=SETTINGS + 'SHUTDOWN_DELAY = 1')
    with Running(project, *way, '--port', '0') as server:
        base = f'http://127.0.0.1:{server.port}'
        async with aiohttp.ClientSession(base) as session, session.ws_connect('/socket') as websocket:
            assert (await websocket.receive()).data == 'open'
            async with session.get('/stream') as stream:
                assert (await stream.content.readuntil(b'open')).endswith(b'data: open')
                request = asyncio.create_task(session.get('/slow'))
                await asyncio.to_thread(server.wait_for, 'begun')
                server.send()
                assert (await websocket.receive()).type is aiohttp.WSMsgType.CLOSE
                assert websocket.close_code == aiohttp.WSCloseCode.GOING_AWAY
                assert await stream.content.read() == b'\n\n'
            await asyncio.to_thread(wait_until, lambda: is_refused(server.port))
            assert 'work ends' not in server.log
            (project.directory / 'may-end').touch()
            async with await request as response:
                assert (response.status, response.headers['Connection']) == (200, 'close')
                assert await response.json() == 'finished'
        assert await asyncio.to_thread(server.wait) == 0
        assert server.log.index('work ends') < server.log.index('\nshutdown')
        assert 'ERROR' not in server.log


@pytest.mark.parametrize('way', WAYS[:2])
def test_what_does_not_end_is_ended(project, way):
    project.write(settings=SETTINGS + 'SHUTDOWN_TIMEOUT = 2')
    with (
        Running(project, *way, '--port', '0') as server,
        socket.create_connection(('127.0.0.1', server.port)) as client,
    ):
        client.sendall(b'GET /endless HTTP/1.1\r\nHost: x\r\n\r\n')
        server.wait_for('begun')
        server.send()
        assert server.wait() == 0
        assert 'shutdown' in server.log
        assert client.recv(1) == b''


STUBBORN = """
import asyncio
import time


async def work():
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            {}


def background_tasks():
    return [work]
"""


@pytest.mark.parametrize('stubbornness', ['continue', 'time.sleep(600)'])
def test_what_cannot_be_ended(project, stubbornness):
    project.write(app=STUBBORN.format(stubbornness), settings=SETTINGS + 'SHUTDOWN_TIMEOUT = 1')
    with Running(project, '--no-reload', '--port', '0') as server:
        assert server.port
        server.send()
        assert server.wait() == 0
        assert 'ended after 1 s (SHUTDOWN_TIMEOUT), with something still under way' in server.log


@pytest.mark.parametrize('way', [['--no-reload'], ['--reload']])
def test_a_second_signal_ends_at_once(project, way):
    with (
        Running(project, *way, '--port', '0') as server,
        socket.create_connection(('127.0.0.1', server.port)) as client,
    ):
        client.sendall(b'GET /endless HTTP/1.1\r\nHost: x\r\n\r\n')
        server.wait_for('begun')
        children = server.children
        server.send()
        wait_until(lambda: is_refused(server.port))
        server.send()
        assert server.wait() in (-signal.SIGTERM, 128 + signal.SIGTERM)
        assert not any(map(is_alive, children))
        assert 'work ends' not in server.log


@pytest.mark.parametrize('way', [['--no-reload'], ['--workers', '1']])
def test_not_ready_but_open_while_it_delays(project, way):
    project.write(settings=SETTINGS + 'SHUTDOWN_DELAY = 600')
    with Running(project, *way, '--port', '0') as server:
        assert get(server.port, '/ready')[0] == 200
        server.send()
        wait_until(lambda: get(server.port, '/ready')[0] == 503)
        assert get(server.port, '/ready')[1]['code'] == 'shutting_down'
        connection = connect(server)
        connection.request('GET', '/pid')
        response = connection.getresponse()
        assert (response.status, response.headers['Connection']) == (200, 'close')
        connection.close()
        server.send()
        assert server.wait() in (-signal.SIGTERM, 128 + signal.SIGTERM)


def test_a_kept_connection_is_used_once_more(project):
    project.write(settings=SETTINGS + 'SHUTDOWN_TIMEOUT = 600')
    with Running(project, '--no-reload', '--port', '0') as server:
        kept, running, uploading = connect(server), connect(server), connect(server)
        assert get(server.port, '/pid', kept)[0] == 200
        running.request('GET', '/slow')
        uploading.putrequest('POST', '/upload')
        uploading.putheader('Content-Length', '4')
        uploading.endheaders(b'ab')
        server.wait_for('begun')
        server.send()
        wait_until(lambda: is_refused(server.port))
        kept.request('GET', '/pid')
        response = kept.getresponse()
        assert (response.status, response.headers['Connection']) == (200, 'close')
        assert int(response.read()) == server.process.pid
        uploading.send(b'cd')
        assert json.load(uploading.getresponse()) == 4
        (project.directory / 'may-end').touch()
        assert json.load(running.getresponse()) == 'finished'
        assert server.wait() == 0
        for connection in (kept, running, uploading):
            connection.close()


def test_idle_connections_do_not_keep_it(project):
    with Running(project, '--no-reload', '--port', '0') as server:
        kept = connect(server)
        assert get(server.port, '/pid', kept)[0] == 200
        silent = socket.create_connection(('127.0.0.1', server.port))
        server.send()
        assert server.wait() == 0
        assert kept.sock.recv(1) == silent.recv(1) == b''
        kept.close()
        silent.close()


def test_a_server_without_its_parent(project, monkeypatch):
    orders = {'pid': os.getpid() + 1, 'link': 0, 'sockets': []}
    monkeypatch.setattr(project, 'environment', lambda **more: {**os.environ, 'COLIBRIS_PARENT': json.dumps(orders)})
    assert project.run('runserver') == (1, '', 'manage.py: the process that has started this one is gone\n')
