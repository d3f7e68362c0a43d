"""``manage.py createtoken``."""

from argparse import ArgumentParser, Namespace

from colibris.commands.accounts import find_account
from colibris.commands.base import BaseCommand

__all__ = ['CreateTokenCommand']


class CreateTokenCommand(BaseCommand):
    """Print a token with which an account can use the API."""

    name = 'createtoken'

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose token."""
        parser.add_argument('login', help='the name by which the account logs in')

    def handle(self, options: Namespace) -> None:
        """Make it."""
        from colibris import authentication
        from colibris.authentication.jwt import JWTBackend

        backend = authentication.get_backend(JWTBackend)
        account = find_account(options.login)
        print(backend.issue(account))
        authentication.record_event('token_created', None, account, by='manage.py')
