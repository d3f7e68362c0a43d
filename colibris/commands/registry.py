"""Which commands there are; none is imported before it is needed."""

import importlib
import inspect
import pkgutil
from pathlib import Path

from colibris.commands.base import BaseCommand, CommandError
from colibris.errors import ConfigurationError

__all__ = ['Registry']

_BUILTIN = 'colibris.commands.builtin'


class Registry:
    """The commands of colibris and of one project, which may replace colibris' own.

    :param package: the project's package.
    """

    def __init__(self, package: str) -> None:
        self._package = package
        self._builtin = {module.name for module in pkgutil.iter_modules([str(Path(__file__).parent / 'builtin')])}

    def find(self, name: str) -> type[BaseCommand]:
        """The command that people call ``name``.

        :raises CommandError: there is none; names a similar one.
        """
        if name in self._builtin and not self._has_project_module():
            return _load_builtin(name)
        own = self._project_commands()
        if name in own:
            return own[name]
        if name in self._builtin:
            return _load_builtin(name)
        raise CommandError(f"there is no command '{name}'{self._suggest(name)}")

    def all(self) -> dict[str, type[BaseCommand]]:
        """Every command by name."""
        return dict(
            sorted({**{name: _load_builtin(name) for name in self._builtin}, **self._project_commands()}.items())
        )

    def _suggest(self, name: str) -> str:
        import difflib

        close = difflib.get_close_matches(name, self.all(), n=1)
        return f"; did you mean '{close[0]}'?" if close else ''

    def _has_project_module(self) -> bool:
        try:
            package = importlib.import_module(self._package)
        except ModuleNotFoundError as exc:
            raise ConfigurationError(f'{self._package} cannot be imported: {exc}') from exc
        directory = Path(package.__path__[0])
        return (directory / 'commands.py').exists() or (directory / 'commands').is_dir()

    def _project_commands(self) -> dict[str, type[BaseCommand]]:
        if not self._has_project_module():
            return {}
        path = f'{self._package}.commands'
        try:
            module = importlib.import_module(path)
        except ImportError as exc:
            raise ConfigurationError(f'{path} cannot be imported: {exc}') from exc
        commands = [value for value in vars(module).values() if _is_command(value, module.__name__)]
        return {command.get_name(): command for command in commands}


def _is_command(value: object, module_name: str) -> bool:
    return (
        inspect.isclass(value)
        and issubclass(value, BaseCommand)
        and not inspect.isabstract(value)
        and value.__module__.startswith(module_name)
    )


def _load_builtin(name: str) -> type[BaseCommand]:
    module = importlib.import_module(f'{_BUILTIN}.{name}')
    command: type[BaseCommand] = next(value for value in vars(module).values() if _is_command(value, module.__name__))
    return command
