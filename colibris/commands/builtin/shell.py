"""``manage.py shell``."""

import importlib.util
from argparse import ArgumentParser, Namespace
from typing import Any

from colibris.commands.base import BaseCommand

__all__ = ['ShellCommand']


class ShellCommand(BaseCommand):
    """Open a Python shell with the project set up and its models imported."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to run instead."""
        parser.add_argument('-c', '--code', help='run this code instead, and end')

    def handle(self, options: Namespace) -> None:
        """Run the code, or the shell."""
        names = _names()
        if options.code is not None:
            exec(compile(options.code, '<code>', 'exec'), names)  # noqa: S102  # what was typed
            return
        _interact(names)


def _names() -> dict[str, Any]:
    from colibris import persist
    from colibris.conf import settings

    names: dict[str, Any] = {'__name__': '__console__', 'settings': settings, 'persist': persist}
    if settings.DATABASE:
        names |= {model.__name__: model for model in persist.models_of(settings.PROJECT_PACKAGE_NAME)}
    return names


def _interact(names: dict[str, Any]) -> None:
    available = ', '.join(sorted(name for name in names if not name.startswith('_')))
    banner = f'At hand: {available}'
    if importlib.util.find_spec('IPython'):
        from IPython import start_ipython

        print(banner)
        start_ipython(argv=[], user_ns=names)
    else:
        import code

        code.interact(banner=banner, local=names, exitmsg='')
