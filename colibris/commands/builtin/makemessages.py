"""``manage.py makemessages``."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from colibris.commands.base import BaseCommand, CommandError

__all__ = ['MakeMessagesCommand']


class MakeMessagesCommand(BaseCommand):
    """Collect the texts to be translated, for translators, in locale/<locale>/LC_MESSAGES/messages.po."""

    name = 'makemessages'

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which locales."""
        parser.add_argument(
            'locales', nargs='*', metavar='locale', help='for these, such as de or pt_BR (default: those that exist)'
        )

    def handle(self, options: Namespace) -> None:
        """Extract the texts, and bring the files up to date."""
        from colibris.conf import settings
        from colibris.template.messages import CatalogFile, extract_messages

        package = Path(settings.PROJECT_PACKAGE_DIR)
        directory = package / 'locale'
        files = [CatalogFile(directory, locale) for locale in options.locales] or CatalogFile.all(directory)
        if not files:
            raise CommandError('there are no locales yet; name one: makemessages de')
        messages = extract_messages(package, *_sources())
        for file in files:
            file.update(messages)
            print(f'{file.path.relative_to(package.parent)}: {len(messages)} texts')


def _sources() -> tuple[list[Path], list[str]]:
    """The folders of templates, and the extensions of Jinja2."""
    from colibris import template
    from colibris.template.jinja2 import Jinja2Backend

    backend = template.get_backend()
    if not isinstance(backend, Jinja2Backend):
        raise CommandError(f'templates of {type(backend).__name__} cannot be read; only those of Jinja2 can')
    return backend.folders, backend.extensions
