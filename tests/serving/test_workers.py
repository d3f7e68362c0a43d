"""manage.py runserver --workers as processes of their own."""

import http.client
import os
import re
import signal
import socket

import pytest

from tests.serving.processes import SETTINGS, Running, get, is_alive, wait_until

ROUTES = """
import asyncio
import os
from pathlib import Path

MAY_END = Path('may-end')


def pid(request):
    return os.getpid()


async def slow(request):
    print('begun', flush=True)
    while not MAY_END.exists():
        await asyncio.sleep(0.02)
    return os.getpid()


ROUTES = [('/pid', pid), ('/slow', slow)]
"""
ALL_OF_THEM = ('--workers', '2', '--port', '0')


@pytest.fixture
def project(shop):
    """A project that answers with the process id of the worker."""
    shop.write(routes=ROUTES, settings=SETTINGS)
    return shop


def test_workers_share_the_work_and_end(project, monkeypatch):
    monkeypatch.setenv('WEB_CONCURRENCY', '2')
    with Running(project, '--port', '0') as server:
        workers = server.wait_for_workers(2)
        wait_until(lambda: {get(server.port, '/pid')[1] for _ in range(20)} == set(workers))
        assert server.log.count('Listening on') == 1
        server.send()
        assert server.wait() == 0
        assert not any(map(is_alive, workers))
        assert 'ERROR' not in server.log
    assert {path.name for path in project.directory.iterdir()} == {'shop', 'log.0'}


@pytest.mark.parametrize(
    ('arguments', 'variable', 'problem'),
    [
        (['--workers', '0'], '', '--workers must be a whole number from 1, not 0'),
        (['--workers', '-1'], '', '--workers must be a whole number from 1, not -1'),
        ([], 'many', 'WEB_CONCURRENCY must be a whole number from 1, not many'),
        ([], '0', 'WEB_CONCURRENCY must be a whole number from 1, not 0'),
        (['--max-requests', '5'], '', '--max-requests must be a whole number from 0, and needs --workers'),
        (['--workers', '1', '--max-requests', '-5'], '', '--max-requests must be a whole number from 0, and needs --w'),
        (['--workers', '1', '--reload'], '', '--reload and --workers do not go together'),
        (['--keyfile', 'x'], '', '--keyfile needs --certfile'),
        (['--workers', '1', '--certfile', 'x'], '', 'cannot serve TLS with x: No such file or directory'),
        (['--workers', '1', '--certfile', 'shop/settings.py'], '', 'cannot serve TLS with shop/settings.py: '),
    ],
)
def test_wrong_options(project, monkeypatch, arguments, variable, problem):
    monkeypatch.setenv('WEB_CONCURRENCY', variable)
    status, _, errors = project.run('runserver', *arguments)
    assert (status, errors.count('\n')) == (1, 1)
    assert errors.startswith(f'manage.py: {problem}')


def test_without_gunicorn(project):
    (project.directory / 'gunicorn.py').write_text('raise ImportError')
    status, _, errors = project.run('runserver', '--workers', '2')
    assert (status, errors) == (
        1,
        "manage.py: gunicorn is not installed; install it with: pip install 'colibris[serve]'\n",
    )


def test_a_project_that_does_not_start(project):
    project.write(routes="ROUTES = [('x', 5)]")
    with Running(project, *ALL_OF_THEM) as server:
        assert server.wait() == 1
        assert server.log.count("manage.py: ROUTES: the path 'x' does not start with '/'") == 1
        assert server.log.count('Booting') == 1


def test_crashed_workers_come_back_and_more(project):
    with Running(project, *ALL_OF_THEM) as server:
        first, second = server.wait_for_workers(2)
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: not is_alive(first))
        assert get(server.port, '/pid')[0] == 200
        workers = server.wait_for_workers(2, but=[first])
        assert second in workers
        server.send(signal.SIGTTIN)
        server.wait_for_workers(3)
        server.send(signal.SIGTTOU)
        server.wait_for_workers(2)


HANGING = """

def block(request):
    import time

    time.sleep(600)


ROUTES.append(('/block', block))
"""
IMPATIENT = """
from colibris.commands import main
from colibris.serving import workers

workers.HANG_SECONDS = 3
"""


def test_a_worker_that_hangs_is_replaced(project):
    manage = (project.package / 'manage.py').read_text()
    project.write(routes=ROUTES + HANGING, manage=manage.replace('from colibris.commands import main', IMPATIENT))
    with Running(project, '--workers', '1', '--port', '0') as server:
        (worker,) = server.wait_for_workers(1)
        with socket.create_connection(('127.0.0.1', server.port)) as connection:
            connection.sendall(b'GET /block HTTP/1.1\r\nHost: x\r\n\r\n')
            server.wait_for('WORKER TIMEOUT')
            wait_until(lambda: not is_alive(worker))
        server.wait_for_workers(1, but=[worker])
        assert re.search(r'Fatal Python error: Aborted.*routes\.py", line \d+ in block\n', server.log, re.DOTALL)


def test_worn_workers_are_replaced(project):
    with Running(project, *ALL_OF_THEM, '--max-requests', '20') as server:
        before = server.wait_for_workers(2)
        connection = http.client.HTTPConnection('127.0.0.1', server.port, timeout=60)

        def have_changed():
            assert all(get(server.port, '/pid', connection)[0] == 200 for _ in range(10))
            return not set(before) & set(server.children)

        wait_until(have_changed)
        connection.close()
        server.wait_for_workers(2, but=before)


def test_hangup_replaces_workers_which_finish_their_requests(project):
    with Running(project, *ALL_OF_THEM) as server:
        before = server.wait_for_workers(2)
        connections = [http.client.HTTPConnection('127.0.0.1', server.port, timeout=60) for _ in range(6)]
        for connection in connections:
            connection.request('GET', '/slow')
        server.wait_for('begun', count=6)
        project.write(routes=ROUTES + "\n\nROUTES.append(('/new', pid))\n")
        server.send(signal.SIGHUP)
        wait_until(lambda: get(server.port, '/new')[0] == 200 and get(server.port, '/pid')[1] not in before)
        server.wait_for('Booting', count=4)
        assert get(server.port, '/ready')[0] == 200
        (project.directory / 'may-end').touch()
        for connection in connections:
            response = connection.getresponse()
            assert response.status == 200
            assert int(response.read()) in before
            connection.close()
        server.wait_for_workers(2, but=before)
        assert 'ERROR' not in server.log


def test_new_code_and_settings(project):
    (project.directory / '.env').write_text('GREETING=one')
    project.write(routes=ROUTES + "\n\nROUTES.append(('/g', lambda request: os.environ['GREETING']))")
    with Running(project, *ALL_OF_THEM) as server:
        first = server.wait_for_workers(2)
        assert get(server.port, '/g') == (200, 'one')
        (project.directory / '.env').write_text('GREETING=two')
        project.write(settings=SETTINGS + "STATUS_PATH = '/other'")
        server.send(signal.SIGHUP)
        second = server.wait_for_workers(2, but=first)
        assert get(server.port, '/g') == (200, 'two')
        assert get(server.port, '/other')[0] == 200
        project.write(routes='ROUTES = [')
        server.send(signal.SIGHUP)
        server.wait_for('a new worker does not start: the old ones go on')
        assert server.wait_for_workers(2) == second
        project.write(routes=ROUTES)
        server.send(signal.SIGHUP)
        server.wait_for_workers(2, but=second)


def test_running_requests_are_finished(project):
    with Running(project, *ALL_OF_THEM) as server:
        workers = server.wait_for_workers(2)
        connection = http.client.HTTPConnection('127.0.0.1', server.port, timeout=60)
        connection.request('GET', '/slow')
        server.wait_for('begun')
        server.send()
        for worker in workers:
            os.kill(worker, signal.SIGTERM)  # as systemd does
            os.kill(worker, signal.SIGINT)  # as Ctrl-C in a terminal does
        wait_until(lambda: sum(map(is_alive, workers)) == 1)
        (project.directory / 'may-end').touch()
        response = connection.getresponse()
        assert response.status == 200
        assert int(response.read()) in workers
        connection.close()
        assert server.wait() == 0


def test_a_second_signal_ends_at_once(project):
    with Running(project, *ALL_OF_THEM) as server:
        workers = server.wait_for_workers(2)
        connection = http.client.HTTPConnection('127.0.0.1', server.port, timeout=60)
        connection.request('GET', '/slow')
        server.wait_for('begun')
        server.send(signal.SIGINT)
        wait_until(lambda: sum(map(is_alive, workers)) == 1)
        server.send()
        assert server.wait() == 128 + signal.SIGTERM
        assert not any(map(is_alive, workers))
        connection.close()


def test_workers_end_with_their_master(project):
    with Running(project, *ALL_OF_THEM) as server:
        workers = server.wait_for_workers(2)
        server.send(signal.SIGKILL)
        wait_until(lambda: not any(map(is_alive, workers)))
