"""The page about accounts: its examples are executed, and its tables say what the code says."""

import inspect
import re
from pathlib import Path

from colibris.accounts import AccountsBackend
from colibris.authentication.passwords.argon2 import Argon2Hasher
from colibris.authentication.passwords.scrypt import ScryptHasher
from tests.acceptance.conftest import Environment
from tests.acceptance.outside import REPOSITORY
from tests.acceptance.tour import table_of, take_tour

PAGE = REPOSITORY / 'docs' / 'accounts.md'


def test_tour(environment: Environment, tmp_path: Path) -> None:
    environment.install('argon2-cffi')
    tour = take_tour(PAGE, environment.path / 'bin', tmp_path)
    tour.check()


def test_links_lead_somewhere() -> None:
    links = re.findall(r'\]\(([^)#]+)', PAGE.read_text())
    assert links
    assert all((PAGE.parent / link).exists() for link in links)


def test_options() -> None:
    documented = {row[0].strip('`'): row[1].strip('`') for row in table_of(PAGE, 'Option', 'Default', 'Meaning')}
    assert documented == defaults_of(AccountsBackend)


def test_hashers() -> None:
    rows = dict(table_of(PAGE, 'Hasher of `colibris.authentication.passwords`', 'Options'))
    for name, hasher in (('argon2.Argon2Hasher', Argon2Hasher), ('scrypt.ScryptHasher', ScryptHasher)):
        documented = dict(text.split('=') for text in re.findall(r'`(\w+=\d+)`', rows[f'`{name}`']))
        assert documented == defaults_of(hasher)


def defaults_of(backend: type) -> dict[str, str]:
    parameters = inspect.signature(backend).parameters.values()
    return {item.name: 'required' if item.default is item.empty else repr(item.default) for item in parameters}
