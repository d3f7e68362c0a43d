"""``manage.py tasks``."""

import argparse
import time

import pytest

from colibris import taskqueue
from colibris.commands import CommandError
from colibris.commands.builtin.tasks import TasksCommand
from colibris.taskqueue import TaskStatus
from colibris.test.taskqueue import echo, fail, tell_progress

pytest_plugins = ['colibris.test.tasks']


@pytest.fixture
def command(capsys):
    """Run the command; gives what it prints."""

    def run(*arguments):
        parser = argparse.ArgumentParser()
        made = TasksCommand()
        made.add_arguments(parser)
        made.handle(parser.parse_args(arguments))
        return capsys.readouterr().out

    return run


def test_list(eager_tasks, command):
    done = taskqueue.enqueue(tell_progress)
    failed = taskqueue.enqueue(fail, 'broken')
    header, *rows = command('list').splitlines()
    assert header.split() == ['id', 'status', 'queue', 'function', 'age', 'progress', 'error']
    cells = [row.split() for row in rows]
    function = f'{echo.__module__}.tell_progress'
    assert cells[0] == [done.id, 'finished', 'default', function, cells[0][4], '1/4']
    assert cells[1][:2] == [failed.id, 'failed']
    assert rows[1].endswith('OwnError: broken')
    assert failed.id in command('list', '--status', 'failed')
    assert done.id not in command('list', '--status', 'failed')
    assert done.id not in command('list', '--queue', 'other')
    assert len(command('list', '--limit', '1').splitlines()) == 2


def test_show(eager_tasks, command):
    handle = taskqueue.enqueue(fail, 'broken')
    shown = command('show', handle.id)
    assert f"call:         {fail.__module__}.fail('broken')\n" in shown
    assert 'error:        OwnError: broken\n' in shown
    assert 'raise OwnError(message, second=2)' in shown


def test_secrets_are_not_shown(captured_tasks, command):
    handle = taskqueue.enqueue(echo, name='ada', password='secret of ada')
    shown = command('show', handle.id)
    assert "name='ada'" in shown
    assert 'secret of ada' not in shown


def test_unknown_task(eager_tasks, command):
    with pytest.raises(taskqueue.TaskNotFound, match='nothing is known of the task x'):
        command('show', 'x')


def test_retry(captured_tasks, command):
    handle = taskqueue.enqueue(fail, 'broken')
    assert captured_tasks.run() == 1
    assert handle.status is TaskStatus.FAILED
    assert command('retry', handle.id) == 'Tasks that run again: 1\n'
    assert captured_tasks.run() == 1
    assert command('retry', '--all') == 'Tasks that run again: 1\n'
    for arguments in ((), (handle.id, '--all')):
        with pytest.raises(CommandError, match='say either which tasks, or --all'):
            command('retry', *arguments)


def test_cancel(captured_tasks, command):
    handle = taskqueue.enqueue(echo)
    assert command('cancel', handle.id) == 'Cancelled tasks: 1\n'
    assert handle.status is TaskStatus.CANCELLED
    with pytest.raises(CommandError, match=f'ended already, or unknown: {handle.id}'):
        command('cancel', handle.id)


def test_purge(eager_tasks, command, capsys):
    taskqueue.enqueue(fail, 'broken')
    assert command('purge', 'failed', '--queue', 'other') == 'Forgotten tasks: 0\n'
    assert command('purge', 'failed') == 'Forgotten tasks: 1\n'
    with pytest.raises(SystemExit):
        command('purge', 'running')
    assert "invalid choice: 'running'" in capsys.readouterr().err


def test_live_table(eager_tasks, command, monkeypatch, capsys):
    """It shows what has happened since, and what stands in brackets is no markup."""
    monkeypatch.setenv('COLUMNS', '200')
    rounds = iter(('first [bold]', 'second'))

    def pass_time(seconds):
        message = next(rounds, None)
        if message is None:
            raise KeyboardInterrupt
        taskqueue.enqueue(fail, message)

    monkeypatch.setattr(time, 'sleep', pass_time)
    with pytest.raises(KeyboardInterrupt):
        command('list', '--watch')
    shown = capsys.readouterr().out
    assert '0 waiting, the oldest for 0 s; 4 workers' in shown
    assert 'OwnError: first [bold]' in shown
    assert 'OwnError: second' in shown
