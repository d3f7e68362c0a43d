"""Copies a template to a new directory and fills it in: all of it or nothing."""

import os
import re
import secrets
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path

from colibris.startproject.errors import StartProjectError

IGNORED_NAMES = {'.git', '.mypy_cache', '.pytest_cache', '.ruff_cache', '__pycache__'}
IGNORED_SUFFIXES = {'.pyc', '.pyo'}
ENVIRONMENT_NAME = '.env'
ENVIRONMENT = """\
# Settings of this machine and secrets. Git ignores this file.
DEBUG=true
LISTEN=127.0.0.1
SECRET_KEY={secret_key}
"""


def generate(template: Path, target: Path, placeholders: Mapping[str, str]) -> None:
    """Make the directory `target` out of `template`, with the placeholders replaced in file names and in texts.

    Symbolic links must stay within the template; permission to execute is kept. Raises StartProjectError if the
    template cannot be copied or `target` exists, OSError if the file system refuses. Then no trace is left.
    """
    if target.parent.resolve().is_relative_to(template.resolve()):
        raise StartProjectError('a project cannot be made inside of its own template')

    building_site = target.with_name(f'.{target.name}.{secrets.token_hex(8)}')
    try:
        building_site.mkdir()
        Generator(template, building_site, placeholders).copy_directory()
        add_environment(building_site)
        refuse_existing(target)
        building_site.rename(target)
    finally:
        shutil.rmtree(building_site, ignore_errors=True)


def refuse_existing(target: Path) -> None:
    """Raise StartProjectError if there is something at `target`, be it a broken link."""
    if os.path.lexists(target):
        raise StartProjectError(f'{target.name} exists already')


def add_environment(project: Path) -> None:
    """Give the project a `.env` with a secret key of its own, unless the template brought one."""
    path = project / ENVIRONMENT_NAME
    if not os.path.lexists(path):
        write_new(path, ENVIRONMENT.format(secret_key=new_secret_key()).encode(), 0o600)


def new_secret_key() -> str:
    """A random key of 64 characters that need no quoting anywhere."""
    return secrets.token_urlsafe(48)


class Generator:
    """Fills one empty directory from one template."""

    def __init__(self, template: Path, target: Path, placeholders: Mapping[str, str]) -> None:
        self._template = template
        self._target = target
        self._placeholders = placeholders
        self._pattern = re.compile('|'.join(map(re.escape, placeholders)))

    def copy_directory(self, directory: Path = Path()) -> None:
        """Copy what a directory, given relative to the template, holds."""
        for entry in sorted((self._template / directory).iterdir()):
            if entry.name in IGNORED_NAMES or entry.suffix in IGNORED_SUFFIXES:
                continue
            relative = directory / entry.name
            mode = entry.lstat().st_mode
            if stat.S_ISLNK(mode):
                self._copy_link(relative)
            elif stat.S_ISDIR(mode):
                self._destination(relative).mkdir()
                self.copy_directory(relative)
            elif stat.S_ISREG(mode):
                self._copy_file(relative, mode)
            else:
                raise StartProjectError(f'the template holds {relative}, which is neither a file nor a directory')

    def _copy_file(self, relative: Path, mode: int) -> None:
        permissions = 0o600 if relative.name == ENVIRONMENT_NAME else 0o777 if mode & stat.S_IXUSR else 0o666
        write_new(self._destination(relative), self._filled(self._source(relative).read_bytes()), permissions)

    def _copy_link(self, relative: Path) -> None:
        source = self._source(relative)
        link = os.readlink(source)
        is_lexically_inside = Path(os.path.normpath(relative.parent / link)).parts[0] not in ('..', os.sep)
        if not is_lexically_inside or not source.resolve().is_relative_to(self._template.resolve()):
            raise StartProjectError(f'the template holds {relative}, a symbolic link that leads out of it')
        self._destination(relative).symlink_to(self._replaced(link))

    def _source(self, relative: Path) -> Path:
        return self._template / relative

    def _destination(self, relative: Path) -> Path:
        return self._target / self._replaced(str(relative))

    def _filled(self, content: bytes) -> bytes:
        try:
            return self._replaced(content.decode()).encode()
        except UnicodeDecodeError:
            return content

    def _replaced(self, text: str) -> str:
        return self._pattern.sub(lambda match: self._placeholders[match[0]], text)


def write_new(path: Path, content: bytes, permissions: int) -> None:
    """Write a file that must not exist yet; the process' umask applies to the permissions."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, permissions)
    with open(descriptor, 'wb') as file:
        file.write(content)
