"""Tables as immutable data: what the models, the migration files and the database are compared by."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from colibris.persist.migrations.errors import MigrationError
from colibris.persist.migrations.literals import Literal


@dataclass(frozen=True)
class Reference:
    """A foreign key's target: a table, the name of one of its fields, and what happens when the target goes."""

    table: str
    field: str
    on_delete: str | None = None
    on_update: str | None = None
    deferrable: str | None = None


@dataclass(frozen=True)
class Column:
    """A field of a model, described by its class and arguments."""

    name: str
    column_name: str
    module: str
    class_name: str
    options: tuple[tuple[str, Literal], ...] = ()
    null: bool = False
    primary_key: bool = False
    unique: bool = False
    index: bool = False
    default: Literal | None = None
    constraints: tuple[str, ...] = ()
    collation: str | None = None
    sequence: str | None = None
    index_type: str | None = None
    references: Reference | None = None
    application_default: Any = field(default=None, compare=False, repr=False)

    @property
    def kind(self) -> tuple[str, str, tuple[tuple[str, Literal], ...]]:
        """The class and its arguments, without what every class has."""
        return self.module, self.class_name, self.options

    def default_column_name(self) -> str:
        """The column's name in the database when the field does not give another one."""
        return default_column_name(self.name, is_reference=self.references is not None)


@dataclass(frozen=True)
class Index:
    """An index over fields (their names) or SQL expressions (`Expression`)."""

    parts: tuple['str | Expression', ...]
    unique: bool = False
    name: str | None = None
    where: str | None = None
    using: str | None = None

    def fields(self) -> set[str]:
        """The names of the fields that are parts of the index."""
        return {part for part in self.parts if isinstance(part, str)}


@dataclass(frozen=True)
class Expression:
    """A piece of SQL in an index."""

    sql: str


@dataclass(frozen=True)
class Table:
    """A table: its columns in order, its key, and what spans several columns."""

    name: str
    columns: tuple[Column, ...]
    composite_key: tuple[str, ...] = ()
    indexes: tuple[Index, ...] = ()
    constraints: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """Return the column of the field `name`; raise `MigrationError` when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise MigrationError(f'table {self.name} has no column {name}')

    def has(self, name: str) -> bool:
        """Whether there is a field `name`."""
        return any(column.name == name for column in self.columns)

    def with_column(self, name: str, column: Column) -> 'Table':
        """A copy with another column in the place of the field `name`."""
        return replace(self, columns=tuple(column if each.name == name else each for each in self.columns))

    def key(self) -> tuple[str, ...]:
        """The names of the fields of the primary key; empty without one."""
        return self.composite_key or tuple(column.name for column in self.columns if column.primary_key)

    def same_as(self, other: 'Table') -> bool:
        """Whether both describe the same table; the order of columns and indexes does not matter."""
        return _unordered(self) == _unordered(other)


@dataclass(frozen=True)
class State:
    """All tables, by name."""

    tables: Mapping[str, Table] = field(default_factory=dict)

    def table(self, name: str) -> Table:
        """Return the table; raise `MigrationError` when there is none."""
        if name not in self.tables:
            raise MigrationError(f'there is no table {name} at this point of the migrations')
        return self.tables[name]

    def with_table(self, table: Table) -> 'State':
        """A copy in which `table` is added or replaced."""
        return State({**self.tables, table.name: table})

    def without(self, name: str) -> 'State':
        """A copy that lacks the table `name`."""
        return State({key: table for key, table in self.tables.items() if key != name})

    def referring(self, name: str) -> Iterable[tuple[Table, Column]]:
        """The foreign keys of other tables, and of the table itself, that point to the table `name`."""
        for table in self.tables.values():
            for column in table.columns:
                if column.references is not None and column.references.table == name:
                    yield table, column

    def same_as(self, other: 'State') -> bool:
        """Whether both describe the same tables."""
        return self.tables.keys() == other.tables.keys() and all(
            table.same_as(other.tables[name]) for name, table in self.tables.items()
        )


def default_column_name(name: str, *, is_reference: bool) -> str:
    """Peewee's name for the column of the field `name`."""
    return f'{name}_id' if is_reference and not name.endswith('_id') else name


def _unordered(table: Table) -> tuple[object, ...]:
    return (
        table.name,
        frozenset(table.columns),
        table.composite_key,
        frozenset(table.indexes),
        frozenset(table.constraints),
        frozenset(table.settings),
    )
