"""``manage.py loaddata``."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from colibris.commands.base import BaseCommand, CommandError

__all__ = ['LoadDataCommand']


class LoadDataCommand(BaseCommand):
    """Insert the rows that `dumpdata` has written, all or none."""

    name = 'loaddata'

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where from."""
        parser.add_argument('file', metavar='FILE', help='the file; - is standard input')

    def handle(self, options: Namespace) -> None:
        """Insert the rows."""
        from colibris.conf import settings
        from colibris.persist import get_database, models_of
        from colibris.persist.tools import Progress, Tables, load

        database = get_database()
        database.check_connectivity()
        tables = Tables(database, models_of(settings.PROJECT_PACKAGE_NAME))
        with _opened(options.file) as (file, total), Progress(total) as progress:
            count = load(tables, file, lambda rows, size: progress.show(size, f'{rows:,} rows'))
        print(f'Loaded {count:,} rows.')


@contextmanager
def _opened(name: str) -> Iterator[tuple[BinaryIO, int]]:
    """The file, and its size in bytes."""
    if name == '-':
        yield sys.stdin.buffer, 0
        return
    path = Path(name)
    try:
        with path.open('rb') as file:
            yield file, path.stat().st_size
    except OSError as exc:
        raise CommandError(f'cannot read {path}: {exc.strerror}') from exc
