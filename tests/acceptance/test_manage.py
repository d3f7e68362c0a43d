"""The generated project's manage.py, as a person types it."""

import signal
import socket
from pathlib import Path
from urllib.parse import urlsplit

from tests.acceptance.conftest import Project
from tests.acceptance.outside import run


def test_own_tests_pass(project: Project) -> None:
    assert ' passed' in project.manage('test', '-q')


def test_works_from_any_directory(project: Project, tmp_path: Path) -> None:
    result = run(project.environment.python, project.manage_py, 'makemigrations', '--check', cwd=tmp_path)
    assert result.stderr == ''
    assert not list(tmp_path.iterdir())


def test_is_executable(project: Project) -> None:
    path = f'{project.environment.path / "bin"}:/usr/bin:/bin'
    assert 'runserver' in run(project.manage_py, cwd=project.path, PATH=path).stdout


def test_console_script_does_the_same(project: Project) -> None:
    project.environment.install('--no-deps', '-e', project.path)
    script = project.environment.path / 'bin' / 'my-project'
    try:
        assert run(script, 'shell', '-c', 'print(User.select().count() >= 0)', cwd=project.path).stdout == 'True\n'
    finally:
        run(project.environment.python, '-m', 'pip', 'uninstall', '-qq', '-y', 'my-project')


def test_unknown_command_suggests(project: Project) -> None:
    result = run(project.environment.python, project.manage_py, 'runsever', check=False)
    assert result.returncode == 2
    assert "did you mean 'runserver'?" in result.stderr


def test_taken_port_is_one_line(project: Project) -> None:
    with socket.create_server(('127.0.0.1', 0)) as taken:
        port = str(taken.getsockname()[1])
        result = run(
            project.environment.python,
            project.manage_py,
            'runserver',
            '--host',
            '127.0.0.1',
            '--port',
            port,
            check=False,
        )
    assert result.returncode == 1
    assert result.stderr.count('\n') == 1
    assert f'port {port}' in result.stderr


def test_wrong_setting_is_one_line(project: Project) -> None:
    result = run(project.environment.python, project.manage_py, 'migrate', check=False, PORT='many')
    assert result.returncode == 1
    assert result.stderr.count('\n') == 1
    assert 'PORT' in result.stderr
    assert 'many' in result.stderr


def test_sigterm_finishes_the_running_request(project: Project, admin_key: str) -> None:
    server = project.serve()
    address = urlsplit(server.client.base)
    body = b'{"username": "late"}'
    head = (
        f'POST /users HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {admin_key}\r\nExpect: 100-continue\r\n'
        f'Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n'
    )
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b'HTTP/1.1 100')
        server.process.send_signal(signal.SIGTERM)
        wait_until_closed(address.hostname, address.port)
        connection.sendall(body)
        assert connection.recv(1000).startswith(b'HTTP/1.1 201')
    assert server.wait() == 0
    project.manage('shell', '-c', 'User.delete().where(User.username == "late").execute()')


def test_sigint_ends_it_too(project: Project) -> None:
    assert project.serve().stop(signal.SIGINT) == 0


def test_a_line_for_each_request(project: Project) -> None:
    server = project.serve()
    server.client.get('/health', **{'X-Request-ID': 'a-b-c'})
    server.stop()
    assert any('API documentation at http' in line for line in server.output)
    lines = [line for line in server.output if 'GET /health' in line]
    assert len(lines) == 1
    assert '[INFO][a-b-c] colibris.access: 127.0.0.1 GET /health 200 ' in lines[0]
    assert lines[0].endswith(' ms')


def wait_until_closed(host: str | None, port: int | None) -> None:
    """Wait until nobody listens any more."""
    while True:
        try:
            socket.create_connection((host, port), timeout=30).close()
        except ConnectionRefusedError:
            return
