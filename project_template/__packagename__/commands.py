"""The project's own commands of manage.py."""

from argparse import ArgumentParser, Namespace

from colibris.commands import BaseCommand, CommandError
from colibris.persist import IntegrityError

from __packagename__ import constants, models


class AddUserCommand(BaseCommand):
    """Add a user and print their API key."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument('username')
        parser.add_argument('--email')
        parser.add_argument('--role', choices=constants.ROLES, default=constants.ROLE_USER)

    def handle(self, options: Namespace) -> None:
        try:
            user = models.User.create(username=options.username, email=options.email, role=options.role)
        except IntegrityError:
            raise CommandError(f'there is a user named {options.username} already') from None
        print(user.api_key)
