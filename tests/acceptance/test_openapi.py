"""The generated project's API document: valid, and true."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.acceptance.conftest import Environment, Project
from tests.acceptance.outside import Client, run

KEEP_THE_ADMINISTRATOR = [
    'CREATE TRIGGER keep BEFORE UPDATE ON user WHEN OLD.id = 1 BEGIN SELECT RAISE(IGNORE); END',
    "CREATE TRIGGER stay BEFORE DELETE ON user WHEN OLD.id = 1 BEGIN SELECT RAISE(ABORT, 'one stays'); END",
]
PROJECT = {'/', '/health', '/users', '/users/me', '/users/{id}'}
SCHEMATHESIS = Path(sys.executable).parent / 'schemathesis'
CONFIG = Path(__file__).parent / 'schemathesis.toml'


def test_document_is_valid(anonymous: Client) -> None:
    document = anonymous.get('/api/docs/openapi.json').data
    OpenAPIV31SpecValidator(document).validate()
    assert set(document['paths']) == {*PROJECT, '/live', '/ready', '/status'}
    for path in document['paths'].values():
        for operation in path.values():
            assert operation['summary']


@pytest.fixture
def fuzzed(environment: Environment, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A project of its own to be fuzzed, and the key of an administrator who cannot be changed or deleted."""
    project = Project.generate(tmp_path, environment)
    project.manage('migrate')
    key = project.manage('adduser', 'admin', '--role', 'admin').strip()
    project.manage('shell', '-c', f'for sql in {KEEP_THE_ADMINISTRATOR!r}: persist.get_database().execute_sql(sql)')
    server = project.serve()
    yield server.client.base, key
    server.stop()
    assert not [line for line in server.output if re.search(r' 5\d\d \d+\.\d ms$', line)]


def test_schemathesis_finds_nothing(fuzzed: tuple[str, str], tmp_path: Path) -> None:
    output = schemathesis(*fuzzed, 'examples,coverage,fuzzing', cwd=tmp_path)
    assert '403 Forbidden' not in output
    schemathesis(*fuzzed, 'stateful', cwd=tmp_path)


def schemathesis(base: str, key: str, phases: str, cwd: Path) -> str:
    """Run some phases with every check."""
    document = f'{base}/api/docs/openapi.json'
    options = ['--header', f'Authorization: Bearer {key}', '--phases', phases, '--max-examples', '50', '--seed', '1']
    result = run(SCHEMATHESIS, '--config-file', CONFIG, 'run', document, *options, cwd=cwd, check=False)
    assert result.returncode == 0, result.stdout[-5000:] + result.stderr[-2000:]
    return result.stdout
