"""`sqlmigrate`: the SQL of a migration."""

import argparse
from pathlib import Path

from colibris.commands.base import BaseCommand


class SQLMigrateCommand(BaseCommand):
    """Prints the statements of a migration without executing them."""

    name = 'sqlmigrate'
    help = 'print the SQL of a migration'

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the migration and the direction."""
        parser.add_argument('migration_name', metavar='name', help='the migration: name, its beginning or number')
        parser.add_argument('--backwards', action='store_true', help='the statements that unapply it')

    def handle(self, options: argparse.Namespace) -> None:
        """Print one statement after the other."""
        from colibris.conf import settings
        from colibris.persist import get_database
        from colibris.persist.migrations import sql

        directory = Path(settings.PROJECT_PACKAGE_DIR) / 'migrations'
        lines = sql(get_database(), directory, options.migration_name, direction='down' if options.backwards else 'up')
        for line in lines:
            print(line)
