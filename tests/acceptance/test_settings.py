"""The page about settings: its examples are executed; tests/test_settings_page.py looks at its table."""

from pathlib import Path

from tests.acceptance.conftest import Environment
from tests.acceptance.outside import REPOSITORY
from tests.acceptance.tour import take_tour


def test_tour(environment: Environment, tmp_path: Path) -> None:
    take_tour(REPOSITORY / 'docs' / 'settings.md', environment.path / 'bin', tmp_path).check()
