"""The database and its migrations."""

import os
from collections.abc import Iterator
from pathlib import Path

import peewee

from colibris import persist
from colibris.checks import Problem, error, register, warning
from colibris.conf import settings
from colibris.errors import ColibrisError
from colibris.persist.slot import slot

__all__ = ['check_connections', 'check_migrations']

_UNREACHABLE = (ColibrisError, peewee.OperationalError, peewee.InterfaceError, OSError)


@register
def check_migrations() -> Iterator[Problem]:
    """Migrations that are not applied, or not as their files say."""
    from colibris.persist.migrations import status

    directory = Path(settings.PROJECT_PACKAGE_DIR) / 'migrations'
    if not slot.is_configured or not directory.is_dir():
        return
    try:
        found = status(persist.get_database(), directory)
    except _UNREACHABLE as exc:
        yield error('colibris.E003', f'the migrations cannot be looked at: {exc}')
        return
    for each in found:
        if each.problem:
            yield error('colibris.E004', f'migration {each.name}: {each.problem}')
        elif not each.is_applied:
            yield warning('colibris.W005', f'migration {each.name} is not applied', 'run: manage.py migrate')


@register(deploy=True)
def check_connections() -> Iterator[Problem]:
    """Pools that ask for more connections than the server gives."""
    if not slot.is_configured:
        return
    database = persist.get_database()
    try:
        limit = database.max_connections()
    except _UNREACHABLE:
        return  # the check of the migrations tells
    wanted = database.pool_size * _processes()
    if limit is not None and wanted > limit:
        yield warning(
            'colibris.W017',
            f"the pools of the server's processes ({_processes()}) take up to {wanted} connections, but the database "
            f'allows {limit}',
            "lower DATABASE['pool_size'] or WEB_CONCURRENCY, or raise the server's max_connections",
        )


def _processes() -> int:
    """The number of processes that serve, as the environment says."""
    text = os.environ.get('WEB_CONCURRENCY', '')
    return int(text) if text.isdecimal() and int(text) else 1
