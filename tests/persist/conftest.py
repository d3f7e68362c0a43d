import asyncio

import pytest

from colibris import bridge, persist

from .tables import Note, User


@pytest.fixture
def make_database(project, tmp_path):
    """Configure a SQLite database and give it; the keywords go into ``DATABASE``."""

    def make(**options):
        configuration = {
            'backend': 'colibris.persist.SQLiteBackend',
            'name': str(tmp_path / 'data' / 'test.db'),
            **options,
        }
        project(settings=f'DATABASE = {configuration!r}')
        database = persist.get_database()
        database.create()
        return database

    return make


@pytest.fixture
def database(make_database):
    """A SQLite database with a pool of five connections."""
    return make_database(pool_size=5)


@pytest.fixture(params=['plain', 'driven'])
def run(request):
    """Call plain code, once where no loop runs and once in a driven coroutine."""
    if request.param == 'plain':
        return lambda function, *args: function(*args)

    def run(function, *args):
        async def main():
            try:
                return await bridge.run(function, *args)
            finally:
                await persist.get_database().stop()

        return asyncio.run(main())

    return run


@pytest.fixture
def tables(database):
    database.create_tables([User, Note])
    return database
