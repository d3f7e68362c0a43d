"""Databases of all engines, with the tables of ``models``."""

import os

import pytest

from colibris import persist
from colibris.persist.migrations import draft, migrate
from colibris.persist.tools import Tables
from tests.persist.engines.conftest import ENGINES, new_backend

from .models import MODELS

NAME = f'colibris_tools_{os.environ.get("PYTEST_XDIST_WORKER", "main")}'

_databases = {}


def make_database(engine, directory, name=NAME):
    """An empty database, apart from the settings."""
    database = persist.SQLiteBackend(directory / f'{name}.db') if engine == 'sqlite' else new_backend(engine, name)
    database.drop()
    database.create()
    return database


def make_structure(database, directory, models=MODELS):
    """Make the tables of models, in whatever circles they refer to each other."""
    draft(models, directory / 'migrations').write()
    migrate(database, directory / 'migrations')


@pytest.fixture(params=ENGINES)
def engine(request):
    return request.param


@pytest.fixture
def database(engine, tmp_path_factory):
    """The engine's database, with empty tables; made once, and brought back to that state for each test."""
    if engine not in _databases:
        directory = tmp_path_factory.mktemp(engine)
        database = make_database(engine, directory)
        make_structure(database, directory)
        database.save_template()
        _databases[engine] = database
    database = _databases[engine]
    database.create_from_template()
    yield database
    database._close_everything()


@pytest.fixture
def tables(database):
    """The tables of all models; models are bound to their database."""
    with database.bind_ctx(MODELS):
        yield Tables(database, MODELS)


@pytest.fixture(scope='session', autouse=True)
def _delete_databases():
    yield
    for engine, database in _databases.items():
        database.drop()
        if engine != 'sqlite':
            database.forget_template()
    _databases.clear()
