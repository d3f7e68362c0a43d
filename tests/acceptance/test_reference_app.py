"""An application written only from the reference page runs unchanged."""

import shutil
from pathlib import Path

import pytest

from tests.acceptance.conftest import Environment
from tests.acceptance.outside import Server, run

APPLICATION = Path(__file__).parent / 'reference_app'


@pytest.fixture
def application(tmp_path: Path) -> Path:
    return Path(shutil.copytree(APPLICATION, tmp_path / 'application'))


def test_reference_application(environment: Environment, application: Path) -> None:
    manage = (environment.python, application / 'yourproject' / 'manage.py')
    assert '0001' in run(*manage, 'makemigrations', cwd=application).stdout
    run(*manage, 'migrate', cwd=application)
    assert '9 passed' in run(*manage, 'test', '-q', cwd=application).stdout

    (application / '.env').write_text('DATABASE_NAME=other.db\nPORT=8889\n')
    run(*manage, 'migrate', cwd=application)
    assert (application / 'other.db').exists()
    run(
        *manage,
        'shell',
        '-c',
        "User.create(username='u', password='', first_name='', last_name='', email='', secret='s')",
        cwd=application,
    )

    server = Server(*manage, cwd=application)
    try:
        assert server.client.get('/health').data == 'healthy'
        assert server.client.with_key('s').post('/items', {'name': 'one'}).status == 201
        assert server.client.with_key('s').get('/items').data['count'] == 1
        assert server.client.get('/api/docs').status == 200
    finally:
        assert server.stop() == 0
