"""The page about security: its examples are executed, and its tables say what the code says."""

import inspect
import re
from pathlib import Path

from colibris.ratelimit.policy import KINDS
from colibris.ratelimit.redis import RedisBackend
from tests.acceptance.conftest import Environment
from tests.acceptance.outside import REPOSITORY
from tests.acceptance.tour import table_of, take_tour

PAGE = REPOSITORY / 'docs' / 'security.md'


def test_tour(environment: Environment, tmp_path: Path) -> None:
    take_tour(PAGE, environment.path / 'bin', tmp_path).check()


def test_links_lead_somewhere() -> None:
    links = re.findall(r'\]\(([^)#:]+)(?:#[^)]*)?\)', PAGE.read_text())
    assert links
    assert [link for link in links if not (PAGE.parent / link).exists()] == []


def test_what_counts_as_one_client() -> None:
    assert {row[0].split('`')[1] for row in table_of(PAGE, '`by`', 'One client is')} == set(KINDS)


def test_options() -> None:
    rows = table_of(PAGE, 'Option', 'Default', 'Meaning')
    documented = {
        name.strip('`'): default.strip('`')
        for names, defaults, _ in rows
        for name, default in zip(names.split(', '), defaults.split(', '), strict=True)
    }
    parameters = inspect.signature(RedisBackend).parameters.values()
    assert documented == {item.name: repr(item.default) for item in parameters}
