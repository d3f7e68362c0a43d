"""manage.py test, makemigrations and migrate on the servers."""

import pytest

from tests.commands.conftest import shop
from tests.test.test_plugin import outcome, tested

from .conftest import BACKENDS, new_backend, server_address

__all__ = ['shop', 'tested']

NAME = 'colibris_shop'


@pytest.fixture(params=BACKENDS)
def served(request, tested):
    """The project with tests, on a server."""
    configuration = {'backend': BACKENDS[request.param], 'name': NAME, **server_address(request.param)}
    tested.write(settings=f"DATABASE = {configuration!r}\nLISTEN = '127.0.0.1'\n")
    yield tested
    new_backend(request.param, NAME).drop()


def test_everything(served):
    status, output, errors = served.run('test', '-k', 'not something_else and not that_of_tests', '-W', 'error')
    assert (status, errors) == (0, ''), output
    assert outcome(output)['passed'] == 14


def test_nothing_is_left(served):
    backend = new_backend(
        'postgresql' if 'PostgreSQL' in (served.package / 'settings.py').read_text() else 'mysql', NAME
    )
    assert served.run('test', 'shop/tests/test_health.py')[0] == 0
    for name in (NAME, f'test_{NAME}', f'test_{NAME}_template'):
        backend.database = name
        assert not backend.exists()
    backend.database = NAME


def test_workers_have_databases_of_their_own(served):
    pytest.importorskip('xdist')
    status, output, errors = served.run('test', '-n', '2', '-k', 'afresh', '-W', 'error')
    assert status == 0, output + errors
    assert outcome(output)['passed'] == 6
