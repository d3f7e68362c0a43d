"""A wheel, an environment that it is installed in, a project generated there, and the project's server."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.acceptance.outside import REPOSITORY, Client, Server, run
from tests.browser import browser

__all__ = ['browser']

collect_ignore = ['reference_app']


@dataclass
class Environment:
    """A virtual environment."""

    path: Path

    @property
    def python(self) -> Path:
        return self.path / 'bin' / 'python'

    def install(self, *requirements: str | Path) -> None:
        run(self.python, '-m', 'pip', 'install', '-qq', '--disable-pip-version-check', *requirements)

    @classmethod
    def create(cls, path: Path, python: str) -> 'Environment':
        run(python, '-m', 'venv', path)
        return cls(path)


@dataclass
class Project:
    """A generated project."""

    path: Path
    environment: Environment

    @classmethod
    def generate(cls, directory: Path, environment: Environment) -> 'Project':
        run(environment.path / 'bin' / 'colibris-start-project', 'my-project', cwd=directory)
        return cls(directory / 'my-project', environment)

    @property
    def manage_py(self) -> Path:
        return self.path / 'myproject' / 'manage.py'

    def manage(self, *arguments: str, check: bool = True, **variables: str) -> str:
        return run(self.environment.python, self.manage_py, *arguments, cwd=self.path, check=check, **variables).stdout

    def serve(self, **variables: str) -> Server:
        return Server(self.environment.python, self.manage_py, cwd=self.path, **variables)


@pytest.fixture(scope='session')
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, built from a copy of the checkout."""
    directory = tmp_path_factory.mktemp('wheel')
    source = copy_of_checkout(directory / 'source')
    run(sys.executable, '-m', 'pip', 'wheel', '-qq', '--no-deps', '--wheel-dir', directory, source)
    return next(directory.glob('*.whl'))


@pytest.fixture(scope='session')
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with the wheel and what running tests needs."""
    environment = Environment.create(tmp_path_factory.mktemp('environment') / 'venv', sys.executable)
    environment.install(f'{wheel}[test]')
    return environment


@pytest.fixture(scope='session')
def project(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A freshly generated project with its database migrated."""
    project = Project.generate(tmp_path_factory.mktemp('projects'), environment)
    project.manage('migrate')
    return project


@pytest.fixture(scope='session')
def admin_key(project: Project) -> str:
    """The API key of an administrator."""
    return project.manage('adduser', 'admin', '--role', 'admin').strip()


@pytest.fixture(scope='session')
def server(project: Project) -> Iterator[Server]:
    """The project's server."""
    server = project.serve()
    yield server
    server.stop()


@pytest.fixture
def anonymous(server: Server) -> Client:
    """A client without credentials."""
    return server.client


@pytest.fixture
def admin(server: Server, admin_key: str) -> Client:
    """A client with the administrator's key."""
    return server.client.with_key(admin_key)


def copy_of_checkout(target: Path) -> Path:
    """Copy what git tracks, or would track, as a fresh clone has it."""
    listed = run('git', 'ls-files', '--cached', '--others', '--exclude-standard', '-z', cwd=REPOSITORY).stdout
    for name in filter(None, listed.split('\0')):
        source, copy = REPOSITORY / name, target / name
        if source.is_file():
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(source.read_bytes())
            copy.chmod(source.stat().st_mode)
    return target
