"""The page about serving: its examples are executed, and its options are those of the command."""

import re
import sys
from argparse import ArgumentParser
from pathlib import Path

from colibris.commands.builtin.runserver import RunServerCommand
from tests.acceptance.outside import REPOSITORY
from tests.acceptance.tour import table_of, take_tour

PAGE = REPOSITORY / 'docs' / 'serving.md'


def test_tour(tmp_path: Path) -> None:
    """In the environment of the tests, which has colibris[serve]."""
    take_tour(PAGE, Path(sys.executable).parent, tmp_path).check()


def test_options() -> None:
    parser = ArgumentParser(add_help=False)
    RunServerCommand().add_arguments(parser)
    documented = re.findall(r'--[\w-]+', ' '.join(row[0] for row in table_of(PAGE, 'Option', 'Meaning')))
    assert sorted(documented) == sorted(option for action in parser._actions for option in action.option_strings)
