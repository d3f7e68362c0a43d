"""The changes that a migration is made of; each knows the state that it leads to and the way back."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from colibris.persist.migrations.errors import MigrationError
from colibris.persist.migrations.state import Column, Expression, Index, Reference, State, Table, default_column_name


class _Sentinel:
    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f'<{self.name}>'


NOTHING: Any = _Sentinel('nothing')
"""Stands for "no value given", where None is a value."""

FILLED: Any = _Sentinel('filled')
"""Stands for "the rows have their values already"."""


class Operation(Protocol):
    """One change of the schema."""

    def apply(self, state: State) -> State:
        """Return the state after the change; raise `MigrationError` when it does not fit `state`."""

    def inverse(self) -> list['Operation']:
        """Return the operations that undo this one."""

    def describe(self) -> str:
        """Say in a few words what happens."""


@dataclass(frozen=True)
class CreateTable:
    """A new table, without the indexes that span columns."""

    table: Table

    def apply(self, state: State) -> State:
        """Add the table."""
        if self.table.name in state.tables:
            raise MigrationError(f'there is a table {self.table.name} already at this point of the migrations')
        for column in self.table.columns:
            reference = column.references
            if reference and reference.table != self.table.name:
                state.table(reference.table).column(reference.field)
        return state.with_table(self.table)

    def inverse(self) -> list[Operation]:
        """Drop it."""
        return [DropTable(self.table)]

    def describe(self) -> str:
        """Name the table."""
        return f'create table {self.table.name}'


@dataclass(frozen=True)
class DropTable:
    """A table goes, with its rows and indexes."""

    table: Table

    def apply(self, state: State) -> State:
        """Remove the table."""
        state.table(self.table.name)
        for table, column in state.referring(self.table.name):
            if table.name != self.table.name:
                raise MigrationError(f'{table.name}.{column.name} still refers to the table {self.table.name}')
        return state.without(self.table.name)

    def inverse(self) -> list[Operation]:
        """Create it anew, empty."""
        bare = replace(self.table, indexes=())
        return [CreateTable(bare), *(AddIndex(self.table.name, index) for index in self.table.indexes)]

    def describe(self) -> str:
        """Name the table."""
        return f'drop table {self.table.name}'


@dataclass(frozen=True)
class RenameTable:
    """A table gets another name."""

    old: str
    new: str

    def apply(self, state: State) -> State:
        """Move the table, and the references to it."""
        table = state.table(self.old)
        if self.new in state.tables:
            raise MigrationError(f'there is a table {self.new} already at this point of the migrations')
        tables = {self.new if name == self.old else name: each for name, each in state.tables.items()}
        tables[self.new] = replace(table, name=self.new)
        return _redirected(State(tables), lambda it: replace(it, table=self.new) if it.table == self.old else it)

    def inverse(self) -> list[Operation]:
        """Give the old name back."""
        return [RenameTable(self.new, self.old)]

    def describe(self) -> str:
        """Name both names."""
        return f'rename table {self.old} to {self.new}'


@dataclass(frozen=True)
class AddColumn:
    """A table gets another column; `fill` is what its existing rows get."""

    table: str
    column: Column
    fill: Any = NOTHING
    after: str | None = None

    def apply(self, state: State) -> State:
        """Add the column, at the end when `after` is not given."""
        table = state.table(self.table)
        if table.has(self.column.name):
            raise MigrationError(f'table {self.table} has a column {self.column.name} already')
        reference = self.column.references
        if reference:
            state.table(reference.table).column(reference.field)
        columns = list(table.columns)
        place = columns.index(table.column(self.after)) + 1 if self.after else len(columns)
        columns.insert(place, self.column)
        return state.with_table(replace(table, columns=tuple(columns)))

    def inverse(self) -> list[Operation]:
        """Drop it."""
        return [DropColumn(self.table, self.column)]

    def describe(self) -> str:
        """Name table and column."""
        return f'add column {self.table}.{self.column.name}'


@dataclass(frozen=True)
class DropColumn:
    """A column goes, with its values; `fill` and `after` are for the way back."""

    table: str
    column: Column
    fill: Any = NOTHING
    after: str | None = None

    def apply(self, state: State) -> State:
        """Remove the column."""
        table, name = state.table(self.table), self.column.name
        table.column(name)
        if name in table.composite_key or any(name in index.fields() for index in table.indexes):
            raise MigrationError(f'{self.table}.{name} is part of a key or index: drop that first')
        for other, column in state.referring(self.table):
            if column.references and column.references.field == name and (other, column.name) != (table, name):
                raise MigrationError(f'{other.name}.{column.name} still refers to {self.table}.{name}')
        return state.with_table(replace(table, columns=tuple(each for each in table.columns if each.name != name)))

    def inverse(self) -> list[Operation]:
        """Add it anew, without its values."""
        return [AddColumn(self.table, self.column, self.fill, self.after)]

    def describe(self) -> str:
        """Name table and column."""
        return f'drop column {self.table}.{self.column.name}'


@dataclass(frozen=True)
class RenameColumn:
    """A field gets another name, and its column too unless the names given are the same."""

    table: str
    old: str
    new: str
    old_column_name: str
    new_column_name: str

    def apply(self, state: State) -> State:
        """Rename the field in the table, its key and its indexes, and in the references to it."""
        table = state.table(self.table)
        column = table.column(self.old)
        if self.new != self.old and table.has(self.new):
            raise MigrationError(f'table {self.table} has a column {self.new} already')
        table = table.with_column(self.old, replace(column, name=self.new, column_name=self.new_column_name))
        table = replace(
            table,
            composite_key=tuple(self.new if name == self.old else name for name in table.composite_key),
            indexes=tuple(self._index(index) for index in table.indexes),
        )
        return _redirected(state.with_table(table), self._reference)

    def _index(self, index: Index) -> Index:
        return replace(index, parts=tuple(self.new if part == self.old else part for part in index.parts))

    def _reference(self, reference: Reference) -> Reference:
        if (reference.table, reference.field) == (self.table, self.old):
            return replace(reference, field=self.new)
        return reference

    def inverse(self) -> list[Operation]:
        """Give the old names back."""
        return [RenameColumn(self.table, self.new, self.old, self.new_column_name, self.old_column_name)]

    def describe(self) -> str:
        """Name both names."""
        if self.old == self.new:
            return f'rename column {self.table}.{self.old_column_name} to {self.new_column_name}'
        return f'rename column {self.table}.{self.old} to {self.new}'


@dataclass(frozen=True)
class AlterColumn:
    """A column changes in anything but its name; `fill` replaces NULL where that is no longer allowed."""

    table: str
    before: Column
    after: Column
    fill: Any = NOTHING
    fill_back: Any = NOTHING

    def apply(self, state: State) -> State:
        """Replace the column's description."""
        table = state.table(self.table)
        column = table.column(self.after.name)
        if column.column_name != self.after.column_name:
            raise MigrationError(f'{self.table}.{column.name} changes its column name: use rename_column()')
        reference = self.after.references
        if reference:
            state.table(reference.table).column(reference.field)
        return state.with_table(table.with_column(self.after.name, self.after))

    def inverse(self) -> list[Operation]:
        """Alter it back."""
        return [AlterColumn(self.table, self.after, self.before, self.fill_back, self.fill)]

    def describe(self) -> str:
        """Name table, column and what differs."""
        return f'alter column {self.table}.{self.after.name}: {", ".join(differences(self.before, self.after))}'


@dataclass(frozen=True)
class AddIndex:
    """A table gets an index over several columns or expressions."""

    table: str
    index: Index

    def apply(self, state: State) -> State:
        """Add the index."""
        table = state.table(self.table)
        for name in self.index.fields():
            table.column(name)
        if self.index in table.indexes:
            raise MigrationError(f'table {self.table} has this index already: {_parts(self.index)}')
        return state.with_table(replace(table, indexes=(*table.indexes, self.index)))

    def inverse(self) -> list[Operation]:
        """Drop it."""
        return [DropIndex(self.table, self.index)]

    def describe(self) -> str:
        """Name table and columns."""
        return f'add {"unique " if self.index.unique else ""}index on {self.table} ({_parts(self.index)})'


@dataclass(frozen=True)
class DropIndex:
    """An index over several columns or expressions goes."""

    table: str
    index: Index

    def apply(self, state: State) -> State:
        """Remove the index."""
        table = state.table(self.table)
        if self.index not in table.indexes:
            raise MigrationError(f'table {self.table} has no such index: {_parts(self.index)}')
        return state.with_table(replace(table, indexes=tuple(each for each in table.indexes if each != self.index)))

    def inverse(self) -> list[Operation]:
        """Add it anew."""
        return [AddIndex(self.table, self.index)]

    def describe(self) -> str:
        """Name table and columns."""
        return f'drop {"unique " if self.index.unique else ""}index on {self.table} ({_parts(self.index)})'


def differences(before: Column, after: Column) -> list[str]:
    """Say in a few words each what differs between two descriptions of a column."""
    found = []
    if (before.module, before.class_name) != (after.module, after.class_name):
        found.append(f'{before.class_name} to {after.class_name}')
    for name, value in after.options:
        old = dict(before.options).get(name)
        if old is not None and old != value:
            found.append(f'{name} {old.source} to {value.source}')
    if before.references != after.references:
        found.append(_reference_difference(before.references, after.references))
    flags = [name for name in ('null', 'primary_key', 'unique', 'index') if _differ(name, before, after)]
    found += [name if getattr(after, name) else f'not {name}' for name in flags]
    others = ('default', 'constraints', 'collation', 'sequence', 'index_type')
    found += [name.replace('_', ' ') for name in others if _differ(name, before, after)]
    return found or ['nothing']


def _differ(name: str, before: Column, after: Column) -> bool:
    return bool(getattr(before, name) != getattr(after, name))


def _reference_difference(before: Reference | None, after: Reference | None) -> str:
    if before is None and after is not None:
        return f'foreign key to {after.table}'
    if after is None:
        return 'no foreign key'
    if before and (before.table, before.field) == (after.table, after.field):
        return f'on delete {after.on_delete or "nothing"}, on update {after.on_update or "nothing"}'
    return f'foreign key to {after.table}.{after.field}'


def _parts(index: Index) -> str:
    return ', '.join(part.sql if isinstance(part, Expression) else part for part in index.parts)


def _redirected(state: State, change: Callable[[Reference], Reference]) -> State:
    tables = {}
    for name, table in state.tables.items():
        columns = (
            replace(column, references=change(column.references)) if column.references else column
            for column in table.columns
        )
        tables[name] = replace(table, columns=tuple(columns))
    return State(tables)


def renamed_column_name(column: Column, new: str) -> str:
    """The column name that the field gets with its new name when no other is asked for."""
    return default_column_name(new, is_reference=column.references is not None)
