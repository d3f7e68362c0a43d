"""The README's tour, executed from its first line to its last."""

from pathlib import Path

from tests.acceptance.conftest import Environment
from tests.acceptance.outside import REPOSITORY
from tests.acceptance.tour import take_tour


def test_tour(environment: Environment, tmp_path: Path) -> None:
    tour = take_tour(REPOSITORY / 'README.md', environment.path / 'bin', tmp_path)
    tour.check()
    assert ' passed' in tour.outputs[len(tour.blocks) - 1]
    assert {block.language for block in tour.blocks} == {'bash', 'python', 'json'}
