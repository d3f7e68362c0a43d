"""``manage.py dumpdata``."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from colibris.commands.base import BaseCommand
from colibris.commands.files import opened_for_writing

if TYPE_CHECKING:
    from colibris.persist.tools import Progress

__all__ = ['DumpDataCommand']


class DumpDataCommand(BaseCommand):
    """Write the rows of the project's tables as JSON lines."""

    name = 'dumpdata'

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which tables, and where to."""
        parser.add_argument('tables', nargs='*', metavar='table', help='only these (default: the tables of all models)')
        parser.add_argument('-o', '--output', type=Path, metavar='FILE', help='write into this file instead')

    def handle(self, options: Namespace) -> None:
        """Write the rows."""
        from colibris.conf import settings
        from colibris.persist import get_database, models_of
        from colibris.persist.tools import Progress, Tables, dump

        database = get_database()
        database.check_connectivity()
        tables = Tables(database, models_of(settings.PROJECT_PACKAGE_NAME))
        chosen = tables.choose(options.tables)
        total = sum(model.select().count() for model in chosen) if sys.stderr.isatty() else 0
        with (
            opened_for_writing(options.output) as file,
            Progress(total, is_visible=not file.isatty()) as progress,
            closing(dump(tables, options.tables)) as lines,  # a reader that leaves ends the transaction too
        ):
            count = _write(lines, file, progress)
        print(f'Dumped {count:,} rows.', file=sys.stderr)


def _write(lines: Iterable[str], file: TextIO, progress: 'Progress') -> int:
    count = 0
    for line in lines:
        file.write(line)
        count += 1
        progress.show(count, f'{count:,} rows')
    return count
