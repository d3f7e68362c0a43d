"""MySQL and MariaDB: every statement that changes the schema commits what is before it."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import peewee

from colibris.persist.migrations.engines.altering import AlteringEngine, foreign_key_name, indexes_of
from colibris.persist.migrations.engines.base import Statement, Step, all_indexes, filling, index_name
from colibris.persist.migrations.operations import NOTHING, AddColumn, AlterColumn, DropColumn, DropIndex
from colibris.persist.migrations.state import Column, Index, State, Table

_ALREADY_DONE = {1005, 1022, 1050, 1051, 1054, 1060, 1061, 1091, 1146, 1176, 1826}


class MySQLEngine(AlteringEngine):
    """Statements for MySQL 8 and MariaDB 10.5.2, and later ones."""

    transactional: ClassVar[bool] = False

    def says_done(self, error: Exception) -> bool:
        """Whether what is to be made exists, or what is to be dropped or renamed does not."""
        return bool(error.args) and error.args[0] in _ALREADY_DONE

    def rename_index(self, table: Table, old: str, new: str) -> Statement:
        """`RENAME INDEX`."""
        return self.alter(table, peewee.SQL('RENAME INDEX'), peewee.Entity(old), peewee.SQL('TO'), peewee.Entity(new))

    def rename_foreign_key(
        self, old: Table, column: Column, new: Table, moved: Column, after: State
    ) -> Iterator[Statement]:
        """Make it anew: there is no other way."""
        yield self._drop_constraint(new, foreign_key_name(old, column))
        if _has_automatic_index(old, column):
            yield self._drop_index(new, foreign_key_name(old, column))
        yield self.add_foreign_key(new, moved, after)

    def remove_foreign_key(self, table: Table, column: Column) -> Statement:
        """`DROP FOREIGN KEY`."""
        return self._drop_constraint(table, foreign_key_name(table, column))

    def remove_index(self, table: Table, index: Index) -> Statement:
        """`DROP INDEX`, which needs the table."""
        return self._drop_index(table, index_name(table, index))

    def require(self, table: Table, column: Column, state: State) -> Statement:
        """Spell the whole column."""
        return self._modify(table, column, state)

    def place(self, table: Table, operation: AddColumn) -> list[Any]:
        """`AFTER`."""
        if operation.after is None:
            return []
        return [peewee.SQL('AFTER'), peewee.Entity(table.column(operation.after).column_name)]

    def drop_index(self, operation: DropIndex, before: State, after: State) -> Iterator[Step]:
        """Drop the index; a foreign key that uses it is away meanwhile."""
        table = before.table(operation.table)
        yield from self._without_keys(
            self._users(table, [operation.index]), table, before, after, [self.remove_index(table, operation.index)]
        )

    def drop_column(self, operation: DropColumn, before: State, _after: State) -> Iterator[Step]:
        """Drop the foreign key first."""
        table = before.table(operation.table)
        column = table.column(operation.column.name)
        if column.references:
            yield self.remove_foreign_key(table, column)
        yield self.alter(table, peewee.SQL('DROP COLUMN'), peewee.Entity(column.column_name))

    def alter_column(self, operation: AlterColumn, before: State, after: State) -> Iterator[Step]:
        """Spell the column anew; foreign keys in the way are made anew."""
        old, new = before.table(operation.table), after.table(operation.table)
        one, other = operation.before, operation.after
        retyped = self.retyped(operation, before, after)
        changes = self._modify(old, one, before) != self._modify(new, other, after)
        dropped, added = self._changed(old, one, new, other), self._changed(new, other, old, one)
        in_the_way = one.references is not None and (one.references != other.references or changes or bool(dropped))
        for table, column in retyped:
            yield self.remove_foreign_key(before.table(table), column)
        pointing = self._pointing(operation, before, retyped) if changes else []
        for table, column in pointing:
            yield self.remove_foreign_key(before.table(table), column)
        if in_the_way:
            yield self.remove_foreign_key(old, one)
            if _has_automatic_index(old, one):
                yield self._drop_index(old, foreign_key_name(old, one))
        yield from (self.remove_index(old, index) for index in dropped)
        if changes:
            yield from self._change(operation, after)
        for table, column in retyped:
            yield self._modify(after.table(table), column, after)
        yield from (self.create_index(new, index) for index in added)
        if other.references and (in_the_way or one.references is None):
            yield self.add_foreign_key(new, other, after)
        for table, column in (*retyped, *pointing):
            yield self.add_foreign_key(after.table(table), column, after)

    def _pointing(
        self, operation: AlterColumn, before: State, retyped: list[tuple[str, Column]]
    ) -> list[tuple[str, Column]]:
        pairs = [(table.name, column) for table, column in before.referring(operation.table)]
        return [
            (table, column)
            for table, column in pairs
            if column.references
            and column.references.field == operation.after.name
            and (table, column.name) not in [(name, each.name) for name, each in retyped]
        ]

    def _change(self, operation: AlterColumn, after: State) -> Iterator[Step]:
        table, column = after.table(operation.table), operation.after
        fill = filling(column, operation.fill)
        if operation.before.null and not column.null and fill is not NOTHING:
            yield self.update(after, operation.table, column, fill)
        yield self._modify(table, column, after)

    def _modify(self, table: Table, column: Column, state: State) -> Statement:
        field = self.models(state)[table.name]._meta.fields[column.name].clone()
        field.primary_key = False
        return self.alter(table, peewee.SQL('MODIFY COLUMN'), field.ddl(self.context()))

    def _without_keys(
        self, columns: list[Column], table: Table, before: State, after: State, steps: Iterable[Step]
    ) -> Iterator[Step]:
        for column in columns:
            yield self.remove_foreign_key(before.table(table.name), column)
        yield from steps
        for column in columns:
            yield self.add_foreign_key(after.table(table.name), column, after)

    def _users(self, table: Table, indexes: list[Index]) -> list[Column]:
        """The foreign keys that would be left without an index."""
        others = {index.parts[0] for index in all_indexes(table) if index not in indexes}
        leading = {index.parts[0] for index in indexes} - others
        return [column for column in table.columns if column.references and column.name in leading]

    def _changed(self, table: Table, column: Column, other_table: Table, other: Column) -> list[Index]:
        kept = [self.create_index(other_table, index) for index in indexes_of(other_table, other)]
        return [index for index in indexes_of(table, column) if self.create_index(table, index) not in kept]

    def _drop_constraint(self, table: Table, name: str) -> Statement:
        return self.alter(table, peewee.SQL('DROP FOREIGN KEY'), peewee.Entity(name))

    def _drop_index(self, table: Table, name: str) -> Statement:
        return self.statement(
            peewee.SQL('DROP INDEX'), peewee.Entity(name), peewee.SQL('ON'), peewee.Entity(table.name)
        )


def _has_automatic_index(table: Table, column: Column) -> bool:
    """Whether the engine made an index for a foreign key because there was none that it could use."""
    return column.references is not None and not any(index.parts[0] == column.name for index in all_indexes(table))
