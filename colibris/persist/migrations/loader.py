"""Reading migration files."""

import hashlib
import importlib.util
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from colibris.persist.migrations.errors import MigrationError, MigrationFileError, UnknownMigrationError
from colibris.persist.migrations.schema import Schema
from colibris.persist.migrations.state import State

_NAME = re.compile(r'(\d+)_\w+')

ZERO = 'zero'
"""The target that stands for "nothing applied"."""


@dataclass(frozen=True)
class Migration:
    """One migration file."""

    number: int
    name: str
    path: Path
    checksum: str
    module: ModuleType = field(repr=False, compare=False)

    def up(self, schema: Schema) -> None:
        """Call the file's `up`; errors name the file."""
        self._call(self.module.up, schema)

    def down(self, schema: Schema) -> None:
        """Call the file's `down`; raise `MigrationFileError` when it has none."""
        down = getattr(self.module, 'down', None)
        if down is None:
            raise MigrationFileError(f'{self.path.name} cannot be unapplied: it has no down()')
        self._call(down, schema)

    def _call(self, function: Callable[[Schema], Any], schema: Schema) -> None:
        try:
            function(schema)
        except MigrationError:
            raise
        except Exception as error:
            raise MigrationFileError(f'{self.path.name}: {type(error).__name__}: {error}') from error


def load(directory: Path | str) -> list[Migration]:
    """Read the migrations of `directory`, in the order of their numbers; none when it does not exist.

    Raise `MigrationFileError` for two files with one number, a file that cannot be imported or one without `up`.
    """
    found: dict[int, Migration] = {}
    for path in sorted(Path(directory).glob('[0-9]*.py')):
        migration = _read(path)
        other = found.get(migration.number)
        if other is not None:
            raise MigrationFileError(
                f'{other.path.name} and {path.name} have the same number: '
                'rename the one that is not applied anywhere yet'
            )
        found[migration.number] = migration
    return [found[number] for number in sorted(found)]


def states(migrations: Iterable[Migration]) -> list[State]:
    """The state before the first migration, and the one after each; raise `MigrationError` if one does not fit."""
    found = [State()]
    for migration in migrations:
        schema = Schema(found[-1])
        try:
            migration.up(schema)
        except MigrationFileError:
            raise
        except MigrationError as error:
            raise MigrationFileError(f'{migration.path.name}: {error}') from error
        found.append(schema.state)
    return found


def find(names: Iterable[str], target: str) -> str:
    """Resolve a full name, a number or an unambiguous beginning; raise `UnknownMigrationError`."""
    names = list(names)
    if target in names:
        return target
    matches = [name for name in names if target.isdecimal() and int(name.partition('_')[0]) == int(target)]
    matches = matches or [name for name in names if name.startswith(target)]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise UnknownMigrationError(f'several migrations begin with {target}: {", ".join(matches)}')
    known = f'there are {", ".join(names)}' if names else 'there is none'
    raise UnknownMigrationError(f'no migration is called {target}: {known}')


def checksum(path: Path) -> str:
    """The checksum of a file's text; line endings do not count."""
    text = path.read_bytes().replace(b'\r\n', b'\n').rstrip()
    return hashlib.sha256(text).hexdigest()


def _read(path: Path) -> Migration:
    match = _NAME.fullmatch(path.stem)
    if match is None:
        raise MigrationFileError(f'{path.name} is not a name for a migration: it should be like 0002_add_age.py')
    module = _import(path)
    if not callable(getattr(module, 'up', None)):
        raise MigrationFileError(f'{path.name} has no function up(schema)')
    return Migration(int(match[1]), path.stem, path, checksum(path), module)


def _import(path: Path) -> ModuleType:
    # Compiled by hand: a cached .pyc may be older than a file that was edited within the same second.
    spec = importlib.util.spec_from_loader(f'colibris_migration_{path.stem}', loader=None, origin=str(path))
    if spec is None:
        raise MigrationFileError(f'{path.name} cannot be imported')
    module = importlib.util.module_from_spec(spec)
    module.__file__ = str(path)
    try:
        exec(compile(path.read_text(encoding='utf-8'), str(path), 'exec'), module.__dict__)  # noqa: S102  # the project's own
    except Exception as error:
        raise MigrationFileError(f'{path.name} cannot be imported: {type(error).__name__}: {error}') from error
    return module
