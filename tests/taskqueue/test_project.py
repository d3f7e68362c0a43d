"""What ``runworker`` does with the project: it is loaded anew when it changes, and its connections are not shared."""

from colibris import bridge, taskqueue
from tests.persist.engines.conftest import server_address
from tests.processes import children_of
from tests.taskqueue.processes import PATIENCE, Worker, has_ended, wait_until

CONNECTED = """
from colibris import persist

def connection():
    return persist.get_database().execute_sql('SELECT pg_backend_pid()').fetchone()[0]

async def connection_of_coroutine():
    return connection()

def connection_of_importer():
    return _own

_own = connection()
"""


def result_of(function):
    return bridge.wait(taskqueue.enqueue(function).result(PATIENCE))


def execute(backend, name):
    return bridge.wait(backend.execute(taskqueue.TaskCall(f'queued0.tasks.{name}'), PATIENCE))


def test_connections_are_not_shared(backend, make_project):
    """The process from which workers are forked has opened one when it imported the tasks."""
    database = {'backend': 'colibris.persist.PostgreSQLBackend', 'name': 'postgres', **server_address('postgresql')}
    _, manage = make_project('')
    with (manage.parent / 'settings.py').open('a') as file:
        file.write(f'\nDATABASE = {database!r}\n')
    (manage.parent / 'models.py').touch()
    (manage.parent / 'tasks.py').write_text(CONNECTED)
    with Worker(manage, '--count', '2'):
        importers = execute(backend, 'connection_of_importer')
        names = ['connection', 'connection_of_coroutine'] * 2
        found = [execute(backend, name) for name in names]
    assert len({importers, *found}) == 1 + len(names)


def test_reload(backend, make_project):
    tasks, manage = make_project('def answer():\n    return 1\n')
    with Worker(manage, '--reload') as process:
        assert result_of(tasks.answer) == 1
        (manage.parent / 'tasks.py').write_text('def answer():\n    return "changed"\n')
        process.wait_for('have changed: starting anew')
        process.wait_for('Working on', 2)
        assert result_of(tasks.answer) == 'changed'
        [child] = process.children
        runners = [child, *children_of(child)]
        process.signal()
        assert process.wait() == 0
    wait_until(lambda: all(map(has_ended, runners)))
