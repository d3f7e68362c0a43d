"""manage.py runserver in DEBUG: it starts anew when files change, and only then."""

import http.client
import os
import re
import signal
import socket

import pytest

from tests.serving.processes import Running, get, is_alive, is_refused, wait_until

ROUTES = """
import os

from colibris.conf import settings


ROUTES = [
    ('/version', lambda request: {version!r}),
    ('/pid', lambda request: os.getpid()),
    ('/pages', lambda request: settings.PAGE_SIZE),
    ('/greeting', lambda request: os.environ.get('GREETING', '')),
]
"""


@pytest.fixture
def project(shop):
    """A project that tells its version."""
    shop.write(routes=ROUTES.format(version='one'))
    return shop


def version(server):
    return get(server.port, '/version')[1]


def test_changes_and_mistakes(project):
    with Running(project, '--port', '0') as server:
        assert version(server) == 'one'
        project.write(routes='ROUTES = [')
        server.wait_for('SyntaxError')
        project.write(routes=ROUTES.format(version='second'))
        assert version(server) == 'second'
        project.write(routes="ROUTES = [('x', 5)]")
        server.wait_for(r"manage\.py: ROUTES: the path 'x' does not start with '/'")
        project.write(routes=ROUTES.format(version='three'))
        assert version(server) == 'three'
        server.send()
        assert server.wait() == 0


def test_who_connects_in_between_waits(project):
    with Running(project, '--port', '0') as server:
        assert version(server) == 'one'
        project.write(routes='ROUTES = [')
        server.wait_for('SyntaxError')
        with socket.create_connection(('127.0.0.1', server.port)) as client:
            client.sendall(b'GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
            project.write(routes=ROUTES.format(version='second'))
            client.settimeout(60)
            assert client.recv(4096).startswith(b'HTTP/1.1 200 ')


def test_settings_and_environment_are_read_anew(project):
    (project.package / '.env.default').write_text('GREETING=hello\n')
    with Running(project, '--port', '0') as server:
        assert get(server.port, '/greeting')[1] == 'hello'
        (project.package / '.env.default').write_text('GREETING=hi\n')
        wait_until(lambda: get(server.port, '/greeting')[1] == 'hi')
        text = (project.package / 'settings.py').read_text()
        project.write(settings=f'{text}\nPAGE_SIZE = 7\n')
        wait_until(lambda: get(server.port, '/pages')[1] == 7)


def test_nothing_happens_when_nothing_changes(project):
    with Running(project, '--port', '0') as server:
        connection = http.client.HTTPConnection('127.0.0.1', server.port, timeout=60)
        pid = get(server.port, '/pid', connection)[1]
        for name in ('routes', 'settings'):
            path = project.package / f'{name}.py'
            path.write_text(path.read_text())
            os.utime(path)
        (project.package / 'notes.txt').write_text('not watched')
        (project.package / 'routes.pyc').write_bytes(b'not watched')
        # What is watched in the end comes after all that: so that had no effect.
        assert get(server.port, '/pid', connection)[1] == pid
        (project.package / 'extra.py').write_text('')
        wait_until(lambda: 'starting anew' in server.log)
        connection.close()
        server.wait_for('Listening on', count=2)
        assert server.log.count('starting anew') == 1
        assert get(server.port, '/pid')[1] != pid


def test_not_outside_debug_and_not_when_unwanted(project):
    with Running(project, '--port', '0', '--no-reload') as server:
        assert get(server.port, '/pid')[1] == server.process.pid
    project.write(settings="DEBUG = False\nSECRET_KEY = 'x' * 40\nLISTEN = '127.0.0.1'")
    with Running(project, '--port', '0') as server:
        assert get(server.port, '/pid')[1] == server.process.pid


def test_without_watchfiles(project):
    (project.directory / 'watchfiles.py').write_text('raise ImportError')
    missing = "pip install 'colibris[serve]'"
    with Running(project, '--port', '0') as server:
        assert get(server.port, '/pid')[1] == server.process.pid
        server.wait_for(re.escape(missing))
    status, _, errors = project.run('runserver', '--reload')
    assert (status, errors) == (1, f'manage.py: watchfiles is not installed; install it with: {missing}\n')


def test_the_child_ends_with_the_parent(project):
    with Running(project, '--port', '0') as server:
        pid = get(server.port, '/pid')[1]
        assert [pid] == server.children
        server.send(signal.SIGKILL)
        wait_until(lambda: not is_alive(pid))
        wait_until(lambda: is_refused(server.port))


def test_ctrl_c_in_a_terminal(project):
    with Running(project, '--port', '0', start_new_session=True) as server:
        assert version(server) == 'one'
        os.killpg(server.process.pid, signal.SIGINT)
        assert server.wait() == 0
        assert 'Traceback' not in server.log


def test_a_child_that_crashes_waits_for_a_change(project):
    with Running(project, '--port', '0') as server:
        os.kill(get(server.port, '/pid')[1], signal.SIGKILL)
        server.wait_for('it starts anew when files change')
        project.write(routes=ROUTES.format(version='two'))
        assert version(server) == 'two'
