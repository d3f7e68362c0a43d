"""The wheel alone, without any extra, serves a SQLite project, on every Python that colibris supports."""

from pathlib import Path

import pytest

from tests.acceptance.conftest import Environment, Project
from tests.acceptance.outside import interpreters

INTERPRETERS = interpreters()


@pytest.mark.parametrize('version', INTERPRETERS)
def test_core_install_serves(version: str, wheel: Path, tmp_path: Path) -> None:
    environment = Environment.create(tmp_path / 'venv', INTERPRETERS[version])
    environment.install(wheel)
    project = Project.generate(tmp_path, environment)

    project.manage('migrate')
    key = project.manage('adduser', 'admin', '--role', 'admin').strip()
    server = project.serve()
    try:
        assert server.client.get('/health').data == 'healthy'
        assert server.client.with_key(key).get('/users').data['count'] == 1
        assert server.client.get('/api/docs/openapi.json').data['openapi'].startswith('3.1')
    finally:
        assert server.stop() == 0
