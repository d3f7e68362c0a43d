"""The page about templates: its examples are executed, and its table says what the code says."""

import inspect
import re
from pathlib import Path

from colibris.template.jinja2 import Jinja2Backend
from tests.acceptance.conftest import Environment
from tests.acceptance.outside import REPOSITORY
from tests.acceptance.tour import table_of, take_tour

PAGE = REPOSITORY / 'docs' / 'templates.md'


def test_tour(environment: Environment, tmp_path: Path) -> None:
    environment.install('babel', 'jinja2')
    take_tour(PAGE, environment.path / 'bin', tmp_path).check()


def test_links_lead_somewhere() -> None:
    text = PAGE.read_text()
    headings = {title.lower().replace(' ', '-') for title in re.findall(r'^## (.+)$', text, re.MULTILINE)}
    links = re.findall(r'\]\(([^)]+)\)', text)
    assert {link[1:] for link in links if link.startswith('#')} == headings
    assert all((PAGE.parent / link).exists() for link in links if not link.startswith('#'))


def test_options() -> None:
    documented = {row[0].strip('`'): row[1].strip('`') for row in table_of(PAGE, 'Entry', 'Default', 'Meaning')}
    parameters = inspect.signature(Jinja2Backend).parameters.values()
    assert documented == {item.name: repr(item.default) for item in parameters}
