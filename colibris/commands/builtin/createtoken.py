"""``manage.py createtoken``."""

from argparse import ArgumentParser, Namespace
from typing import Any

from colibris.commands.accounts import find_account
from colibris.commands.base import BaseCommand, CommandError

__all__ = ['CreateTokenCommand']


class CreateTokenCommand(BaseCommand):
    """Print a token with which an account can use the API, or a new API key in place of the one that it has."""

    name = 'createtoken'

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose token."""
        parser.add_argument('login', help='the name by which the account logs in')

    def handle(self, options: Namespace) -> None:
        """Make it."""
        from colibris.authentication import record_event

        backend = _find_backend()
        account = find_account(options.login)
        print(backend.issue(account))
        record_event('token_created', None, account, by='manage.py')


def _find_backend() -> Any:
    from colibris import authentication
    from colibris.authentication.apikey import APIKeyBackend
    from colibris.authentication.jwt import JWTBackend

    configured = authentication.get_backend()
    found = configured.find(JWTBackend) or configured.find(APIKeyBackend)
    if found is None:
        raise CommandError('AUTHENTICATION has no JWTBackend and no APIKeyBackend')
    return found
