"""manage.py runserver as a process of its own."""

import contextlib
import http.client
import json
import re
import signal
import socket
import sqlite3
import threading

import pytest

ROUTES = """
import asyncio

from shop.models import Item


async def slow(request):
    print('begun', flush=True)
    async with asyncio.timeout(30):
        while not Item.select().count():
            await asyncio.sleep(0.01)
    return 'finished'


def finish(request):
    Item.create(name='x')
    return 'ok'


ROUTES = [('/slow', slow), ('/finish', finish)]
"""
APP = """
from shop.models import Item


def init(app, loop):
    Item.create_table()
"""

FOREIGN_HISTORY = 'CREATE TABLE colibris_migrations (name TEXT)'


@pytest.fixture
def server(shop):
    """A running server, its port and its first lines."""
    shop.write(routes=ROUTES, app=APP)
    process = shop.start('runserver', '--no-reload', '--port', '0')
    process.lines = [process.stdout.readline(), process.stdout.readline()]
    process.port = int(re.search(r':(\d+) ', process.lines[0])[1])
    yield process
    process.kill()
    process.communicate()


def get(port, path):
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=30)
    try:
        connection.request('GET', path, headers={'X-Request-ID': 'from-test'})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_announces_and_logs(server):
    assert server.lines == [
        f'Listening on http://127.0.0.1:{server.port} (Ctrl-C stops)\n',
        f'API documentation at http://127.0.0.1:{server.port}/api/docs\n',
    ]
    assert get(server.port, '/health?x=1') == (200, b'"healthy"')
    server.send_signal(signal.SIGTERM)
    _, errors = server.communicate(timeout=30)
    assert re.search(r'\[INFO\]\[from-test\] colibris.access: \S+ GET /health\S* 200 \d+\.\d ms\n', errors)
    assert server.returncode == 0


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT])
def test_idle_server_ends(server, number):
    server.send_signal(number)
    assert server.wait(30) == 0


def slow_request(server):
    """A request that is being answered, and where its answer will be."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(get(server.port, '/slow')))
    thread.start()
    assert server.stdout.readline() == 'begun\n'
    return thread, answers


def test_running_request_is_finished(server, shop):
    thread, answers = slow_request(server)
    server.send_signal(signal.SIGTERM)
    assert shop.run('shell', '-c', 'Item.create(name="x")')[0] == 0
    thread.join(30)
    assert answers == [(200, b'"finished"')]
    assert server.wait(30) == 0


def test_not_ready_as_soon_as_shutdown_begins(server, shop):
    connection = http.client.HTTPConnection('127.0.0.1', server.port, timeout=30)
    assert ready(connection) == (200, {'DATABASE': 'ready'})
    thread, answers = slow_request(server)
    server.send_signal(signal.SIGTERM)
    wait_until_refused(server.port)
    status, error = ready(connection)
    connection.close()
    assert (status, error['code']) == (503, 'shutting_down')
    assert shop.run('shell', '-c', 'Item.create(name="x")')[0] == 0
    thread.join(30)
    assert answers == [(200, b'"finished"')]


def ready(connection):
    connection.request('GET', '/ready')
    response = connection.getresponse()
    return response.status, json.loads(response.read())


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT])
def test_second_signal_ends_at_once(server, number):
    thread = threading.Thread(target=ignore_errors(get), args=(server.port, '/slow'))
    thread.start()
    assert server.stdout.readline() == 'begun\n'
    server.send_signal(number)
    wait_until_refused(server.port)
    server.send_signal(number)
    assert server.wait(10) != 0
    thread.join(30)


def ignore_errors(function):
    def call(*arguments):
        try:
            function(*arguments)
        except (OSError, http.client.HTTPException):
            pass

    return call


def wait_until_refused(port):
    while True:
        try:
            socket.create_connection(('127.0.0.1', port), timeout=5).close()
        except ConnectionError:
            return


def test_port_taken(shop):
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        taken.listen()
        port = taken.getsockname()[1]
        status, output, errors = shop.run('runserver', '--port', str(port))
    assert (status, output, len(errors.splitlines())) == (1, '', 1)
    assert errors.startswith(f'manage.py: cannot listen on 127.0.0.1, port {port}: ')
    assert 'in use' in errors.lower()


@pytest.mark.parametrize('arguments', [['--host', 'nowhere.invalid'], ['--port', '99999'], ['--port', '-1']])
def test_wrong_addresses(shop, arguments):
    status, output, errors = shop.run('runserver', *arguments)
    assert (status, output, len(errors.splitlines())) == (1, '', 1)
    assert 'cannot listen on' in errors


def test_wrong_port_argument(shop):
    assert shop.run('runserver', '--port', 'x')[0] == 2


@pytest.mark.parametrize(
    ('modules', 'message'),
    [
        ({'routes': "ROUTES = [('x', 5)]"}, "manage.py: ROUTES: the path 'x' does not start with '/'"),
        ({'settings': "MIDDLEWARE = ['a.b']"}, "manage.py: MIDDLEWARE: there is no module 'a'"),
        ({'settings': "LOGGING = {'version': 7}"}, 'manage.py: LOGGING: '),
    ],
)
def test_wrong_projects(shop, modules, message):
    shop.write(**modules)
    status, _, errors = shop.run('runserver', '--port', '0')
    assert (status, len(errors.splitlines())) == (1, 1)
    assert errors.startswith(message)


@pytest.mark.parametrize(
    ('settings', 'problem'),
    [('', 'SECRET_KEY is not set; make one with'), ('SECRET_KEY = "x" * 31', 'SECRET_KEY has 31 bytes, but needs 32;')],
)
def test_no_secret_key_outside_of_development(shop, settings, problem):
    shop.write(settings=f'DEBUG = False\nLISTEN = "127.0.0.1"\n{settings}')
    status, output, errors = shop.run('runserver', '--port', '0')
    assert (status, output, errors.count('\n')) == (1, '', 1)
    assert errors.startswith(f'manage.py: {problem}')


def test_failing_init_ends_the_server(shop):
    shop.write(
        app='from colibris.errors import ColibrisError\n\ndef init(app, loop):\n    raise ColibrisError("no luck")\n'
    )
    status, output, errors = shop.run('runserver', '--port', '0')
    assert (status, output, errors) == (1, '', 'manage.py: no luck\n')


@pytest.mark.parametrize(
    ('request_bytes', 'status'),
    [
        (b'GET\r\n\r\n', 400),
        (b'\x16\x03\x01\r\n\r\n', 400),
        (b'GET / HTTP/1.1\r\nbad header\r\n\r\n', 400),
        (b'GET / HTTP/1.1\r\nHost: x\r\nX: ' + b'a' * 20_000 + b'\r\n\r\n', 431),
        (b'FOO /health HTTP/1.1\r\n\r\n', 400),
    ],
)
def test_broken_http_is_answered_in_json(server, request_bytes, status):
    with socket.create_connection(('127.0.0.1', server.port), timeout=30) as connection:
        connection.sendall(request_bytes)
        response = http.client.HTTPResponse(connection)
        response.begin()
        assert response.status == status
        assert set(json.loads(response.read())) == {'code', 'message', 'details'}


@pytest.mark.parametrize(
    ('database', 'migration', 'expected'),
    [
        (None, 'def up(schema): ...', 'the database does not answer; manage.py migrate makes a missing one'),
        ('', 'def up(schema): ...', 'not applied yet: 0001_first; run manage.py migrate'),
        (
            '',
            'down = 1',
            'migrations cannot be looked at: 0001_first.py has no function up(schema)',
        ),
        (
            FOREIGN_HISTORY,
            'def up(schema): ...',
            'migrations cannot be looked at: no such column: t1.checksum',
        ),
    ],
)
def test_warns_of_migrations(shop, database, migration, expected):
    """As soon as the first requests need not wait for it; and it goes on serving."""
    shop.write(migrations__0001_first=migration)
    if database is not None:
        with contextlib.closing(sqlite3.connect(shop.directory / 'shop.db')) as connection:
            connection.executescript(database)
    with shop.start('runserver', '--no-reload', '--port', '0') as process:
        port = int(re.search(r':(\d+) ', process.stdout.readline())[1])
        warning = process.stderr.readline()
        status, _ = get(port, '/absent')
        process.terminate()
        process.communicate(timeout=30)
    assert f'[WARNING][-] colibris.commands.builtin.runserver: {expected}\n' in warning
    assert status == 404


def test_ends_while_it_looks_for_migrations(shop):
    """A database that accepts connections and says nothing does not hold up the end."""
    with socket.create_server(('127.0.0.1', 0)) as silent:
        port = silent.getsockname()[1]
        database = {'backend': 'colibris.persist.PostgreSQLBackend', 'name': 'x', 'host': '127.0.0.1', 'port': port}
        shop.write(settings=f"DATABASE = {database}\nDATABASE['connect_timeout'] = 60\nLISTEN = '127.0.0.1'")
        with shop.start('runserver', '--no-reload', '--port', '0') as process:
            silent.settimeout(30)
            connection, _ = silent.accept()
            with connection:
                process.terminate()
                _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, '')
