"""What a migration's `up(schema)` and `down(schema)` are given."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import peewee

from colibris.persist.migrations.errors import MigrationError
from colibris.persist.migrations.fields import describe, to_sql
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
    renamed_column_name,
)
from colibris.persist.migrations.state import Expression, Index, State, Table


class Schema:
    """The tables at one point of the migrations, and the changes that can be made to them.

    The class itself only records, and tells what the files describe without any database; an `Editor` also makes the
    changes. Every method raises `MigrationError` when the change does not fit the tables as they are.
    """

    def __init__(self, state: State | None = None) -> None:
        """Start with the tables of `state`, or with none."""
        self.state = state or State()
        self.operations: list[Operation] = []

    def create_table(self, table: str, /, *extras: Any, **columns: Any) -> None:
        """Create `table` with a column for each keyword (the model's field name).

        A positional argument that is a string is a setting (`'WITHOUT ROWID'`); any other is a constraint
        (`Check('price > 0')`). A composite key is `primary_key=CompositeKey('a', 'b')`.
        """
        keys = [value for value in columns.values() if isinstance(value, peewee.CompositeKey)]
        fields = {name: field for name, field in columns.items() if not isinstance(field, peewee.CompositeKey)}
        described = Table(
            name=table,
            columns=tuple(describe(field, name) for name, field in fields.items()),
            composite_key=tuple(keys[0].field_names) if keys else (),
            constraints=tuple(to_sql(extra) for extra in extras if not isinstance(extra, str)),
            settings=tuple(extra for extra in extras if isinstance(extra, str)),
        )
        self._do(CreateTable(described))

    def drop_table(self, table: str) -> None:
        """Drop `table` with all of its rows."""
        self._do(DropTable(self.state.table(table)))

    def rename_table(self, old: str, new: str) -> None:
        """Give the table `old` the name `new`."""
        self._do(RenameTable(old, new))

    def add_column(
        self, table: str, name: str, field: 'peewee.Field[Any]', *, fill: Any = NOTHING, after: str | None = None
    ) -> None:
        """Add a column for the field `name`.

        Existing rows get `fill` (a value, or a function called for each row); without it the field's default when the
        column may not be NULL. `after` names the column that it stands behind; PostgreSQL always adds at the end.
        """
        self._do(AddColumn(table, describe(field, name), fill, after))

    def drop_column(self, table: str, name: str) -> None:
        """Drop the column of the field `name` with all of its values."""
        self._do(DropColumn(table, self.state.table(table).column(name)))

    def rename_column(self, table: str, old: str, new: str, *, column_name: str | None = None) -> None:
        """Give the field `old` the name `new`.

        `column_name` is the column's new name, where it is not the usual one for the field.
        """
        column = self.state.table(table).column(old)
        wanted = column_name or renamed_column_name(column, new)
        self._do(RenameColumn(table, old, new, column.column_name, wanted))

    def alter_column(self, table: str, name: str, field: 'peewee.Field[Any]', *, fill: Any = NOTHING) -> None:
        """Make the column of the field `name` be as `field` says, in everything but its name.

        `fill` (a value, or a function called for each row) replaces NULL when the column may no longer be NULL; without
        it the field's default does.
        """
        before, after = self.state.table(table).column(name), describe(field, name)
        if field.column_name is None:
            after = replace(after, column_name=after.default_column_name())
        self._do(AlterColumn(table, before, after, fill))

    def add_index(
        self,
        table: str,
        *parts: Any,
        unique: bool = False,
        name: str | None = None,
        where: Any = None,
        using: str | None = None,
    ) -> None:
        """Add an index over `parts`: names of fields, or `SQL('...')` expressions; `where` (SQL) makes it partial."""
        self._do(AddIndex(table, _index(parts, unique, name, where, using)))

    def drop_index(
        self,
        table: str,
        *parts: Any,
        unique: bool = False,
        name: str | None = None,
        where: Any = None,
        using: str | None = None,
    ) -> None:
        """Drop the index that was added with these arguments."""
        self._do(DropIndex(table, _index(parts, unique, name, where, using)))

    def execute(self, sql: str, *parameters: Any) -> None:
        """Execute one SQL statement, with the placeholders of the engine's driver (SQLite `?`, the others `%s`)."""

    def run(self, function: Callable[[Mapping[str, Any]], object]) -> None:
        """Call `function(models)` to change data.

        `models` maps the name of each table to a Peewee model as the table is at this point, not as the application's
        models are today: `models['user'].update(...).execute()`.
        """

    @property
    def models(self) -> Mapping[str, Any]:
        """The frozen models; only inside of `run`, because the files are also read without a database."""
        raise MigrationError('use schema.run(function): it calls function(models) when there is a database')

    def perform(self, operation: Operation, before: State, after: State) -> None:
        """Make the change that leads from `before` to `after`; nothing to do without a database."""

    def _do(self, operation: Operation) -> None:
        before = self.state
        after = operation.apply(before)
        self.perform(operation, before, after)
        self.operations.append(operation)
        self.state = after


def _index(parts: tuple[Any, ...], unique: bool, name: str | None, where: Any, using: str | None) -> Index:
    return Index(
        parts=tuple(part if isinstance(part, str) else Expression(to_sql(part)) for part in parts),
        unique=unique,
        name=name,
        where=None if where is None else to_sql(where),
        using=using,
    )
