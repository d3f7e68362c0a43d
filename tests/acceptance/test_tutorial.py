"""The tutorial, from an empty directory to the service in production, command by command as the page has them."""

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import redis

from tests.acceptance.outside import REPOSITORY
from tests.acceptance.tour import Tour, take_tour
from tests.services import PASSWORD, USERNAME, PostgreSQLServer, RedisServer, running

PAGE = REPOSITORY / 'docs' / 'tutorial.md'


@dataclass
class Production:
    """The servers that the tutorial's service runs on, and the page with their addresses."""

    postgresql: PostgreSQLServer
    redis: RedisServer

    @property
    def text(self) -> str:
        text = PAGE.read_text()
        for usual, here in {
            'psql -q -h 127.0.0.1 -U postgres': f'psql -q -h 127.0.0.1 -p {self.postgresql.port} -U {USERNAME}',
            'DATABASE_PORT=5432': f'DATABASE_PORT={self.postgresql.port}',
            'CACHE_PORT=6379': f'CACHE_PORT={self.redis.port}\nCACHE_PASSWORD={PASSWORD}',
            'TASK_QUEUE_PORT=6379': f'TASK_QUEUE_PORT={self.redis.port}\nTASK_QUEUE_PASSWORD={PASSWORD}',
        }.items():
            assert usual in text
            text = text.replace(usual, here)
        return text


@pytest.fixture(scope='module')
def production() -> Iterator[Production]:
    with running(PostgreSQLServer, RedisServer) as servers:
        yield Production(*servers)


@pytest.fixture(scope='module')
def tour(production: Production, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Tour:
    """The tutorial, done by somebody whose pip finds this checkout's colibris."""
    page = tmp_path_factory.mktemp('page') / 'tutorial.md'
    page.write_text(production.text)
    constraint = page.with_name('constraint.txt')
    constraint.write_text(f'colibris == {wheel.name.split("-")[1]}')
    return take_tour(
        page,
        Path(sys.executable).parent,
        tmp_path_factory.mktemp('tutorial'),
        PIP_CONSTRAINT=str(constraint),
        PIP_DISABLE_PIP_VERSION_CHECK='1',
        PIP_NO_COMPILE='1',
        PIP_FIND_LINKS=f'{wheel.parent} {os.environ.get("PIP_FIND_LINKS", "")}',
        PGPASSWORD=PASSWORD,
        PGDATABASE='postgres',
        SHUTDOWN_DELAY='0',
    )


def test_everything_printed_and_logged_is_as_the_page_says(tour: Tour) -> None:
    tour.check()
    assert {block.language for block in tour.blocks} == {'bash', 'diff', 'log', 'python', 'text'}


def test_it_ends_on_postgresql_and_redis_with_two_workers(tour: Tour, production: Production) -> None:
    address = f'postgresql://depot:carry-on@127.0.0.1:{production.postgresql.port}/depot'
    with psycopg.connect(address) as database:
        rows = database.execute('SELECT number FROM parcel WHERE is_shop_told ORDER BY id').fetchall()
    assert rows == [('C-3',), ('C-4',)]
    for number in (0, 1):
        with redis.Redis.from_url(f'{production.redis.url}/{number}') as store:
            assert store.dbsize(), 'Redis has what is cached, and the tasks'
    assert len(set(re.findall(r'Booting worker with pid: (\d+)', tour.log))) == 2
