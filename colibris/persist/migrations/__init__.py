"""Migrations: files that lead a database from one state of the models to the next, and back."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import peewee

from colibris.persist.migrations.errors import (
    MigrationError,
    MigrationFailedError,
    MigrationFileError,
    MigrationHistoryError,
    QuestionError,
    UnknownMigrationError,
    UnsupportedChangeError,
)
from colibris.persist.migrations.fields import RawField
from colibris.persist.migrations.maker import Draft, draft
from colibris.persist.migrations.questions import Answers
from colibris.persist.migrations.runner import Planned, Runner
from colibris.persist.migrations.status import Status, sql, status

__all__ = [
    'Answers',
    'Draft',
    'MigrationError',
    'MigrationFailedError',
    'MigrationFileError',
    'MigrationHistoryError',
    'Planned',
    'QuestionError',
    'RawField',
    'Status',
    'UnknownMigrationError',
    'UnsupportedChangeError',
    'draft',
    'make_migrations',
    'migrate',
    'plan',
    'sql',
    'status',
]


def make_migrations(
    models: Iterable[type[peewee.Model]],
    directory: Path | str,
    name: str | None = None,
    *,
    renames: Iterable[str] = (),
    table_renames: Iterable[str] = (),
    defaults: Iterable[str] = (),
    ask: Callable[[str], str] | None = None,
    empty: bool = False,
) -> Path | None:
    """Write the migration that leads from the files in `directory` to `models`; needs no database.

    Return the new file's path, or None when there is nothing to do. `renames` holds `old=new` or `table.old=new`,
    `table_renames` `old=new`, `defaults` values for existing rows (`value`, `column=value` or `table.column=value`);
    `ask` is called with each question that they leave open. Raise `MigrationError` when it cannot be made.
    """
    answers = Answers(renames=renames, table_renames=table_renames, defaults=defaults, ask=ask)
    drafted = draft(models, directory, name, answers=answers, empty=empty)
    return None if drafted is None else drafted.write()


def migrate(
    database: Any,
    directory: Path | str,
    target: str | None = None,
    *,
    fake: bool = False,
    report: Callable[[str], None] = lambda line: None,
) -> list[str]:
    """Apply the migrations of `directory` up to `target` (all without one), or unapply those behind it.

    `target` is a name, its beginning, its number or `zero`. `fake` records without executing. Waits for another
    `migrate` on the same database. Return the names of the migrations handled, in order; raise `MigrationError`.
    """
    return Runner(database, directory, report).migrate(target, fake=fake)


def plan(database: Any, directory: Path | str, target: str | None = None) -> list[Planned]:
    """What `migrate` with these arguments would do, in order; changes nothing. Raise `MigrationError`."""
    return Runner(database, directory).plan(target)
