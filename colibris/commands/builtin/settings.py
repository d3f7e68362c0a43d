"""``manage.py settings``."""

from argparse import ArgumentParser, Namespace

from colibris.commands.base import BaseCommand, CommandError

__all__ = ['SettingsCommand']


class SettingsCommand(BaseCommand):
    """Show the settings that hold, and where each comes from; secrets are not shown."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument('names', nargs='*', metavar='NAME', help='a setting to show; by default all of them')

    def handle(self, options: Namespace) -> None:
        """Print a line for each setting.

        :raises CommandError: there is no such setting.
        """
        from colibris.conf import settings
        from colibris.conf.settings import mask

        known = sorted(settings.names)
        unknown = [name for name in options.names if name not in known]
        if unknown:
            raise CommandError(f'there is no setting {", ".join(unknown)}')
        for name in options.names or known:
            print(f'{name} = {mask(name, getattr(settings, name))}  # {settings.source_of(name)}')
