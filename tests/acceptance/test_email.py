"""The page about e-mail: its examples are executed, and its tables say what the code says."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from colibris.conf.backends import check_backend
from colibris.email import EmailBackend
from colibris.email.smtp import SMTPBackend
from colibris.utils.imports import import_string
from tests.acceptance.conftest import Environment
from tests.acceptance.outside import REPOSITORY
from tests.acceptance.tour import blocks_of, table_of, take_tour

PAGE = REPOSITORY / 'docs' / 'email.md'


def test_tour(environment: Environment, tmp_path: Path) -> None:
    environment.install('aiosmtplib', 'jinja2', 'babel')
    take_tour(PAGE, environment.path / 'bin', tmp_path).check()


def test_links_lead_somewhere() -> None:
    text = PAGE.read_text()
    titles = re.findall(r'^## (.+)$', text, re.MULTILINE)
    headings = {title.lower().replace(' ', '-').replace(',', '') for title in titles}
    links = re.findall(r'\]\(([^)]+)\)', text)
    assert {link[1:] for link in links if link.startswith('#')} == headings
    assert all((PAGE.parent / link).exists() for link in links if not link.startswith('#'))


@pytest.mark.parametrize(('header', 'backend'), [('Entry', EmailBackend), ('Option', SMTPBackend)])
def test_options(header: str, backend: type[Any]) -> None:
    documented = {row[0].strip('`'): row[1].strip('`') for row in table_of(PAGE, header, 'Default', 'Meaning')}
    own = [
        item
        for item in inspect.signature(backend.__init__).parameters.values()
        if item.name != 'self' and item.kind is not item.VAR_KEYWORD
    ]
    assert documented == {item.name: 'required' if item.default is item.empty else repr(item.default) for item in own}


def test_backends_exist() -> None:
    rows = table_of(PAGE, 'Backend of `colibris.email`', 'What it does with messages', 'For')
    paths = {row[0].strip('`') for row in rows}
    assert all(issubclass(import_string(f'colibris.email.{path}'), EmailBackend) for path in paths)
    assert len(paths) == 5


def test_settings() -> None:
    blocks = [block for block in blocks_of(PAGE) if block.language == 'py']
    assert len(blocks) == 2
    for block in blocks:
        names: dict[str, Any] = {}
        exec(block.text, names)
        assert check_backend(names['EMAIL'], EmailBackend) == []
