"""``manage.py dbshell``."""

import sys
from argparse import Namespace

from colibris.commands.base import BaseCommand

__all__ = ['DBShellCommand']


class DBShellCommand(BaseCommand):
    """Open the database's own shell; every argument is passed on to it."""

    name = 'dbshell'
    passes_arguments_on = True

    def handle(self, options: Namespace) -> None:
        """Become sqlite3, psql or mariadb."""
        from colibris.persist import get_database
        from colibris.persist.tools import client_of

        client = client_of(get_database())
        sys.stdout.flush()
        client.execute(options.arguments)
