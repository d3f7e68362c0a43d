"""The sockets on which a server listens."""

import os
import socket
import stat
import subprocess
import sys

import pytest

from colibris.serving.errors import ServerError
from colibris.serving.listeners import open_listeners
from colibris.serving.systemd import inherited_sockets, notify


def connect(path):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))


def test_tcp():
    with open_listeners('127.0.0.1', 0) as listeners:
        listeners.listen()
        (listening,) = listeners.sockets
        port = listening.getsockname()[1]
        socket.create_connection(('127.0.0.1', port), 30).close()
        assert listeners.addresses('http') == [(f'http://127.0.0.1:{port}', '')]
        with pytest.raises(ServerError, match=f'^cannot listen on 127.0.0.1, port {port}: Address already in use$'):
            open_listeners('127.0.0.1', port)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(('127.0.0.1', port), 30)


@pytest.mark.parametrize(('host', 'shown'), [('0.0.0.0', '127.0.0.1'), ('::', '[::1]'), ('::1', '[::1]')])
def test_how_addresses_are_shown(host, shown):
    with open_listeners(host, 0) as listeners:
        port = listeners.sockets[0].getsockname()[1]
        reach = '' if host == '::1' else 'on every interface, '
        assert listeners.addresses('https') == [(f'https://{shown}:{port}', reach)]


def test_unix(tmp_path):
    path = tmp_path / 'socket'
    with open_listeners(None, None, str(path)) as listeners:
        listeners.listen()
        connect(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o666
        assert listeners.addresses('http') == [(f'unix:{path}', '')]
        with pytest.raises(ServerError, match=r'^cannot listen on the Unix socket .*socket: Address already in use$'):
            open_listeners(None, None, str(path))
    assert not path.exists()


def test_unix_beside_tcp(tmp_path):
    with open_listeners('127.0.0.1', 0, str(tmp_path / 'socket')) as listeners:
        assert [each.family for each in listeners.sockets] == [socket.AF_UNIX, socket.AF_INET]


def test_what_a_killed_server_has_left(tmp_path):
    path = tmp_path / 'socket'
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(path))
    with open_listeners(None, None, str(path)) as listeners:
        listeners.listen()
        connect(path)


def test_a_successor_keeps_its_file(tmp_path):
    path = tmp_path / 'socket'
    with open_listeners(None, None, str(path)):
        path.unlink()
        successor = open_listeners(None, None, str(path))
    with successor:
        successor.listen()
        connect(path)
    assert not path.exists()


@pytest.mark.parametrize('kind', ['file', 'directory', 'nowhere', 'long'])
def test_no_place_for_a_unix_socket(tmp_path, kind):
    path = tmp_path / {'file': 'x', 'directory': 'x', 'nowhere': 'no/socket', 'long': 'x' * 200}[kind]
    if kind == 'file':
        path.write_text('precious')
    elif kind == 'directory':
        path.mkdir()
    with pytest.raises(ServerError, match=r'^cannot listen on the Unix socket '):
        open_listeners(None, None, str(path))
    assert kind != 'file' or path.read_text() == 'precious'


ADOPT = """
import os
from colibris.serving.listeners import open_listeners

os.environ['LISTEN_PID'] = str(os.getpid())
with open_listeners('127.0.0.1', 1) as listeners:
    print([each.getsockname()[1] for each in listeners.sockets], 'LISTEN_FDS' in os.environ)
"""


def test_systemd_opens_them():
    with socket.create_server(('127.0.0.1', 0)) as first, socket.create_server(('127.0.0.1', 0)) as second:
        ports = [each.getsockname()[1] for each in (first, second)]
        # The shell puts the sockets where systemd does.
        script = f'exec "$0" -c "$1" 3<&{first.fileno()} 4<&{second.fileno()}'
        output = subprocess.run(
            ['bash', '-c', script, sys.executable, ADOPT],
            pass_fds=(first.fileno(), second.fileno()),
            env={**os.environ, 'LISTEN_FDS': '2'},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
    assert output == f'{ports} False\n'


def test_sockets_for_another_process():
    assert inherited_sockets({'LISTEN_PID': '1', 'LISTEN_FDS': '2'}) == []


@pytest.mark.parametrize('count', ['x', ''])
def test_systemd_talks_nonsense(count):
    with pytest.raises(ServerError, match=f"^LISTEN_FDS='{count}' does not tell of sockets: "):
        inherited_sockets({'LISTEN_PID': str(os.getpid()), 'LISTEN_FDS': count})


def test_systemd_is_told(tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / 'notify'))
        monkeypatch.setenv('NOTIFY_SOCKET', str(tmp_path / 'notify'))
        notify('READY=1')
        assert systemd.recv(100) == b'READY=1'
    notify('STOPPING=1')  # nobody listens any more
    monkeypatch.delenv('NOTIFY_SOCKET')
    notify('READY=1')
