"""`makemigrations`: write what changed in the models as a migration file."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colibris.commands.base import BaseCommand, CommandError

if TYPE_CHECKING:
    from colibris.persist.migrations import Draft


class MakeMigrationsCommand(BaseCommand):
    """Compares the models with the migration files and writes the next file; needs no database."""

    name = 'makemigrations'
    help = 'write a migration for what changed in the models'

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the name, the ways to only look, and the answers for scripts."""
        parser.add_argument('migration_name', nargs='?', metavar='name', help='what the migration is called')
        parser.add_argument('--check', action='store_true', help='write nothing; exit with 1 if a migration is missing')
        parser.add_argument('--dry-run', action='store_true', help='print the file instead of writing it')
        parser.add_argument('--empty', action='store_true', help='write a migration to be filled by hand')
        parser.add_argument(
            '--rename',
            action='append',
            default=[],
            metavar='OLD=NEW',
            help='a column was renamed; TABLE.OLD=NEW names the table too',
        )
        parser.add_argument(
            '--rename-table', action='append', default=[], metavar='OLD=NEW', help='a table was renamed'
        )
        parser.add_argument(
            '--default',
            action='append',
            default=[],
            metavar='VALUE',
            help='what existing rows get in a new column that may not be NULL; COLUMN=VALUE names the column',
        )

    def handle(self, options: argparse.Namespace) -> int:
        """Draft the migration, then show or write it; the status is 1 when `--check` finds that one is missing."""
        from colibris.conf import settings
        from colibris.persist import models_of
        from colibris.persist.migrations import Answers, draft

        answers = Answers(
            renames=options.rename,
            table_renames=options.rename_table,
            defaults=options.default,
            ask=_ask if sys.stdin and sys.stdin.isatty() and not options.check else None,
            lenient=options.check,
        )
        drafted = draft(
            models_of(settings.PROJECT_PACKAGE_NAME),
            Path(settings.PROJECT_PACKAGE_DIR) / 'migrations',
            options.migration_name,
            answers=answers,
            empty=options.empty,
        )
        if drafted is None:
            print('Nothing to write: the migrations describe the models.')
            return 0
        return self._finish(drafted, options)

    def _finish(self, drafted: 'Draft', options: argparse.Namespace) -> int:
        if options.check:
            print('A migration is missing:')
        elif options.dry_run:
            print(f'Would write {_shown(drafted.path)}')
        else:
            print(f'Wrote {_shown(drafted.write())}')
        for line in (*drafted.changes, *drafted.assumptions):
            print(f'  {line}')
        if options.dry_run:
            print(f'\n{drafted.source}', end='')
        return int(options.check)


def _ask(question: str) -> str:
    try:
        return input(question)
    except EOFError:
        raise CommandError('nothing is written: a question was not answered') from None


def _shown(path: Path) -> Any:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
