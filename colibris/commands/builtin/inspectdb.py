"""``manage.py inspectdb``."""

from argparse import ArgumentParser, Namespace

from colibris.commands.base import BaseCommand

__all__ = ['InspectDBCommand']


class InspectDBCommand(BaseCommand):
    """Print models for the tables of a database that is there already."""

    name = 'inspectdb'

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which tables."""
        parser.add_argument('tables', nargs='*', metavar='table', help='only these, and those that they refer to')

    def handle(self, options: Namespace) -> None:
        """Print the source of a module."""
        from colibris.persist import get_database
        from colibris.persist.tools import inspect_database

        database = get_database()
        database.check_connectivity()
        print(inspect_database(database, options.tables), end='')
