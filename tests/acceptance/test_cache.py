"""The page about the cache: its examples are executed, and its tables say what the code says."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from colibris.cache import CacheBackend
from colibris.cache.redis import RedisBackend
from tests.acceptance.conftest import Environment
from tests.acceptance.outside import REPOSITORY
from tests.acceptance.tour import blocks_of, table_of, take_tour

PAGE = REPOSITORY / 'docs' / 'cache.md'
TEXT = PAGE.read_text()


def test_tour(environment: Environment, tmp_path: Path) -> None:
    take_tour(PAGE, environment.path / 'bin', tmp_path).check()


def test_links_lead_somewhere() -> None:
    headings = {title.lower().replace(' ', '-') for title in re.findall(r'^## (.+)$', TEXT, re.MULTILINE)}
    links = re.findall(r'\]\(([^)]+)\)', TEXT)
    assert {link[1:] for link in links if link.startswith('#')} == headings
    assert all((PAGE.parent / link).exists() for link in links if not link.startswith('#'))


@pytest.mark.parametrize('backend', [RedisBackend, CacheBackend])
def test_tables(backend: type[Any]) -> None:
    tables = re.findall(r'^\| Entry \|.*?\n\n', TEXT + '\n', re.MULTILINE | re.DOTALL)
    described = [set(re.findall(r'`(\w+)`', ' '.join(re.findall(r'^\| ([^|]+) \|', table, re.M)))) for table in tables]
    own = {
        name
        for name, parameter in inspect.signature(backend.__init__).parameters.items()
        if name != 'self' and parameter.kind is not parameter.VAR_KEYWORD
    }
    assert described[0 if backend is RedisBackend else 1] == own


def test_settings() -> None:
    [block] = [block for block in blocks_of(PAGE) if block.language == 'py']
    names: dict[str, Any] = {}
    exec(block.text, names)
    assert names['CACHE'].pop('backend') == 'colibris.cache.redis.RedisBackend'
    RedisBackend(**names['CACHE'])


def test_defaults() -> None:
    rows = dict(row[:2] for row in table_of(PAGE, 'Entry', 'Default', 'Meaning'))
    defaults = {name: item.default for name, item in inspect.signature(RedisBackend.__init__).parameters.items()}
    for name in ('timeout', 'retry_interval', 'log_interval', 'pool_size', 'db', 'cluster'):
        assert rows[f'`{name}`'] == f'`{defaults[name]}`'
