"""Environment variables from ``.env`` files."""

import os
from pathlib import Path

from dotenv import dotenv_values

from colibris.errors import ConfigurationError

__all__ = ['load_dotenv_files']


def load_dotenv_files(package_directory: Path) -> None:
    """Complete the process' environment from the project's ``.env`` files.

    A variable that is set already stays. Then come ``.env`` in the working directory, ``.env`` beside the project's
    package, and ``.env.default`` in the package.

    :raises ConfigurationError: one of them cannot be read.
    """
    for path in (Path('.env'), package_directory.parent / '.env', package_directory / '.env.default'):
        if path.is_file():
            for name, value in _read(path).items():
                if value is not None:
                    os.environ.setdefault(name, value)


def _read(path: Path) -> dict[str, str | None]:
    try:
        return dotenv_values(path)
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigurationError(f'{path} cannot be read: {exc}') from exc
