"""A shop whose database has rows, on each engine."""

import os

import pytest

from tests.persist.engines.conftest import BACKENDS, ENGINES, new_backend, server_address

NAME = f'colibris_commands_{os.environ.get("PYTEST_XDIST_WORKER", "main")}'

MODELS = """
from colibris import persist


class Owner(persist.Model):
    name = persist.CharField(unique=True)
    boss = persist.ForeignKeyField('self', null=True)


class Item(persist.Model):
    owner = persist.ForeignKeyField(Owner)
    price = persist.DecimalField(max_digits=8, decimal_places=2)
"""

FILL = """
ada = Owner.create(name='Ada')
for number in range({count}):
    Item.create(owner=ada, price='1.50')
"""


@pytest.fixture(params=ENGINES)
def engine(request):
    return request.param


@pytest.fixture
def stock(shop, engine):
    """A shop with an owner and three items."""
    if engine == 'sqlite':
        configuration = {'backend': 'colibris.persist.SQLiteBackend', 'name': str(shop.directory / 'shop.db')}
    else:
        new_backend(engine, NAME).drop()
        new_backend(engine, NAME).create()
        configuration = {'backend': BACKENDS[engine], 'name': NAME, **server_address(engine)}
    shop.write(settings=f'DATABASE = {configuration!r}', models=MODELS)
    succeed(shop, 'makemigrations')
    succeed(shop, 'migrate')
    succeed(shop, 'shell', '-c', FILL.format(count=3))
    yield shop
    if engine != 'sqlite':
        new_backend(engine, NAME).drop()


def succeed(shop, *arguments, **options):
    """Run a command that succeeds: ``(output, errors)``."""
    status, output, errors = shop.run(*arguments, **options)
    assert status == 0, errors
    return output, errors


def fail(shop, *arguments, **options):
    """Run a command that fails with a line, and give that line."""
    status, _, errors = shop.run(*arguments, **options)
    assert status == 1
    assert errors.count('\n') == 1, errors
    return errors.strip()
