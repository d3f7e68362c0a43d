"""The page about checks: its examples are executed, and it lists every check."""

import re
from pathlib import Path

import colibris
from tests.acceptance.conftest import Environment
from tests.acceptance.outside import REPOSITORY
from tests.acceptance.tour import take_tour

PAGE = REPOSITORY / 'docs' / 'checks.md'
ID = r'colibris\.[EW]\d{3}'


def test_tour(environment: Environment, tmp_path: Path) -> None:
    take_tour(PAGE, environment.path / 'bin', tmp_path).check()


def test_every_id_is_listed() -> None:
    package = Path(colibris.__file__).parent
    sources = [*(package / 'checks' / 'builtin').glob('*.py'), package / 'commands' / 'builtin' / 'check.py']
    used = {each for path in sources for each in re.findall(f"'({ID})'", path.read_text())}
    assert re.findall(f'^\\| `({ID})`', PAGE.read_text(), re.MULTILINE) == sorted(used)
