"""`migrate`: bring the database to what the migration files describe."""

import argparse
import contextlib
from pathlib import Path

from colibris.commands.base import BaseCommand
from colibris.errors import ColibrisError


class MigrateCommand(BaseCommand):
    """Applies migrations, or unapplies those behind a target."""

    name = 'migrate'
    help = 'apply the migrations to the database'

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the target and the ways to do less."""
        parser.add_argument(
            'target', nargs='?', help='the last migration to be applied (name, its beginning or number), or zero'
        )
        parser.add_argument('--plan', action='store_true', help='only show what would be done')
        parser.add_argument('--fake', action='store_true', help='record the migrations without executing them')

    def handle(self, options: argparse.Namespace) -> None:
        """Migrate, or show the plan."""
        from colibris.conf import settings
        from colibris.persist import get_database
        from colibris.persist.migrations import migrate

        database, directory = get_database(), Path(settings.PROJECT_PACKAGE_DIR) / 'migrations'
        if options.plan:
            self._plan(database, directory, options.target)
            return
        if not migrate(database, directory, options.target, fake=options.fake, report=self._report):
            print('Nothing to migrate: the database is up to date.')
        self._mention_changes(directory)

    def _mention_changes(self, directory: Path) -> None:
        from colibris.conf import settings
        from colibris.persist import models_of
        from colibris.persist.migrations import Answers, draft

        with contextlib.suppress(ColibrisError):  # migrating takes no models
            if draft(models_of(settings.PROJECT_PACKAGE_NAME), directory, answers=Answers(lenient=True)):
                print('The models have changes that no migration describes: run makemigrations.')

    def _plan(self, database: object, directory: Path, target: str | None) -> None:
        from colibris.persist.migrations import plan

        planned = plan(database, directory, target)
        for each in planned:
            print(f'{"Apply" if each.direction == "up" else "Unapply"} {each.migration.name}')
            for change in each.changes():
                print(f'  {change}')
        if not planned:
            print('Nothing to migrate: the database is up to date.')

    def _report(self, line: str) -> None:
        print(line, flush=True)
