"""``manage.py sendtestemail``."""

import socket
from argparse import ArgumentParser, Namespace
from datetime import datetime

from colibris.commands.base import BaseCommand, CommandError

__all__ = ['SendTestEmailCommand']

TEXT = 'Whoever reads this knows that the setting EMAIL is right.\n'


class SendTestEmailCommand(BaseCommand):
    """Send a message, to see whether the setting EMAIL is right."""

    name = 'sendtestemail'

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who gets it."""
        parser.add_argument('to', nargs='+', metavar='address', help='who gets it')
        parser.add_argument('--from', dest='from_', metavar='address', help='the sender, instead of the default one')

    async def handle(self, options: Namespace) -> None:
        """Send it."""
        from colibris import email
        from colibris.conf import settings

        if not settings.EMAIL:
            raise CommandError("EMAIL is not set; {'backend': 'colibris.email.console.ConsoleBackend'} prints messages")
        now = datetime.now().astimezone()
        subject = f'A test message from {settings.PROJECT_PACKAGE_NAME} on {socket.gethostname()}, {now:%Y-%m-%d %H:%M}'
        await email.send_now(email.EmailMessage(subject, TEXT, to=options.to, from_=options.from_))
        print(f'The message to {", ".join(options.to)} has been handed over.')
