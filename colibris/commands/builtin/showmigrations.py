"""`showmigrations`: which migrations are applied."""

import argparse
from pathlib import Path

from colibris.commands.base import BaseCommand


class ShowMigrationsCommand(BaseCommand):
    """Lists the migrations; those that are applied have a cross."""

    name = 'showmigrations'
    help = 'list the migrations and whether they are applied'

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take no arguments."""

    def handle(self, options: argparse.Namespace) -> None:
        """Print one line for each migration."""
        from colibris.conf import settings
        from colibris.persist import get_database
        from colibris.persist.migrations import status

        found = status(get_database(), Path(settings.PROJECT_PACKAGE_DIR) / 'migrations')
        for each in found:
            mark = 'X' if each.is_applied else ' '
            moment = f'  {each.applied:%Y-%m-%d %H:%M:%S} UTC' if each.applied else ''
            print(f'[{mark}] {each.name}{moment}{f"  ({each.problem})" if each.problem else ""}')
        if not found:
            print('There are no migrations.')
