"""The database of tests: fresh for each, with the structure that the migrations make."""

from pathlib import Path
from typing import Any

from colibris import persist
from colibris.conf import settings

__all__ = ['prepare_template', 'test_configuration']


def test_configuration() -> dict[str, Any]:
    """``TEST_DATABASE`` over ``DATABASE``; unless it has a ``name``, that of ``DATABASE`` with ``test_`` in front."""
    configuration = {**settings.DATABASE, **settings.TEST_DATABASE}
    if 'name' not in settings.TEST_DATABASE:
        configuration['name'] = _test_name(str(settings.DATABASE.get('name', '')))
    return configuration


def prepare_template(database: persist.DatabaseBackend) -> None:
    """Make the database anew, run the migrations, and remember the result for every test."""
    from colibris.persist import migrations

    database.drop()
    database.create()
    migrations.migrate(database, Path(settings.PROJECT_PACKAGE_DIR) / 'migrations')
    database.save_template()
    database.drop()


def _test_name(name: str) -> str:
    if name == ':memory:':
        return name
    path = Path(name)
    return str(path.with_name(f'test_{path.name}'))
