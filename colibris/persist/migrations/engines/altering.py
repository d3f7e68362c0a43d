"""What the engines share that can alter a table in place."""

from collections.abc import Iterator
from typing import Any

import peewee

from colibris.persist.migrations.engines.base import (
    Engine,
    Statement,
    Step,
    all_indexes,
    filling,
    index_name,
    limited,
)
from colibris.persist.migrations.operations import (
    NOTHING,
    AddColumn,
    AlterColumn,
    DropColumn,
    RenameColumn,
    RenameTable,
)
from colibris.persist.migrations.state import Column, State, Table


class AlteringEngine(Engine):
    """Statements made of `ALTER TABLE`; every index and foreign key has a name made from its table and column."""

    def foreign_key(self, table: Table, column: Column, model: Any) -> Any:
        """Name the constraint."""
        field = model._meta.fields[column.name].clone()
        field.constraint_name = foreign_key_name(table, column)
        return field.foreign_key_constraint()

    def rename_table(self, operation: RenameTable, before: State, after: State) -> Iterator[Step]:
        """Rename the table, its indexes and its foreign keys."""
        old, new = before.table(operation.old), after.table(operation.new)
        yield self.alter(old, peewee.SQL('RENAME TO'), peewee.Entity(new.name))
        yield from self.rename_parts(old, new, after)

    def rename_column(self, operation: RenameColumn, before: State, after: State) -> Iterator[Step]:
        """Rename the column, its indexes and its foreign key."""
        if operation.old_column_name == operation.new_column_name:
            return
        old, new = before.table(operation.table), after.table(operation.table)
        names = peewee.Entity(operation.old_column_name), peewee.Entity(operation.new_column_name)
        yield self.alter(old, peewee.SQL('RENAME COLUMN'), names[0], peewee.SQL('TO'), names[1])
        yield from self.rename_parts(old, new, after)

    def rename_parts(self, old: Table, new: Table, after: State) -> Iterator[Step]:
        """Give the indexes and foreign keys of a table the names that they have after it, or a column, was renamed."""
        for index, renamed in zip(all_indexes(old), all_indexes(new), strict=True):
            names = index_name(old, index), index_name(new, renamed)
            if names[0] != names[1]:
                yield self.rename_index(new, *names)
        for column, moved in zip(old.columns, new.columns, strict=True):
            if column.references and foreign_key_name(old, column) != foreign_key_name(new, moved):
                yield from self.rename_foreign_key(old, column, new, moved, after)

    def rename_index(self, table: Table, old: str, new: str) -> Statement:
        """Rename an index."""
        raise NotImplementedError

    def rename_foreign_key(
        self, old: Table, column: Column, new: Table, moved: Column, after: State
    ) -> Iterator[Statement]:
        """Rename a foreign key's constraint."""
        raise NotImplementedError

    def require(self, table: Table, column: Column, state: State) -> Statement:
        """Forbid NULL."""
        raise NotImplementedError

    def add_column(self, operation: AddColumn, _before: State, after: State) -> Iterator[Step]:
        """Add the column, fill it, then forbid NULL; then its foreign key and index."""
        table, column = after.table(operation.table), operation.column
        fill = filling(column, operation.fill)
        field = self.models(after)[table.name]._meta.fields[column.name].clone()
        field.null = column.null or fill is not NOTHING
        yield self.alter(table, peewee.SQL('ADD COLUMN'), field.ddl(self.context()), *self.place(table, operation))
        if fill is not NOTHING:
            yield self.update(after, operation.table, column, fill)
            if not column.null:
                yield self.require(table, column, after)
        if column.references:
            yield self.add_foreign_key(table, column, after)
        for index in indexes_of(table, column):
            yield self.create_index(table, index)

    def drop_column(self, operation: DropColumn, before: State, _after: State) -> Iterator[Step]:
        """Drop the column; its foreign key and index go with it."""
        table = before.table(operation.table)
        yield self.alter(table, peewee.SQL('DROP COLUMN'), peewee.Entity(operation.column.column_name))

    def place(self, _table: Table, _operation: AddColumn) -> list[Any]:
        """Where the column goes; at the end unless the engine knows better."""
        return []

    def update(self, state: State, table: str, column: Column, fill: Any) -> Statement:
        """Put `fill` into every row that has NULL."""
        entity = peewee.Entity(column.column_name)
        value = peewee.Value(self.value(state, table, column.name, fill), unpack=False)
        equal = [peewee.SQL('='), value, peewee.SQL('WHERE'), entity, peewee.SQL('IS NULL')]
        return self.statement(peewee.SQL('UPDATE'), peewee.Entity(table), peewee.SQL('SET'), entity, *equal)

    def add_foreign_key(self, table: Table, column: Column, state: State) -> Statement:
        """Add a foreign key's constraint."""
        constraint = self.foreign_key(table, column, self.models(state)[table.name])
        return self.alter(table, peewee.SQL('ADD'), constraint)

    def remove_foreign_key(self, table: Table, column: Column) -> Statement:
        """Drop a foreign key's constraint."""
        return self.alter(table, peewee.SQL('DROP CONSTRAINT'), peewee.Entity(foreign_key_name(table, column)))

    def alter(self, table: Table, *nodes: Any) -> Statement:
        """`ALTER TABLE`."""
        return self.statement(peewee.SQL('ALTER TABLE'), peewee.Entity(table.name), *nodes)

    def type_of(self, state: State, table: str, column: str) -> str:
        """The column's type as the engine spells it."""
        context = self.context()
        field = self.models(state)[table]._meta.fields[column]
        return str(context.sql(field.ddl_datatype(context)).query()[0])

    def retyped(self, operation: AlterColumn, before: State, after: State) -> list[tuple[str, Column]]:
        """The foreign keys whose type changes with the column that they point to."""
        pairs = [(table.name, column) for table, column in after.referring(operation.table)]
        return [
            (table, column)
            for table, column in pairs
            if (table, column.name) != (operation.table, operation.after.name)
            and self.type_of(before, table, column.name) != self.type_of(after, table, column.name)
        ]


def foreign_key_name(table: Table, column: Column) -> str:
    """The name of a foreign key's constraint."""
    return limited(f'{table.name}__{column.column_name}_fkey')


def indexes_of(table: Table, column: Column) -> list[Any]:
    """The index that the column itself asks for, if any."""
    return [index for index in all_indexes(table) if index.parts == (column.name,) and index not in table.indexes]
