"""``manage.py test``."""

import os
from argparse import Namespace
from pathlib import Path

from colibris.commands.base import BaseCommand
from colibris.errors import MissingDependencyError

__all__ = ['TestCommand']


# What a project without a configuration of pytest's gets; the second spares it a warning of pytest-asyncio's.
_SETTINGS = ('-c', os.devnull, '-o', 'asyncio_default_fixture_loop_scope=function')


class TestCommand(BaseCommand):
    """Run the project's tests with pytest; every argument is passed on to it."""

    passes_arguments_on = True

    def handle(self, options: Namespace) -> int:
        """Run pytest."""
        try:
            import pytest
        except ImportError:
            raise MissingDependencyError('pytest', 'test') from None
        from colibris.conf import settings

        os.environ['COLIBRIS_TESTING'] = '1'
        package, directory = settings.PROJECT_PACKAGE_NAME, Path(settings.PROJECT_PACKAGE_DIR)
        plugins = ['-p', 'colibris.test.plugin']
        if (directory / 'tests' / 'fixtures.py').exists():
            plugins += ['-p', f'{package}.tests.fixtures']
        return int(pytest.main([*plugins, *_options(options.arguments, directory)]))


def _options(arguments: list[str], directory: Path) -> list[str]:
    has_configuration = any((directory.parent / name).exists() for name in ('pytest.ini', 'pyproject.toml', 'tox.ini'))
    defaults = [] if has_configuration else [*_SETTINGS, f'--rootdir={directory.parent}']
    named = any(not argument.startswith('-') and Path(argument.partition('::')[0]).exists() for argument in arguments)
    return [*defaults, *arguments, *([] if named else [str(directory / 'tests')])]
