"""Where manage.py runserver listens."""

import http.client
import re
import socket
import ssl
import subprocess
import sys

import pytest

from colibris.conf.definitions import DEFINITIONS
from tests.email.servers import make_certificate
from tests.processes import Process
from tests.serving.processes import SETTINGS, Running, get

ROUTES = """
import os

from colibris.utils.proxies import client_address


def variables(request):
    return [name for name in os.environ if name.startswith(('COLIBRIS_PARENT', 'LISTEN_', 'NOTIFY_'))]


ROUTES = [('/pid', lambda request: os.getpid()), ('/client', client_address), ('/variables', variables)]
"""
WAYS = [['--workers', '1'], ['--no-reload'], ['--reload']]


@pytest.fixture
def project(shop):
    """A project that answers with what it knows of its surroundings."""
    shop.write(routes=ROUTES, settings=SETTINGS)
    return shop


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path):
        super().__init__('localhost', timeout=60)
        self._path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)


@pytest.mark.parametrize('arguments', WAYS[:2])
def test_unix_socket(project, arguments):
    project.write(settings=SETTINGS + "TRUSTED_PROXIES = ['unix']")
    path = project.directory / 'socket'
    with Running(project, '--unix-socket', str(path), *arguments) as server:
        server.wait_for(rf'Listening on unix:{re.escape(str(path))} \(Ctrl-C stops\)')
        connection = UnixConnection(path)
        connection.request('GET', '/client', headers={'X-Forwarded-For': '203.0.113.7'})
        assert connection.getresponse().read() == b'"203.0.113.7"'
        connection.close()
        server.send()
        assert server.wait() == 0
    assert not path.exists()


@pytest.fixture(scope='module')
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1, and its key."""
    directory = tmp_path_factory.mktemp('tls')
    paths = directory / 'cert.pem', directory / 'key.pem'
    for path, pem in zip(paths, make_certificate('127.0.0.1'), strict=True):
        path.write_bytes(pem)
    return paths


def test_tls(project, certificate):
    cert, key = map(str, certificate)
    with Running(project, '--port', '0', '--certfile', cert, '--keyfile', key, '--workers', '1') as server:
        context = ssl.create_default_context(cafile=cert)
        connection = http.client.HTTPSConnection('127.0.0.1', server.port, context=context, timeout=60)
        assert get(server.port, '/pid', connection)[0] == 200
        assert f'Listening on https://127.0.0.1:{server.port}' in server.log
        server.send()
        assert server.wait() == 0
        connection.close()


ACTIVATE = """
import os, sys

os.environ['LISTEN_PID'] = str(os.getpid())
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


@pytest.mark.parametrize('arguments', WAYS)
def test_systemd_socket_activation(project, arguments):
    with socket.create_server(('127.0.0.1', 0)) as listening:
        port, fd = listening.getsockname()[1], listening.fileno()
        # The shell puts the socket where systemd does.
        script = ['bash', '-c', f'exec "$0" "$@" 3<&{fd}', sys.executable, '-c', ACTIVATE]
        words = [str(project.package / 'manage.py'), 'runserver', *arguments]
        environment = project.environment(LISTEN_FDS='1', PYTHONWARNINGS='error')
        process = Process(
            [*script, *words], cwd=project.directory, env=environment, pass_fds=[fd], stdout=subprocess.PIPE, text=True
        )
        with process:
            assert process.stdout.readline() == f'Listening on http://127.0.0.1:{port} (Ctrl-C stops)\n'
            assert get(port, '/pid')[0] == 200
            assert get(port, '/variables') == (200, [])
            process.terminate()
            assert process.wait(60) == 0


def test_keepalive_is_longer_than_balancers(project):
    project.write(settings=SETTINGS + 'KEEPALIVE_TIMEOUT = 1')
    with Running(project, '--no-reload', '--port', '0') as server:
        connection = http.client.HTTPConnection('127.0.0.1', server.port, timeout=60)
        assert get(server.port, '/pid', connection)[0] == 200
        assert connection.sock.recv(1) == b''
        connection.close()
    assert DEFINITIONS['KEEPALIVE_TIMEOUT'].default >= 75
