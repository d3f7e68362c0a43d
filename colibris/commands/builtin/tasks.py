"""``manage.py tasks``."""

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from colibris.commands.base import BaseCommand, CommandError
from colibris.conf.settings import mask
from colibris.errors import MissingDependencyError
from colibris.taskqueue import TaskQueueBackend, TaskState, TaskStatus, get_backend

__all__ = ['TasksCommand']

_STATUSES = [status.value for status in TaskStatus if status is not TaskStatus.UNKNOWN]
_COLUMNS = ('id', 'status', 'queue', 'function', 'age', 'progress', 'error')


class TasksCommand(BaseCommand):
    """See and manage background tasks."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do, and with which tasks."""
        actions = parser.add_subparsers(dest='action', metavar='ACTION', required=True)
        _add_list(actions.add_parser('list', help='list tasks'))
        _add_ids(actions.add_parser('show', help='show everything that is known of a task'))
        retry = actions.add_parser('retry', help='run failed or cancelled tasks again')
        _add_ids(retry, count='*')
        retry.add_argument('--all', action='store_true', help='all that have failed')
        _add_ids(actions.add_parser('cancel', help='have tasks not run, or end them'), count='+')
        purge = actions.add_parser('purge', help='forget all tasks of a status')
        purge.add_argument('status', choices=[status for status in _STATUSES if status != TaskStatus.RUNNING])
        purge.add_argument('--queue', metavar='NAME', help='only those of one queue')

    def handle(self, options: Namespace) -> None:
        """Do it."""
        actions = {'list': _list, 'show': _show, 'retry': _retry, 'cancel': _cancel, 'purge': _purge}
        actions[options.action](get_backend(), options)


def _add_list(parser: ArgumentParser) -> None:
    parser.add_argument('--status', choices=_STATUSES, help='only those of a status')
    parser.add_argument('--queue', metavar='NAME', help='only those of one queue')
    parser.add_argument('--limit', type=int, default=100, metavar='N', help='so many at most (default: 100)')
    parser.add_argument('--watch', action='store_true', help='go on, in a live table (Ctrl-C stops)')


def _add_ids(parser: ArgumentParser, count: str | None = None) -> None:
    parser.add_argument('id', nargs=count)


def _list(backend: TaskQueueBackend, options: Namespace) -> None:
    if options.watch:
        _watch(backend, options)
        return
    rows = [_COLUMNS, *_rows(_find(backend, options))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    for row in rows:
        print('  '.join(f'{cell:<{width}}' for cell, width in zip(row, widths, strict=True)).rstrip())


def _watch(backend: TaskQueueBackend, options: Namespace) -> None:
    try:
        from rich.live import Live
    except ImportError:
        raise MissingDependencyError('rich', 'rq') from None
    with Live(_table(backend, options), auto_refresh=False, screen=False) as live:
        while True:
            time.sleep(1)
            live.update(_table(backend, options), refresh=True)


def _table(backend: TaskQueueBackend, options: Namespace) -> Any:
    from rich.table import Table
    from rich.text import Text

    status = backend.status()
    title = f'{status.waiting} waiting, the oldest for {status.oldest_waiting_seconds:.0f} s; {status.workers} workers'
    table = Table(*_COLUMNS, title=title, expand=True)
    for row in _rows(_find(backend, options)):
        table.add_row(*map(Text, row))  # what stands in brackets is no markup
    return table


def _show(backend: TaskQueueBackend, options: Namespace) -> None:
    state = backend.fetch(options.id)
    arguments = [repr(value) for value in state.args]
    arguments += [f'{name}={mask(name, value)}' for name, value in state.kwargs.items()]
    lines = {
        'id': state.id,
        'call': f'{state.function}({", ".join(arguments)})',
        'status': state.status,
        'queue': state.queue,
        'operation': state.operation_id,
        'created': _moment(state.created_at),
        'due': _moment(state.due_at),
        'started': _moment(state.started_at),
        'ended': _moment(state.ended_at),
        'retries left': str(state.retries_left),
        'progress': _progress(state),
        'error': state.failure.summary if state.failure else '',
    }
    for name, text in lines.items():
        if text:
            print(f'{name + ":":<14}{text}')
    if state.failure and state.failure.traceback:
        print(f'\n{state.failure.traceback.rstrip()}')


def _retry(backend: TaskQueueBackend, options: Namespace) -> None:
    if bool(options.id) == options.all:
        raise CommandError('say either which tasks, or --all')
    ids = options.id or [state.id for state in backend.tasks(TaskStatus.FAILED, limit=1_000_000)]
    for task_id in ids:
        backend.retry(task_id)
    print(f'Tasks that run again: {len(ids)}')


def _cancel(backend: TaskQueueBackend, options: Namespace) -> None:
    done = [task_id for task_id in options.id if backend.cancel(task_id)]
    print(f'Cancelled tasks: {len(done)}')
    ended = sorted(set(options.id) - set(done))
    if ended:
        raise CommandError(f'ended already, or unknown: {", ".join(ended)}')


def _purge(backend: TaskQueueBackend, options: Namespace) -> None:
    print(f'Forgotten tasks: {backend.purge(TaskStatus(options.status), options.queue)}')


def _find(backend: TaskQueueBackend, options: Namespace) -> list[TaskState]:
    return backend.tasks(TaskStatus(options.status) if options.status else None, options.queue, options.limit)


def _rows(states: Iterable[TaskState]) -> Iterable[tuple[str, ...]]:
    for state in states:
        error = state.failure.summary if state.failure else ''
        yield state.id, state.status, state.queue, state.function, _age(state), _progress(state), error


def _age(state: TaskState) -> str:
    if state.created_at is None:
        return ''
    seconds = max(0, int((datetime.now(UTC) - state.created_at).total_seconds()))
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f'{hours}:{minutes:02}:{seconds:02}'


def _progress(state: TaskState) -> str:
    return '{:g}/{:g}'.format(*state.progress) if state.progress else ''


def _moment(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime('%Y-%m-%d %H:%M:%S UTC') if moment else ''
