"""The page about authorization: its examples are executed, and its tables say what the code says."""

import inspect
import re
from pathlib import Path

import pytest

from colibris.authorization.rights import RightsBackend
from colibris.authorization.role import RoleBackend
from tests.acceptance.conftest import Environment
from tests.acceptance.outside import REPOSITORY
from tests.acceptance.tour import table_of, take_tour

PAGE = REPOSITORY / 'docs' / 'authorization.md'


def test_tour(environment: Environment, tmp_path: Path) -> None:
    tour = take_tour(PAGE, environment.path / 'bin', tmp_path)
    tour.check()


def test_links_lead_somewhere() -> None:
    links = re.findall(r'\]\(([^)#]+)', PAGE.read_text())
    assert links
    assert all((PAGE.parent / link).exists() for link in links)


@pytest.mark.parametrize(('heading', 'backend'), [('Roles', RoleBackend), ('Rights', RightsBackend)])
def test_options(tmp_path: Path, heading: str, backend: type) -> None:
    section = tmp_path / 'section.md'
    section.write_text(PAGE.read_text().partition(f'\n## {heading}\n')[2].partition('\n## ')[0])
    documented = {row[0].strip('`'): row[1].strip('`') for row in table_of(section, 'Option', 'Default', 'Meaning')}
    parameters = inspect.signature(backend).parameters.values()
    assert documented == {
        item.name: 'required' if item.default is item.empty else repr(item.default) for item in parameters
    }
