"""``manage.py changepassword``."""

from argparse import ArgumentParser, Namespace

from colibris.commands.accounts import find_account, read_new_password
from colibris.commands.base import BaseCommand, CommandError

__all__ = ['ChangePasswordCommand']


class ChangePasswordCommand(BaseCommand):
    """Give an account another password, which is asked for or read from the standard input."""

    name = 'changepassword'

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose password."""
        parser.add_argument('login', help='the name by which the account logs in')

    def handle(self, options: Namespace) -> None:
        """Ask, and change it."""
        from colibris import accounts
        from colibris.authentication import record_event

        account = find_account(options.login)
        if not accounts.get_backend().change_password(account, read_new_password(account.__data__)):
            raise CommandError('the password has been changed meanwhile')
        record_event('password_changed', None, account, by='manage.py')
