"""The pytest plugin that ``manage.py test`` loads.

Tests may be plain or async; in both, plain Peewee works. Each starts with a fresh database.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from colibris import bridge, conf
from colibris.conf import PROJECT_VARIABLE, settings
from colibris.errors import ColibrisError
from colibris.log.operation import install_record_factory
from colibris.test.csrf import TokenKeeper
from colibris.test.database import prepare_template, test_configuration
from colibris.test.outbox import email_is_kept, outbox
from colibris.test.passwords import QUICK_HASHER
from colibris.test.ratelimit import nothing_is_counted
from colibris.test.tasks import captured_tasks, eager_tasks

__all__ = ['captured_tasks', 'eager_tasks', 'email_is_kept', 'nothing_is_counted', 'outbox']


def pytest_configure(config: pytest.Config) -> None:
    """Load the settings, and have async tests run by themselves."""
    try:
        conf.setup(os.environ.get(PROJECT_VARIABLE, ''))
    except ColibrisError as exc:
        raise pytest.UsageError(f'the project cannot be set up: {exc}; run the tests with manage.py test') from exc
    install_record_factory()
    if not config.getini('asyncio_mode') or config.option.asyncio_mode is None:
        config.option.asyncio_mode = 'auto'


@pytest.fixture(scope='session')
def test_settings() -> Iterator[None]:
    """The project's settings, with the database of tests, and passwords that are hashed in no time."""
    changes = {'DATABASE': test_configuration()} if settings.DATABASE else {}
    with settings.override(PASSWORDS=QUICK_HASHER, **changes):
        yield


@pytest.fixture(scope='session')
def database_template(test_settings: None) -> Iterator[Any]:
    """The database as the migrations make it, remembered for every test; ``None`` if the project has none."""
    if not settings.DATABASE:
        yield None
        return
    from colibris import persist

    database = persist.get_database()
    prepare_template(database)
    yield database
    database.drop()
    database.forget_template()


@pytest.fixture(autouse=True)
def test_database(database_template: Any) -> Any:
    """The database, as if it had been made for this test; ``None`` if the project has none."""
    if database_template is not None:
        database_template.create_from_template()
    return database_template


@pytest_asyncio.fixture(autouse=True)
async def bridged_loop(test_database: Any) -> AsyncIterator[None]:
    """Have plain Peewee work in async tests and fixtures."""
    bridge.install(asyncio.get_running_loop(), everywhere=True)
    yield
    if test_database is not None:
        await test_database.stop()


@pytest.fixture
def web_app() -> web.Application:
    """The project's application."""
    from colibris.app import create_app

    return create_app()


@pytest_asyncio.fixture
async def web_app_client(web_app: web.Application, aiohttp_client: Any) -> Any:
    """A client of the project's application: ``await web_app_client.get('/health')``."""
    return await aiohttp_client(web_app, middlewares=(TokenKeeper(),))
