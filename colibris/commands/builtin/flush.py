"""``manage.py flush``."""

import sys
from argparse import ArgumentParser, Namespace

from colibris.commands.base import BaseCommand, CommandError

__all__ = ['FlushCommand']


class FlushCommand(BaseCommand):
    """Delete every row of the project's tables."""

    name = 'flush'

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The answer for scripts."""
        parser.add_argument('-y', '--yes', action='store_true', help='do not ask')

    def handle(self, options: Namespace) -> None:
        """Say what goes, ask, and delete."""
        from colibris.conf import settings
        from colibris.persist import get_database, models_of
        from colibris.persist.tools import Tables, count_rows, flush

        database = get_database()
        database.check_connectivity()
        tables = Tables(database, models_of(settings.PROJECT_PACKAGE_NAME))
        counts = count_rows(tables)
        _describe(str(database.database), counts)
        if not options.yes:
            _ask()
        flush(tables)
        print(f'Deleted {sum(counts.values()):,} rows.')


def _describe(database: str, counts: dict[str, int]) -> None:
    print(f'All rows of these tables of the database {database} go:')
    width = max(map(len, counts), default=0)
    for table, count in sorted(counts.items()):
        print(f'  {table:<{width}}  {count:>12,}')
    sys.stdout.flush()


def _ask() -> None:
    if not (sys.stdin and sys.stdin.isatty()):
        raise CommandError('nothing is deleted: there is no terminal to ask on; --yes answers in scripts')
    try:
        answer = input("Type 'yes' to delete them: ")
    except EOFError:
        answer = ''
    if answer.strip().lower() != 'yes':
        raise CommandError('nothing is deleted')
