"""Making migration files."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import peewee

from colibris.persist.migrations.detector import detect
from colibris.persist.migrations.errors import MigrationFileError
from colibris.persist.migrations.loader import load, states
from colibris.persist.migrations.models import state_of
from colibris.persist.migrations.operations import (
    AddColumn,
    AlterColumn,
    CreateTable,
    DropColumn,
    DropTable,
    Operation,
    RenameColumn,
    RenameTable,
)
from colibris.persist.migrations.questions import Answers
from colibris.persist.migrations.writer import Writer


@dataclass(frozen=True)
class Draft:
    """A migration file that is not written yet."""

    path: Path
    source: str
    changes: tuple[str, ...]
    assumptions: tuple[str, ...] = ()

    def write(self) -> Path:
        """Write the file and return its path; raise `MigrationFileError` when there is one already."""
        directory = self.path.parent
        if not directory.exists():
            directory.mkdir(parents=True)
            # Without it a packaged project would lack its migrations.
            (directory / '__init__.py').touch()
        try:
            with self.path.open('x', encoding='utf-8') as file:
                file.write(self.source)
        except FileExistsError:
            raise MigrationFileError(f'{self.path.name} exists already') from None
        return self.path


def draft(
    models: Iterable[type[peewee.Model]],
    directory: Path | str,
    name: str | None = None,
    *,
    answers: Answers | None = None,
    empty: bool = False,
) -> Draft | None:
    """Draft the migration that leads from the files in `directory` to `models`; None when there is nothing to do.

    With `empty` the draft has no operations. Raise `MigrationError` when the files or models cannot be used, and
    `QuestionError` when an answer is missing.
    """
    answers = answers or Answers()
    migrations = load(directory)
    before = states(migrations)[-1]
    operations = [] if empty else detect(before, state_of(models), answers)
    if not empty and not operations:
        return None
    number = migrations[-1].number + 1 if migrations else 1
    words = _slug(name or ('custom' if empty else _name(operations, is_first=not migrations)))
    changes = tuple(operation.describe() for operation in operations)
    title = words.replace('_', ' ') if name or len(changes) != 1 else changes[0]
    source = Writer().file(title, operations, before)
    return Draft(Path(directory) / f'{number:04}_{words}.py', source, changes, tuple(answers.assumed))


def _name(operations: list[Operation], *, is_first: bool) -> str:
    if is_first:
        return 'initial'
    words = _words(operations[0])
    return words if len(operations) == 1 else f'{words}_and_more'


def _words(operation: Operation) -> str:
    match operation:
        case CreateTable(table):
            return f'create_{table.name}'
        case DropTable(table):
            return f'drop_{table.name}'
        case RenameTable(old, new):
            return f'rename_{old}_to_{new}'
        case RenameColumn(table, old, new):
            return f'rename_{table}_{old}_to_{new}'
        case AddColumn(table, column):
            return f'add_{table}_{column.name}'
        case DropColumn(table, column):
            return f'drop_{table}_{column.name}'
        case AlterColumn(table, _, column):
            return f'alter_{table}_{column.name}'
    return operation.describe().partition(' (')[0]


def _slug(name: str) -> str:
    return re.sub(r'\W+', '_', name).strip('_').lower()[:80] or 'migration'
