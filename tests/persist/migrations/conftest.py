from collections.abc import Iterator
from pathlib import Path

import pytest

from .workbench import ENGINES, SERVERS, SQLiteServer, Workbench


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def workbench(engine: str, tmp_path: Path) -> Iterator[Workbench]:
    bench = Workbench(engine, SERVERS[engine](tmp_path), tmp_path / 'migrations')
    yield bench
    bench.database.close()


@pytest.fixture
def sqlite_bench(tmp_path: Path) -> Iterator[Workbench]:
    bench = Workbench('sqlite', SQLiteServer(tmp_path), tmp_path / 'migrations')
    yield bench
    bench.database.close()
