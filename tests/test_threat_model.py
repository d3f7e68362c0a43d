"""docs/threat-model.md names tests that exist, for every point of the list."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / 'docs' / 'threat-model.md').read_text()
POINTS = dict(re.findall(r'^## (API\d+: .+?)\n(.*?)(?=^## )', PAGE, re.MULTILINE | re.DOTALL))
NAMED = re.findall(r'`(tests/[\w/]+\.py)::(\w+)`', PAGE)


def test_every_point_is_there() -> None:
    assert [title.partition(':')[0] for title in POINTS] == [f'API{number}' for number in range(1, 11)]


@pytest.mark.parametrize('point', POINTS)
def test_each_says_what_is_done_what_is_left_and_which_tests_show_it(point: str) -> None:
    for part in ('By itself', 'Left to you', 'Tests'):
        assert f'\n**{part}.** ' in POINTS[point]
    assert re.search(r'`tests/[\w/]+\.py::\w+`', POINTS[point].partition('**Tests.**')[2])


@pytest.mark.parametrize(('path', 'name'), sorted(set(NAMED)))
def test_named_tests_exist(path: str, name: str) -> None:
    module = ast.parse((ROOT / path).read_text())
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    assert name in {node.name for node in module.body if isinstance(node, kinds)}


def test_links_lead_somewhere() -> None:
    links = re.findall(r'\]\(([^)#:]+)\)', PAGE)
    assert links
    assert [link for link in links if not (ROOT / 'docs' / link).exists()] == []
