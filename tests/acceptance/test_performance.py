"""The page about performance: its example is executed, and its table names every hook."""

import re
from pathlib import Path

from colibris.views.plans import HOOKS
from tests.acceptance.conftest import Environment
from tests.acceptance.outside import REPOSITORY
from tests.acceptance.tour import table_of, take_tour

PAGE = REPOSITORY / 'docs' / 'performance.md'


def test_tour(environment: Environment, tmp_path: Path) -> None:
    take_tour(PAGE, environment.path / 'bin', tmp_path).check()


def test_every_hook_of_the_plan_is_in_the_table() -> None:
    rows = table_of(PAGE, 'You write', 'What goes back to the general way')
    assert set(HOOKS) <= {name for row in rows for name in re.findall(r'`(\w+)`', row[0])}
