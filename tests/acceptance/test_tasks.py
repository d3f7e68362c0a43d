"""The page about background tasks: its examples are executed, and its tables say what the code says."""

import argparse
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from colibris.commands.builtin.runworker import RunWorkerCommand
from colibris.taskqueue import TaskQueueBackend, task
from colibris.taskqueue.rq import RQBackend
from tests.acceptance.conftest import Environment
from tests.acceptance.outside import REPOSITORY
from tests.acceptance.tour import blocks_of, table_of, take_tour
from tests.services import RedisServer, running

PAGE = REPOSITORY / 'docs' / 'tasks.md'
TEXT = PAGE.read_text()


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Path]:
    """The page with the address of a Redis that is there."""
    with running(RedisServer) as [server]:
        url = urlsplit(server.url)
        text = TEXT.replace("'port': 6379", f"'port': {url.port}").replace('yourpassword', url.password or '')
        path = tmp_path / 'page' / 'tasks.md'
        path.parent.mkdir()
        path.write_text(text)
        yield path


def test_tour(page: Path, environment: Environment, tmp_path: Path) -> None:
    environment.install('croniter', 'redis', 'rich', 'rq')
    directory = tmp_path / 'tour'
    directory.mkdir()
    take_tour(page, environment.path / 'bin', directory).check()
    worker_log = (directory / 'worker.log').read_text()
    assert 'task bakery.tasks.bake' in worker_log
    assert 'Traceback' not in worker_log


def test_links_lead_somewhere() -> None:
    headings = {title.lower().replace(' ', '-') for title in re.findall(r'^## (.+)$', TEXT, re.MULTILINE)}
    links = re.findall(r'\]\(([^)]+)\)', TEXT)
    assert {link[1:] for link in links if link.startswith('#')} == headings
    assert all((PAGE.parent / link).exists() for link in links if not link.startswith('#'))


def test_entries() -> None:
    tables = re.findall(r'^\| Entry \|.*?\n\n', TEXT, re.MULTILINE | re.DOTALL)
    assert [entries_of(table) for table in tables] == [
        defaults_of(RQBackend.__init__, apart_from=TaskQueueBackend.__init__),
        defaults_of(TaskQueueBackend.__init__),
    ]


def test_options_of_tasks() -> None:
    described = {row[0].strip('`'): row[1].strip('`') for row in table_of(PAGE, 'Option', 'Default', 'Meaning')}
    assert described == defaults_of(task)


def test_options_of_workers() -> None:
    parser = argparse.ArgumentParser(add_help=False)
    RunWorkerCommand().add_arguments(parser)
    rows = table_of(PAGE, 'Option of `manage.py runworker`', 'Meaning')
    assert {row[0].strip('`').partition(' ')[0] for row in rows} == set(parser._option_string_actions)


def test_settings() -> None:
    [block] = [block for block in blocks_of(PAGE) if block.path == 'bakery/settings.py']
    names: dict[str, Any] = {}
    exec(block.content, names)
    assert names['TASK_QUEUE'].pop('backend') == 'colibris.taskqueue.rq.RQBackend'
    RQBackend(**names['TASK_QUEUE'])


def entries_of(table: str) -> dict[str, str]:
    """Each entry of a table with its default; a row may hold several."""
    rows = re.findall(r'^\| ([^|]+) \| ([^|]+) \|', table, re.MULTILINE)[1:]
    found: dict[str, str] = {}
    for names, defaults in rows:
        keys, values = re.findall(r'`(\w+)`', names), re.findall(r'`(.+?)`', defaults)
        found |= dict(zip(keys, values * (len(keys) if len(values) == 1 else 1), strict=True))
    return found


def defaults_of(function: Any, apart_from: Any = None) -> dict[str, str]:
    """The keyword arguments of a function and their defaults; where the address is, Redis' own."""
    shared = inspect.signature(apart_from).parameters if apart_from else {}
    address = {'host': '127.0.0.1', 'port': 6379, 'db': 0}
    return {
        name: repr(address.get(name, item.default))
        for name, item in inspect.signature(function).parameters.items()
        if item.kind is item.KEYWORD_ONLY and name not in shared
    }
