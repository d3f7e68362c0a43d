"""The settings object."""

import importlib
import os
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from types import ModuleType
from typing import Any

from colibris.conf.definitions import DEFINITIONS
from colibris.conf.env import load_dotenv_files
from colibris.conf.names import resolve_aliases
from colibris.conf.problems import collect_problems, report_problem
from colibris.conf.sources import sources
from colibris.errors import ConfigurationError, MissingDependencyError
from colibris.utils.imports import import_string

__all__ = ['PROJECT_VARIABLE', 'Settings', 'mask']

PROJECT_VARIABLE = 'COLIBRIS_PROJECT'
_FILE = 'settings.yml'

_SECRET_MARKS = ('PASS', 'PWD', 'SECRET', 'TOKEN', 'KEY', 'CREDENTIAL')
_SECRET_OF_URL = re.compile(r'(?<=://)[^/@\s]*(?=@)')


class Settings:
    """The project's settings as attributes, over colibris' defaults.

    Reading one before :meth:`load` loads the project that the environment variable ``COLIBRIS_PROJECT`` names.

    :raises ConfigurationError: no project is known, or its settings are wrong.
    :raises AttributeError: there is no such setting.
    """

    PROJECT_PACKAGE_NAME: str
    PROJECT_PACKAGE_DIR: str

    def __getattr__(self, name: str) -> Any:
        if not name.isupper() or self.is_loaded:
            raise AttributeError(f'there is no setting {name}')
        package = os.environ.get(PROJECT_VARIABLE)
        if not package:
            raise ConfigurationError(
                f'the settings are not loaded: start through manage.py, or call colibris.conf.setup(package) first '
                f'(or set the environment variable {PROJECT_VARIABLE})'
            )
        self.load(package)
        return getattr(self, name)

    @property
    def is_loaded(self) -> bool:
        """Whether a project's settings have been loaded."""
        return 'PROJECT_PACKAGE_NAME' in self.__dict__

    @property
    def names(self) -> list[str]:
        """The names of all settings, the project's own ones too."""
        return [name for name in self.__dict__ if name.isupper()]

    def load(self, package: str) -> None:
        """Load ``<package>.settings`` over the defaults, and check every value.

        :raises ConfigurationError: with one line for each problem.
        """
        if self.__dict__.get('_is_loading'):
            raise ConfigurationError(f'{package}.settings, or what it imports, reads the settings that it is to define')
        self.__dict__['_is_loading'] = True
        try:
            directory = _package_directory(package)
            sources.clear()
            load_dotenv_files(directory)
            values = {name: deepcopy(setting.default) for name, setting in DEFINITIONS.items()}
            with collect_problems() as problems:
                values |= resolve_aliases(_read_settings(package, directory))
            _check(values, problems)
        finally:
            self.__dict__.pop('_is_loading')
        os.environ[PROJECT_VARIABLE] = package
        self.__dict__.clear()
        self.__dict__.update(values, PROJECT_PACKAGE_NAME=package, PROJECT_PACKAGE_DIR=str(directory))

    def source_of(self, name: str) -> str:
        """Where a setting's value comes from: the default, files of settings, or environment variables."""
        spellings = {name, *(DEFINITIONS[name].aliases if name in DEFINITIONS else ())}
        return ', '.join(text for spelling in sorted(spellings) for text in sources.describe(spelling)) or 'default'

    @contextmanager
    def override(self, **values: Any) -> Iterator[None]:
        """Have other values within a ``with`` block; meant for tests."""
        before = dict(self.__dict__)
        self.__dict__.update(values)
        try:
            yield
        finally:
            self.__dict__.clear()
            self.__dict__.update(before)


def mask(name: str, value: Any) -> str:
    """How a setting's value may be shown to people: ``***`` where the name speaks of a secret."""
    if isinstance(value, dict):
        return '{' + ', '.join(f'{key!r}: {mask(str(key), item)}' for key, item in value.items()) + '}'
    if isinstance(value, list | tuple):
        return '[' + ', '.join(mask(name, item) for item in value) + ']'
    secret = value is not None and any(mark in name.upper() for mark in _SECRET_MARKS)
    return '***' if secret else _SECRET_OF_URL.sub('***', repr(value))


def _package_directory(package: str) -> Path:
    if not package:
        raise ConfigurationError('no project is named')
    module = _import(package, f"there is no package '{package}' on the Python path")
    if not hasattr(module, '__path__'):
        raise ConfigurationError(f"'{package}' is no package but a module")
    return Path(module.__path__[0]).resolve()


def _read_settings(package: str, directory: Path) -> dict[str, Any]:
    """What the project has chosen, in ``settings.py`` and in the first ``settings.yml`` that there is."""
    chosen = _read_module(f'{package}.settings')
    for name in chosen:
        sources.note_place(name, 'settings.py')
    for path in (Path(_FILE), directory.parent / _FILE, directory / _FILE):
        if path.is_file():
            return _merge_file(path, chosen)
    return chosen


def _merge_file(path: Path, chosen: dict[str, Any]) -> dict[str, Any]:
    try:
        from colibris.conf.settings_file import merge_settings_file
    except MissingDependencyError as exc:
        report_problem(f'{path} cannot be read: {exc}')
        return chosen
    return merge_settings_file(path, chosen, os.environ)


def _read_module(path: str) -> dict[str, Any]:
    module = _import(path, f"the project has no module '{path}'")
    return {name: value for name, value in vars(module).items() if name.isupper() and not name.startswith('_')}


def _import(path: str, missing: str) -> ModuleType:
    try:
        return importlib.import_module(path)
    except ConfigurationError:
        raise
    except ModuleNotFoundError as exc:
        if exc.name and (path == exc.name or path.startswith(f'{exc.name}.')):
            raise ConfigurationError(missing) from None
        raise ConfigurationError(f'{path} cannot be imported: {exc}') from exc
    except Exception as exc:
        raise ConfigurationError(f'{path} cannot be imported: {_describe(exc)}') from exc


def _describe(exc: Exception) -> str:
    if isinstance(exc, SyntaxError):
        return f'{exc.msg} ({exc.filename}, line {exc.lineno})'
    frame = traceback.extract_tb(sys.exc_info()[2])[-1]
    return f'{type(exc).__name__}: {exc} ({frame.filename}, line {frame.lineno})'


def _check(values: dict[str, Any], known_problems: list[str]) -> None:
    problems = list(dict.fromkeys(known_problems))  # settings.py and settings.yml may read one variable
    for name, setting in DEFINITIONS.items():
        problem = setting.check(values[name])
        if problem:
            problems.append(f'{name} = {mask(name, values[name])}: {problem}')
    if problems:
        raise ConfigurationError('\n'.join([*problems, *_problems_of_backends(values)]))


def _problems_of_backends(values: dict[str, Any]) -> list[str]:
    """What is wrong with the backends; they are imported for it, which is saved while all is well."""
    problems_of = import_string('colibris.conf.backends.problems_of')
    return [problem for name, setting in DEFINITIONS.items() if setting.slot for problem in problems_of(name, values)]
