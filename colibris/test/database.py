"""The database of tests: fresh for each, with the structure that the migrations make."""

import os
from pathlib import Path
from typing import Any

from colibris import persist
from colibris.conf import settings

__all__ = ['prepare_template', 'test_configuration']


def test_configuration() -> dict[str, Any]:
    """``TEST_DATABASE`` over ``DATABASE``; unless it has a ``name``, that of ``DATABASE`` with ``test_`` in front.

    Each of pytest-xdist's workers has a database of its own, with the worker's name at the end.
    """
    configuration = {**settings.DATABASE, **settings.TEST_DATABASE}
    if 'name' not in settings.TEST_DATABASE:
        configuration['name'] = _renamed(str(settings.DATABASE.get('name', '')), 'test_{}')
    worker = os.environ.get('PYTEST_XDIST_WORKER')
    if worker:
        configuration['name'] = _renamed(str(configuration['name']), f'{{}}_{worker}')
    return configuration


def prepare_template(database: persist.DatabaseBackend) -> None:
    """Make the database anew, run the migrations, and remember the result for every test."""
    from colibris.persist import migrations

    database.drop()
    database.create()
    migrations.migrate(database, Path(settings.PROJECT_PACKAGE_DIR) / 'migrations')
    database.save_template()


def _renamed(name: str, pattern: str) -> str:
    """The name of a database, or the path of one's file, with another last part; a file keeps its suffix."""
    if name == ':memory:':
        return name
    path = Path(name)
    return str(path.with_name(pattern.format(path.stem) + path.suffix))
