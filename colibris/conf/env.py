"""Environment variables from ``.env`` files."""

import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from colibris.conf.sources import sources
from colibris.errors import ConfigurationError

__all__ = ['default_variables', 'load_dotenv_files', 'read_variable']

_FILE = '_FILE'
_DEFAULTS = '.env.default'
_DEFAULTS_VARIABLE = 'COLIBRIS_ENV_DEFAULTS'  # a variable, as processes that are started here have to know too


def load_dotenv_files(package_directory: Path) -> None:
    """Complete the process' environment from the project's ``.env`` files.

    A variable that is set already stays. Then come ``.env`` in the working directory, ``.env`` beside the project's
    package, and ``.env.default`` in the package.

    :raises ConfigurationError: one of them cannot be read.
    """
    for path in (Path('.env'), package_directory.parent / '.env', package_directory / _DEFAULTS):
        if path.is_file():
            added = _add(path, _read(path))
            if path.name == _DEFAULTS and added:
                os.environ[_DEFAULTS_VARIABLE] = '\n'.join(f'{name}={value}' for name, value in added.items())


def default_variables() -> set[str]:
    """The variables that only ``.env.default`` has set, in this process or in one that has started it."""
    lines = os.environ.get(_DEFAULTS_VARIABLE, '').splitlines()
    values = dict(line.split('=', 1) for line in lines if '=' in line)
    return {name for name, value in values.items() if os.environ.get(name) == value}


def read_variable(name: str, environ: Mapping[str, str]) -> str | None:
    """The value of an environment variable, or what is in the file that ``<name>_FILE`` names; ``None`` without both.

    A line break at the file's end does not count.

    :raises ConfigurationError: both are set, or the file cannot be read.
    """
    value, path = environ.get(name), environ.get(name + _FILE)
    if not path:
        return value
    if value:
        raise ConfigurationError(f'the environment variables {name} and {name + _FILE} are both set: keep one')
    try:
        return Path(path).read_text(encoding='utf-8').removesuffix('\n')
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigurationError(f'environment variable {name + _FILE} = {path!r}: {exc}') from exc


def _add(path: Path, values: Mapping[str, str | None]) -> dict[str, str]:
    added = {name: value for name, value in values.items() if value is not None and name not in os.environ}
    os.environ.update(added)
    for name in added:
        sources.note_file(name, str(path))
    return added


def _read(path: Path) -> dict[str, str | None]:
    try:
        return dotenv_values(path)
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigurationError(f'{path} cannot be read: {exc}') from exc
