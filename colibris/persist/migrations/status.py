"""Looking at migrations without changing anything."""

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from colibris.persist.migrations.editor import Script
from colibris.persist.migrations.engines import engine_of
from colibris.persist.migrations.history import Entry
from colibris.persist.migrations.loader import Migration, find, load, states
from colibris.persist.migrations.runner import entries_of


@dataclass(frozen=True)
class Status:
    """A migration as the files and the database know it."""

    name: str
    applied: datetime.datetime | None
    problem: str | None = None

    @property
    def is_applied(self) -> bool:
        """Whether it is wholly applied."""
        return self.applied is not None


def status(database: Any, directory: Path | str) -> list[Status]:
    """All migrations in order, those whose file is missing too; raise `MigrationFileError` for unusable files."""
    migrations = {migration.name: migration for migration in load(directory)}
    entries = entries_of(database)
    return [
        _status(name, migrations.get(name), entries.get(name)) for name in sorted({*migrations, *entries}, key=_key)
    ]


def sql(database: Any, directory: Path | str, name: str, *, direction: Literal['up', 'down'] = 'up') -> list[str]:
    """The statements of a migration for this kind of database, which is not connected to."""
    migrations = load(directory)
    found = find([migration.name for migration in migrations], name)
    position = [migration.name for migration in migrations].index(found)
    steps = states(migrations[: position + 1])
    script = Script(steps[position if direction == 'up' else position + 1], engine_of(database, offline=True))
    (migrations[position].up if direction == 'up' else migrations[position].down)(script)
    return script.lines


def _status(name: str, migration: Migration | None, entry: Entry | None) -> Status:
    problem = None
    if migration is None:
        problem = 'the file is missing'
    elif entry is not None and entry.is_partial:
        problem = f'stopped on the way {entry.direction} after {entry.steps} steps'
    elif entry is not None and entry.checksum != migration.checksum:
        problem = 'the file was edited after it had been applied'
    return Status(name, entry.applied if entry else None, problem)


def _key(name: str) -> tuple[int, str]:
    number = name.partition('_')[0]
    return (int(number) if number.isdecimal() else 0), name
