"""What has to be done so that the tables that the files describe become the tables of the models."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from colibris.persist.migrations.errors import UnsupportedChangeError
from colibris.persist.migrations.operations import (
    NOTHING,
    AddColumn,
    AddIndex,
    AlterColumn,
    CreateTable,
    DropColumn,
    DropIndex,
    DropTable,
    Operation,
    RenameColumn,
    RenameTable,
)
from colibris.persist.migrations.questions import Answers, neutral
from colibris.persist.migrations.state import Column, State, Table


@dataclass
class _Changes:
    """Operations by the phase in which they have to happen."""

    renamed: list[Operation] = field(default_factory=list)
    dropped_indexes: list[Operation] = field(default_factory=list)
    dropped_columns: list[Operation] = field(default_factory=list)
    altered: list[Operation] = field(default_factory=list)
    added: list[Operation] = field(default_factory=list)
    added_indexes: list[Operation] = field(default_factory=list)


def detect(before: State, after: State, answers: Answers) -> list[Operation]:
    """Return the operations that lead from `before` to `after`.

    Raise `QuestionError` when an answer is missing and `UnsupportedChangeError` for what must be written by hand.
    """
    renames = list(_renamed_tables(before, after, answers))
    state = _applied(before, renames)
    created = [table for name, table in after.tables.items() if name not in state.tables]
    dropped = [table for name, table in state.tables.items() if name not in after.tables]
    changes = _Changes()
    kept = [name for name in state.tables if name in after.tables]
    for name in kept:
        changes.renamed += _renamed_columns(state.table(name), after.table(name), answers)
    answers.check_renames()
    state = _applied(state, changes.renamed)
    for name in kept:
        _compare(state.table(name), after.table(name), changes, answers)
    answers.check_defaults()
    return [
        *renames,
        *changes.renamed,
        *creation(created),
        *changes.dropped_indexes,
        *changes.altered,
        *changes.dropped_columns,
        *changes.added,
        *changes.added_indexes,
        *removal(dropped),
    ]


def creation(tables: Iterable[Table]) -> list[Operation]:
    """Create `tables`, each after those that it refers to; references in a circle are added afterwards."""
    waiting = {table.name: table for table in tables}
    operations: list[Operation] = []
    late: list[Operation] = []
    while waiting:
        name = next((name for name, table in waiting.items() if not _needs(table, waiting)), None)
        if name is None:
            name, columns = _cut(waiting)
            late += [AddColumn(name, column) for column in columns]
            waiting[name] = _lacking(waiting[name], columns)
        table = waiting.pop(name)
        operations.append(CreateTable(replace(table, indexes=())))
        late += [AddIndex(name, index) for index in table.indexes]
    return [*operations, *sorted(late, key=lambda each: isinstance(each, AddIndex))]


def removal(tables: Iterable[Table]) -> list[Operation]:
    """Drop `tables`, each before those that it refers to."""
    tables = list(tables)
    whole = {table.name: table for table in tables}
    backwards = undo(creation(tables))
    opened = {each.table for each in backwards if isinstance(each, DropColumn)}
    return [
        DropTable(whole[each.table.name]) if isinstance(each, DropTable) and each.table.name not in opened else each
        for each in backwards
    ]


def undo(operations: Iterable[Operation]) -> list[Operation]:
    """The operations that lead back."""
    backwards = [inverse for operation in reversed(list(operations)) for inverse in operation.inverse()]
    opened = {each.table for each in backwards if isinstance(each, DropColumn)}
    dropped = {each.table.name for each in backwards if isinstance(each, DropTable)} - opened
    # The indexes of a table go with it.
    return [each for each in backwards if not (isinstance(each, DropIndex) and each.table in dropped)]


def _applied(state: State, operations: Iterable[Operation]) -> State:
    for operation in operations:
        state = operation.apply(state)
    return state


def _needs(table: Table, others: dict[str, Table]) -> list[Column]:
    return [
        column
        for column in table.columns
        if column.references and column.references.table in others and column.references.table != table.name
    ]


def _cut(waiting: dict[str, Table]) -> tuple[str, list[Column]]:
    """Choose where to open a circle of references: where the fewest columns are put off, none of them in a key."""
    found = [(name, _needs(table, waiting)) for name, table in waiting.items()]
    possible = [
        (name, columns) for name, columns in found if not {each.name for each in columns} & set(waiting[name].key())
    ]
    if not possible:
        raise UnsupportedChangeError(f'the primary keys of {", ".join(waiting)} refer to each other in a circle')
    return min(possible, key=lambda item: (any(not column.null for column in item[1]), len(item[1])))


def _lacking(table: Table, columns: list[Column]) -> Table:
    return replace(table, columns=tuple(column for column in table.columns if column not in columns))


def _renamed_tables(before: State, after: State, answers: Answers) -> Iterator[RenameTable]:
    gone = [table for name, table in before.tables.items() if name not in after.tables]
    new = [table for name, table in after.tables.items() if name not in before.tables]
    for table in gone:
        candidates = sorted(new, key=lambda each: -_likeness(table, each))
        for candidate in candidates:
            if answers.is_table_renamed(table.name, candidate.name, likely=_likeness(table, candidate) >= 0.5):
                new.remove(candidate)
                yield RenameTable(table.name, candidate.name)
                break


def _likeness(one: Table, other: Table) -> float:
    mine, theirs = {column.name for column in one.columns}, {column.name for column in other.columns}
    return len(mine & theirs) / max(len(mine | theirs), 1)


def _renamed_columns(before: Table, after: Table, answers: Answers) -> Iterator[RenameColumn]:
    for column in before.columns:
        if after.has(column.name) and after.column(column.name).column_name != column.column_name:
            yield _rename(before, column, after.column(column.name))
    gone = [column for column in before.columns if not after.has(column.name)]
    new = [column for column in after.columns if not before.has(column.name)]
    for column in gone:
        for candidate in new:
            if candidate.column_name == column.column_name or answers.is_column_renamed(
                before.name, column.name, candidate.name, likely=_alike(column, candidate)
            ):
                new.remove(candidate)
                yield _rename(before, column, candidate)
                break


def _rename(table: Table, old: Column, new: Column) -> RenameColumn:
    return RenameColumn(table.name, old.name, new.name, old.column_name, new.column_name)


def _alike(one: Column, other: Column) -> bool:
    return (one.module, one.class_name, one.primary_key) == (other.module, other.class_name, other.primary_key) and (
        one.references is None or other.references is None or one.references.table == other.references.table
    )


def _compare(before: Table, after: Table, changes: _Changes, answers: Answers) -> None:
    _refuse_unsupported(before, after)
    for index in before.indexes:
        if index not in after.indexes:
            changes.dropped_indexes.append(DropIndex(before.name, index))
    for index in after.indexes:
        if index not in before.indexes:
            changes.added_indexes.append(AddIndex(before.name, index))
    for column in after.columns:
        if not before.has(column.name):
            changes.added.append(AddColumn(before.name, column, _fill_for_new(before.name, column, answers)))
        elif before.column(column.name) != column:
            changes.altered.append(_alteration(before.name, before.column(column.name), column, answers))
    # From the last to the first: on the way back each comes after a column that is there again.
    for column in reversed(before.columns):
        if not after.has(column.name):
            changes.dropped_columns.append(_drop(before, column))


def _drop(table: Table, column: Column) -> DropColumn:
    position = table.columns.index(column)
    last = position == len(table.columns) - 1
    after = None if last or not position else table.columns[position - 1].name
    return DropColumn(table.name, column, neutral(column), after)


def _fill_for_new(table: str, column: Column, answers: Answers) -> Any:
    if column.null or column.default is not None or _has_default(column):
        return NOTHING
    if column.application_default is not None:
        default = column.application_default
        return default() if callable(default) else default
    return answers.fill(table, column, f'Column {table}.{column.name} may not be NULL. What do existing rows get?')


def _alteration(table: str, before: Column, after: Column, answers: Answers) -> AlterColumn:
    fill = NOTHING
    if before.null and not after.null and after.default is None:
        fill = answers.fill(table, after, f'Column {table}.{after.name} may no longer be NULL. What replaces NULL?')
    fill_back = neutral(before) if after.null and not before.null else NOTHING
    return AlterColumn(table, before, after, fill, fill_back)


def _has_default(column: Column) -> bool:
    return any(text.upper().startswith('DEFAULT') for text in column.constraints)


def _refuse_unsupported(before: Table, after: Table) -> None:
    for name, old, new in (
        ('primary key', before.key(), after.key()),
        ('constraints', set(before.constraints), set(after.constraints)),
        ('settings', before.settings, after.settings),
    ):
        if old != new:
            raise UnsupportedChangeError(
                f'the {name} of table {before.name} changed from {_list(old)} to {_list(new)}: '
                'this has to be written by hand (makemigrations --empty)'
            )


def _list(values: Iterable[str]) -> str:
    return ', '.join(sorted(values)) or 'none'
