"""The generated project's API document: valid, and true."""

from pathlib import Path

from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.acceptance.outside import Client, Server, run

SCHEMATHESIS = Path(__import__('sys').executable).parent / 'schemathesis'


def test_document_is_valid(anonymous: Client) -> None:
    document = anonymous.get('/api/docs/openapi.json').data
    OpenAPIV31SpecValidator(document).validate()
    assert set(document['paths']) == {'/', '/health', '/users', '/users/me', '/users/{id}'}
    for path in document['paths'].values():
        for operation in path.values():
            assert operation['summary']


def test_schemathesis_finds_nothing(server: Server, admin_key: str, tmp_path: Path) -> None:
    """Runs against the live server with every check; the account's own row is left alone by its random ids or not."""
    result = run(
        SCHEMATHESIS,
        'run',
        f'{server.client.base}/api/docs/openapi.json',
        '--header',
        f'Authorization: Bearer {admin_key}',
        '--checks',
        'all',
        '--phases',
        'examples,coverage,fuzzing',
        '--max-examples',
        '50',
        '--exclude-path-regex',
        'nothing',
        cwd=tmp_path,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-5000:] + result.stderr[-2000:]
