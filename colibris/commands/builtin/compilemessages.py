"""``manage.py compilemessages``."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from colibris.commands.base import BaseCommand, CommandError

__all__ = ['CompileMessagesCommand']


class CompileMessagesCommand(BaseCommand):
    """Make the translations usable: write a messages.mo beside each messages.po."""

    name = 'compilemessages'

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which translations count."""
        parser.add_argument('--fuzzy', action='store_true', help='use translations that are marked as fuzzy, too')

    def handle(self, options: Namespace) -> None:
        """Write the files."""
        from colibris.conf import settings
        from colibris.template.messages import CatalogFile

        package = Path(settings.PROJECT_PACKAGE_DIR)
        files = CatalogFile.all(package / 'locale')
        if not files:
            raise CommandError('there are no translations; manage.py makemessages makes the files for them')
        for file in files:
            translated, total = file.compile(with_fuzzy=options.fuzzy)
            print(f'{file.path.relative_to(package.parent)}: {translated} of {total} texts are translated')
