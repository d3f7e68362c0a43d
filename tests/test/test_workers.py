"""manage.py test -n N: each of pytest-xdist's workers has a database of its own."""

import pytest

from tests.persist.engines.conftest import BACKENDS, ENGINES, new_backend, server_address

from .test_plugin import MODELS, outcome

NAME = 'colibris_workers'
TESTS = """
import os
import time

import pytest

from colibris import persist
from shop.models import User


@pytest.mark.parametrize('attempt', range(8))
def test_nobody_else_writes(attempt):
    name = str(persist.get_database().database)
    worker = os.environ['PYTEST_XDIST_WORKER']
    assert os.path.basename(name).startswith('test_')
    assert os.path.splitext(name)[0].endswith(f'_{worker}')
    for number in range(5):
        assert User.select().count() == number
        User.create(username=str(number), password='x', first_name=worker, last_name='', email='')
        time.sleep(0.02)
    assert {user.first_name for user in User} == {worker}
"""


@pytest.mark.parametrize('engine', ENGINES)
def test_each_worker_has_its_own_database(shop, engine):
    configuration = {'backend': 'colibris.persist.SQLiteBackend', 'name': str(shop.directory / 'shop.db')}
    if engine != 'sqlite':
        configuration = {'backend': BACKENDS[engine], 'name': NAME, **server_address(engine)}
    shop.write(settings=f'DATABASE = {configuration!r}', models=MODELS)
    (shop.package / 'tests').mkdir()
    (shop.package / 'tests' / '__init__.py').touch()
    (shop.package / 'tests' / 'test_rows.py').write_text(TESTS)
    assert shop.run('makemigrations')[0] == 0
    status, output, errors = shop.run('test', '-n', '3')
    assert status == 0, output + errors
    assert outcome(output) == {'passed': 8}
    if engine == 'sqlite':
        assert not list(shop.directory.glob('*.db*'))
    else:
        assert not any(new_backend(engine, f'test_{NAME}_gw{number}').exists() for number in range(3))


@pytest.mark.parametrize(
    ('name', 'expected'),
    [
        ('/data/shop.db', '/data/test_shop_gw1.db'),
        ('shop', 'test_shop_gw1'),
        (':memory:', ':memory:'),
        ('/data/my.shop.sqlite', '/data/test_my.shop_gw1.sqlite'),
    ],
)
def test_the_name(monkeypatch, clean_settings, project, name, expected):
    from colibris.test.database import test_configuration as configuration

    project(settings=f'DATABASE = {{"backend": "colibris.persist.SQLiteBackend", "name": {name!r}}}')
    monkeypatch.setenv('PYTEST_XDIST_WORKER', 'gw1')
    assert configuration()['name'] == expected


def test_a_name_that_was_given_gets_the_worker_too(monkeypatch, project):
    from colibris.test.database import test_configuration as configuration

    project(settings='DATABASE = {"backend": "colibris.persist.SQLiteBackend"}\nTEST_DATABASE = {"name": "x.db"}')
    monkeypatch.setenv('PYTEST_XDIST_WORKER', 'gw0')
    assert configuration()['name'] == 'x_gw0.db'
