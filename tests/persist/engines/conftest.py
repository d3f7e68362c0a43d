"""Databases of all engines. PostgreSQL and MariaDB are those that ``scripts/test`` starts."""

import asyncio
import contextlib
import os
from urllib.parse import urlsplit

import pytest

from colibris import bridge
from colibris.persist.slot import slot
from colibris.utils.imports import import_string

from .models import MODELS

ENGINES = ('sqlite', 'postgresql', 'mysql')
BACKENDS = {'postgresql': 'colibris.persist.PostgreSQLBackend', 'mysql': 'colibris.persist.MySQLBackend'}
NAME = 'colibris_engines'

_templates = {}


def server_address(engine):
    """Host, port, user name and password of the engine's test server, as ``DATABASE`` names them."""
    variable = f'COLIBRIS_TEST_{engine.upper()}'
    if variable not in os.environ:
        pytest.fail(f'{variable} is not set: run scripts/test')
    url = urlsplit(os.environ[variable])
    return {'host': url.hostname, 'port': url.port, 'username': url.username, 'password': url.password}


@pytest.fixture(params=ENGINES)
def engine(request):
    """The name of an engine."""
    return request.param


@pytest.fixture
def configuration(engine, tmp_path):
    """The setting ``DATABASE`` for the engine."""
    if engine == 'sqlite':
        return {'backend': 'colibris.persist.SQLiteBackend', 'name': str(tmp_path / 'test.db')}
    return {'backend': BACKENDS[engine], 'name': NAME, **server_address(engine)}


@pytest.fixture
def make_database(project, configuration, engine):
    """Configure a database with the tables of ``models``, and give it; the keywords go into ``DATABASE``."""
    with contextlib.ExitStack() as stack:

        def make(modules=None, settings='', **options):
            full = {**configuration, **options}
            project(settings=f'DATABASE = {full!r}\n{settings}', **(modules or {}))
            path = full.pop('backend')
            database = stack.enter_context(slot.replace(import_string(path)(**full)))
            stack.callback(database._close_everything)
            fill(database, engine)
            return database

        yield make


def fill(database, engine):
    """Have the tables of ``models``, all empty."""
    if engine not in _templates:
        database.drop()
        database.create()
        database.create_tables(MODELS)
        database.close()
        database.save_template()
        _templates[engine] = database._template
    database._template = _templates[engine]
    database.create_from_template()


@pytest.fixture(scope='session', autouse=True)
def _delete_databases():
    yield
    for engine in set(_templates) - {'sqlite'}:
        backend = new_backend(engine)
        backend.drop()
        backend.forget_template()
    _templates.clear()


def new_backend(engine, name=NAME, **options):
    """A backend apart from the settings."""
    return import_string(BACKENDS[engine])(name, **server_address(engine), **options)


@pytest.fixture
def database(make_database):
    """A database with a pool of five connections."""
    return make_database(pool_size=5)


@pytest.fixture(params=['plain', 'driven'])
def run(request, database):
    """Call plain code, once where no loop runs and once in a driven coroutine."""
    if request.param == 'plain':
        return lambda function, *args: function(*args)

    def run(function, *args):
        async def main():
            try:
                return await bridge.run(function, *args)
            finally:
                assert_all_returned(database)
                await database.stop()

        return asyncio.run(main())

    return run


def pool_of(database):
    """The pool of the running loop."""
    return database._pools[asyncio.get_running_loop()]


def assert_all_returned(database, size=None):
    """Check that every connection is back in the pool, and clean."""
    pool = pool_of(database)
    assert len(pool._free) == pool._made <= pool.size
    assert not [connection for connection in pool._free if connection.in_transaction]
    assert size is None or pool._made == size


SLEEPS = {
    'postgresql': 'SELECT pg_sleep({})',
    'mysql': 'SELECT SLEEP({})',
}
COUNT = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT count(*) FROM n'


def slow_statement(engine, seconds):
    """A statement that takes about as long."""
    if engine == 'sqlite':
        return COUNT.format(int(seconds * 3_000_000))
    return SLEEPS[engine].format(seconds)
