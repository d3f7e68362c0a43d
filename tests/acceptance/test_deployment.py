"""The page about deployment: its commands are executed, and its tables say what the files say."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.acceptance.conftest import Environment
from tests.acceptance.outside import REPOSITORY
from tests.acceptance.tour import Tour, blocks_of, table_of, take_tour
from tests.deployment import files
from tests.services import PASSWORD, USERNAME, PostgreSQLServer, RedisServer, Server, running

PAGE = REPOSITORY / 'docs' / 'deployment.md'
SECONDS = ('', '`SHUTDOWN_DELAY`', '`SHUTDOWN_TIMEOUT`', 'Waits')


@pytest.fixture(scope='module')
def servers() -> Iterator[tuple[Server, Server]]:
    with running(PostgreSQLServer, RedisServer) as (postgresql, redis):
        with psycopg.connect(f'{postgresql.url}/postgres', autocommit=True) as connection:
            connection.execute('CREATE DATABASE harbour')
        yield postgresql, redis


@pytest.fixture(scope='module')
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp('deployment')


@pytest.fixture(scope='module')
def tour(servers: tuple[Server, Server], wheel: Path, environment: Environment, place: Path) -> Tour:
    """The page, done by somebody whose pip finds this checkout's colibris, and whose servers have other ports."""
    postgresql, redis = servers
    (place / 'constraint.txt').write_text(f'colibris == {wheel.name.split("-")[1]}')
    return take_tour(
        PAGE,
        environment.path / 'bin',
        place,
        PIP_CONSTRAINT=str(place / 'constraint.txt'),
        PIP_DISABLE_PIP_VERSION_CHECK='1',
        PIP_FIND_LINKS=f'{wheel.parent} {os.environ.get("PIP_FIND_LINKS", "")}',
        DATABASE_PORT=str(postgresql.port),
        DATABASE_USERNAME=USERNAME,
        DATABASE_PASSWORD=PASSWORD,
        CACHE_PORT=str(redis.port),
        CACHE_PASSWORD=PASSWORD,
        TASK_QUEUE_PORT=str(redis.port),
        TASK_QUEUE_PASSWORD=PASSWORD,
    )


def test_everything_printed_is_as_the_page_says(tour: Tour) -> None:
    tour.check()


def test_two_processes_serve(tour: Tour) -> None:
    assert len(set(re.findall(r'Booting worker with pid: (\d+)', tour.log))) == 2


def test_the_installed_project_is_complete(tour: Tour, place: Path) -> None:
    """What is installed elsewhere is what the project has, without the tests' caches."""
    (installed,) = (place / 'opt' / 'harbour' / 'lib').glob('python*/site-packages/harbour')
    assert python_files(installed) == python_files(place / 'harbour' / 'harbour')
    for name in ('.env.default', 'static/logo.svg'):
        assert (installed / name).read_bytes() == (place / 'harbour' / 'harbour' / name).read_bytes()


def test_compose_has_its_secrets(tour: Tour, place: Path) -> None:
    text = (place / 'harbour' / 'docker-compose.yml').read_text()
    said = {line.partition('=')[0] for line in (place / 'harbour' / '.env').read_text().splitlines()}
    assert set(re.findall(r'\$\{(\w+)', text)) <= said


def test_the_table_of_files(tour: Tour, place: Path) -> None:
    named = [cells[0].strip('`') for cells in table_of(PAGE, 'File', 'For')]
    assert all((place / 'harbour' / name).exists() for name in named)
    assert {name for name in named if name.startswith('deploy/')} == {
        f'deploy/{path.name}{"/" * path.is_dir()}' for path in (place / 'harbour' / 'deploy').iterdir()
    }


def test_the_table_of_units(tour: Tour, place: Path) -> None:
    named = [cells[0].strip('`') for cells in table_of(PAGE, 'Unit', 'What it does')]
    directory = place / 'harbour' / 'deploy' / 'systemd'
    assert sorted(named) == sorted(str(path.relative_to(directory)) for path in directory.rglob('*') if path.is_file())


def test_the_table_of_seconds(tour: Tour, place: Path) -> None:
    rows = {cells[0]: tuple(map(int, cells[1:])) for cells in table_of(PAGE, *SECONDS)}
    root = place / 'harbour'
    assert rows == {
        'Compose, `stop_grace_period`': files.grace_of_compose(root),
        'systemd, `TimeoutStopSec`': files.grace_of_systemd(root, 'harbour'),
        'Kubernetes, `terminationGracePeriodSeconds`': files.grace_of_kubernetes(root),
    }


def test_commands_that_are_not_run(tour: Tour, place: Path) -> None:
    """They name files, targets and units that are there."""
    root = place / 'harbour'
    text = '\n'.join(block.text for block in blocks_of(PAGE) if block.language == 'sh')
    assert set(re.findall(r'--target (\w+)', text)) == {'server', 'worker'} <= set(files.stages(root))
    assert all((root / name).exists() for name in re.findall(r'(?<![/\w])deploy/[\w./]+', text))
    units = re.search(r'enable --now (.*)', text)
    assert units
    assert {name if '.' in name else f'{name}.service' for name in units[1].split()} <= set(files.units(root))
    assert set(re.findall(r'logs --follow (\w+) (\w+)', text)[0]) <= set(files.compose(root)['services'])


def test_the_procfile(tour: Tour, place: Path) -> None:
    assert (place / 'harbour' / 'Procfile').read_text() in PAGE.read_text()


def python_files(directory: Path) -> dict[str, str]:
    return {str(path.relative_to(directory)): path.read_text() for path in directory.rglob('*.py')}
