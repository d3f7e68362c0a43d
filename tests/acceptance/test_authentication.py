"""The page about authentication: its examples are executed, and its tables say what the code says."""

import inspect
import re
from pathlib import Path

import pytest

from colibris.authentication.jwks import JWKSBackend
from colibris.authentication.jwt import JWTBackend
from colibris.authentication.session import SessionBackend
from tests.acceptance.conftest import Environment
from tests.acceptance.outside import REPOSITORY
from tests.acceptance.tour import table_of, take_tour

PAGE = REPOSITORY / 'docs' / 'authentication.md'


def test_tour(environment: Environment, tmp_path: Path) -> None:
    tour = take_tour(PAGE, environment.path / 'bin', tmp_path)
    tour.check()


def test_links_lead_somewhere() -> None:
    links = re.findall(r'\]\(([^)#]+)\)', PAGE.read_text())
    assert links
    assert all((PAGE.parent / link).exists() for link in links)


@pytest.mark.parametrize(
    ('heading', 'backend'),
    [('Tokens', JWTBackend), ('Sessions', SessionBackend), ('Tokens of an OpenID provider', JWKSBackend)],
)
def test_options(tmp_path: Path, heading: str, backend: type) -> None:
    section = tmp_path / 'section.md'
    section.write_text(PAGE.read_text().partition(f'\n## {heading}\n')[2].partition('\n## ')[0])
    rows = table_of(section, 'Option', 'Default', 'Meaning')
    documented = {name.strip('`'): row[1].strip('`') for row in rows for name in row[0].split(', ')}
    parameters = inspect.signature(backend).parameters.values()
    defaults = {item.name: 'required' if item.default is item.empty else repr(item.default) for item in parameters}
    assert documented == {**defaults, 'identity_field': 'the primary key'}


def test_every_backend_is_listed() -> None:
    listed = {
        row[0].strip('`')
        for row in table_of(PAGE, 'Backend of `colibris.authentication`', 'What a client shows', 'For')
    }
    assert listed == {
        'apikey.APIKeyBackend', 'chain.ChainBackend', 'jwks.JWKSBackend', 'jwt.JWTBackend', 'null.NullBackend',
        'session.SessionBackend',
    }  # fmt: skip
