"""``manage.py check --deploy`` finds each fault that is planted in a generated project, and nothing in a good one."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.acceptance.outside import clean_environment

PAGE = Path(__file__).parents[2] / 'docs' / 'checks.md'
GOOD = {
    'DEBUG': False,
    'SECRET_KEY': 'c6Zt4pQwLr0Vx9NfKjHs2DbGmYe7UaTi5oRzXqWv',
    'ALLOWED_HOSTS': ['api.example.com'],
}
POSTGRESQL = {'backend': 'colibris.persist.PostgreSQLBackend', 'name': 'checked', 'host': '127.0.0.1', 'port': 1}
SESSIONS = {
    'AUTHENTICATION': {
        'backend': 'colibris.authentication.session.SessionBackend',
        'model': 'myproject.models.User',
        'cookie_domain': 'example.org',
    },
    'CACHE': {'backend': 'colibris.cache.locmem.LocMemBackend'},
}


@dataclass
class Fault:
    """What is done to the good project, and what is found then."""

    found: list[str]
    settings: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)


FAULTS = {
    'settings that cannot be': Fault(['E001'] * 3, {'DEBUG': 'perhaps', 'PORT': 99999, 'port': 1}),
    'cookies for every origin': Fault(['E002', 'W012'], {'CORS_ORIGINS': ['*'], 'CORS_CREDENTIALS': True}),
    'permissions without authentication': Fault(['E002'], {'AUTHENTICATION': None}),
    'a database that is away': Fault(['E003'], {'DATABASE': POSTGRESQL}),
    'a migration that was edited': Fault(['E004'], files={'myproject/migrations/0001_initial.py': '\nNEW = 1\n'}),
    'a domain of other hosts, and a role that nobody has': Fault(
        ['W007', 'W020'],
        SESSIONS,
        {
            'myproject/views.py': "\n\n@require_permission('owner')\ndef own(request):\n    return []\n",
            'myproject/routes.py': "\nROUTES += [('/own', views.own)]\n",
        },
    ),
    'everything else': Fault(
        ['E010', 'E011', *(f'W00{number}' for number in range(1, 7)), *(f'W0{number}' for number in range(11, 20))],
        {
            **SESSIONS,
            'DEBUG': True,
            'SECRETKEY': 'x',
            'SECRET_KEY': 'change-me-change-me-change-me-change-me',
            'ALLOWED_HOSTS': [],
            'CORS_ORIGINS': ['*', 'http://app.example.com'],
            'HSTS_SECONDS': 0,
            'AUTHORIZATION': None,
            'DATABASE': {**POSTGRESQL, 'username': None, 'password': None, 'pool_size': 60},
            'EMAIL': {'backend': 'colibris.email.console.ConsoleBackend'},
        },
        {
            'myproject/views.py': """

from colibris.schemas import ModelSchema, fields


class BadSchema(ModelSchema):
    colour = fields.String()

    class Meta:
        model = models.User
        fields = ('email', 'colour')


class BadView(ListCreateModelView):
    model = models.User
    body_schema_class = BadSchema
""",
            'myproject/routes.py': "\nROUTES += [('/bad', views.BadView), ('/users/{name}', views.index)]\n",
            'sitecustomize.py': "import sys\nsys.modules['uvloop'] = None\n",
        },
        {'WEB_CONCURRENCY': '4', 'AIOHTTP_NO_EXTENSIONS': '1'},
    ),
}


def run(project, *arguments, **variables):
    """Run ``manage.py``; gives its status and output."""
    manage = project / 'myproject' / 'manage.py'
    environment = clean_environment(**variables, PYTHONPATH=str(project), PYTHONDONTWRITEBYTECODE='1')
    result = subprocess.run(
        [sys.executable, manage, *arguments], cwd=project, env=environment, capture_output=True, text=True
    )
    assert result.stdout, result.stderr
    return result.returncode, result.stdout


def write_settings(project, changes):
    """Write the good settings with these changes; JSON is YAML."""
    (project / 'settings.yml').write_text(json.dumps({**GOOD, **changes}))


@pytest.fixture(scope='module')
def good(project, tmp_path_factory):
    """The generated project as it was meant: with settings of production, and migrated."""
    directory = tmp_path_factory.mktemp('good') / 'my-project'
    shutil.copytree(project, directory)
    (directory / '.env').unlink()
    write_settings(directory, {})
    run(directory, 'migrate')
    return directory


@pytest.fixture
def postgresql():
    """The address of an empty database, as variables."""
    url = urlsplit(os.environ['COLIBRIS_TEST_POSTGRESQL'])
    with psycopg.connect(f'{url.geturl()}/postgres', autocommit=True) as connection:
        connection.execute('DROP DATABASE IF EXISTS checked')
        connection.execute('CREATE DATABASE checked')
        yield {
            'DATABASE_HOST': url.hostname,
            'DATABASE_PORT': str(url.port),
            'DATABASE_USERNAME': url.username,
            'DATABASE_PASSWORD': url.password,
        }
        connection.execute('DROP DATABASE checked WITH (FORCE)')


def test_nothing_is_found_in_the_good_project(good):
    assert run(good, 'check', '--deploy', '--fail-level', 'warning') == (0, '0 errors, 0 warnings.\n')


@pytest.mark.parametrize('name', FAULTS)
def test_each_fault_is_found(good, tmp_path, postgresql, name):
    fault, bad = FAULTS[name], tmp_path / 'my-project'
    shutil.copytree(good, bad)
    write_settings(bad, fault.settings)
    for path, text in fault.files.items():
        with (bad / path).open('a') as file:
            file.write(text)
    variables = {**fault.variables, **postgresql} if fault.variables else {}
    status, output = run(bad, 'check', '--deploy', '--format', 'json', **variables)
    problems = json.loads(output)
    ids = [problem['id'].removeprefix('colibris.') for problem in problems]
    assert ids == fault.found, problems
    assert status == any(identifier.startswith('E') for identifier in ids)
    assert all(problem['message'] for problem in problems)


def test_every_check_has_a_fault():
    listed = re.findall(r'^\| `colibris\.(\w+)`', PAGE.read_text(), re.MULTILINE)
    assert sorted({identifier for fault in FAULTS.values() for identifier in fault.found}) == sorted(listed)
