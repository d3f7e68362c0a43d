"""What the template of colibris gives; tests/acceptance/ runs it."""

import os
import re
import subprocess
import sys
import tomllib

import pytest

from colibris.startproject import main
from colibris.startproject.template import default_template

FILES = {
    *('.dockerignore', '.env', '.gitignore', 'Dockerfile', 'Pipfile', 'README.md', 'docker-compose.yml', 'setup.py'),
    *('myproject/.env.default', 'myproject/__init__.py', 'myproject/app.py', 'myproject/commands.py'),
    *('myproject/constants.py', 'myproject/manage.py', 'myproject/models.py', 'myproject/routes.py'),
    *('myproject/schemas.py', 'myproject/settings.py', 'myproject/views.py'),
    *('myproject/migrations/0001_initial.py', 'myproject/migrations/__init__.py'),
    *('myproject/static/logo.svg', 'myproject/templates/.gitkeep'),
    *('myproject/tests/__init__.py', 'myproject/tests/fixtures.py', 'myproject/tests/test_commands.py'),
    *('myproject/tests/test_health.py', 'myproject/tests/test_permissions.py', 'myproject/tests/test_public.py'),
    *('myproject/tests/test_users.py', 'Procfile', 'deploy/settings.yml'),
    *(f'deploy/kubernetes/{name}.yaml' for name in ('config', 'migrate', 'scheduler', 'server', 'worker')),
    *(f'deploy/systemd/my-project-{name}.service' for name in ('migrate', 'scheduler', 'server', 'worker')),
    *('deploy/systemd/my-project-.service.d/common.conf', 'deploy/systemd/my-project-server.socket'),
}


@pytest.fixture
def project(place):
    assert main(['my-project']) == 0
    return place / 'my-project'


def ruff(*arguments):
    command = [sys.executable, '-m', 'ruff', *arguments, '--isolated', '--no-cache', '--line-length=120']
    return subprocess.run(command, capture_output=True, text=True)


def git(project, *arguments):
    return subprocess.run(['git', *arguments], cwd=project, capture_output=True, text=True, check=True).stdout


def test_files(project):
    assert {str(path.relative_to(project)) for path in project.rglob('*') if path.is_file()} == FILES


def test_no_placeholder_is_left(project):
    for path in project.rglob('*'):
        assert not re.search('__(packagename|projectname|colibrisversion|secretkey)__', path.name)
        if path.is_file():
            assert not re.search(b'__(packagename|projectname|colibrisversion|secretkey)__', path.read_bytes())


@pytest.mark.parametrize('source', ['template', 'project'])
def test_python_is_valid(project, source):
    directory = default_template() if source == 'template' else project
    for path in directory.rglob('*.py'):
        compile(path.read_text(), path, 'exec')


@pytest.mark.parametrize('rules', [[], ['--extend-select=I,B,UP,SIM,PERF,PIE,RET,TC']])
def test_ruff_finds_nothing(project, rules):
    result = ruff('check', *rules, str(project))
    assert result.returncode == 0, result.stdout


def test_ruff_would_format_nothing(project):
    result = ruff('format', '--check', '--diff', "--config=format.quote-style='single'", str(project))
    assert result.returncode == 0, result.stdout


def test_executable(project):
    assert [path.name for path in project.rglob('*') if path.is_file() and os.access(path, os.X_OK)] == ['manage.py']


def test_git_ignores_secrets_and_the_database(project):
    (project / 'myproject.db').touch()
    git(project, 'init', '--quiet')
    git(project, 'add', '.')
    assert set(git(project, 'ls-files').splitlines()) == FILES - {'.env'}


def test_pipfile(project):
    pipfile = tomllib.loads((project / 'Pipfile').read_text())
    assert set(pipfile) == {'packages', 'dev-packages'}
    assert set(pipfile['packages']) == set(pipfile['dev-packages']) == {'my-project'}


SETUP = """
import runpy, sys, types
setup, find_packages = lambda **arguments: print(arguments), lambda include: include
sys.modules['setuptools'] = types.SimpleNamespace(setup=setup, find_packages=find_packages)
runpy.run_path('setup.py')
"""


def test_setup(project):
    """What setup.py tells setuptools; tests/acceptance/ installs a project."""
    command = [sys.executable, '-c', SETUP]
    arguments = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True).stdout
    for expected in (
        "'name': 'my-project'",
        "'version': '0.1.0'",
        "'packages': ['myproject', 'myproject.*']",
        "'console_scripts': ['my-project = myproject.manage:run']",
    ):
        assert expected in arguments


@pytest.mark.parametrize('directory', ['.', 'my-project', 'my-project/myproject', '/'])
def test_manage_works_from_any_directory(project, place, directory):
    """Modules of the package that are named like modules of the standard library are in nobody's way."""
    for name in ('argparse', 'json', 'logging', 'typing'):
        (project / 'myproject' / f'{name}.py').write_text('raise SystemExit("shadowed")\n')

    result = subprocess.run([sys.executable, project / 'myproject' / 'manage.py', 'shell', '-c', 'print(User)'],
                            cwd=place / directory, capture_output=True, text=True)  # fmt: skip
    assert (result.returncode, result.stdout, result.stderr) == (0, '<Model: User>\n', '')


def test_manage_through_a_link(project, place):
    (place / 'link').symlink_to(project / 'myproject' / 'manage.py')
    result = subprocess.run([sys.executable, 'link', 'shell', '-c', 'print(User)'], capture_output=True, text=True)
    assert (result.returncode, result.stdout, result.stderr) == (0, '<Model: User>\n', '')
