"""The tables that the tools work on, as models without a project's own conversions and defaults."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, cast

import peewee

from colibris.persist.migrations.models import closure, frozen_models, state_of
from colibris.persist.migrations.state import Column, State
from colibris.persist.passwords import PasswordField
from colibris.persist.tools.errors import ToolError

__all__ = ['Tables', 'is_mariadb', 'is_postgresql', 'is_sqlite']

_sort: Any = vars(peewee)['sort_models']


class Tables:
    """The tables of a project's models, and of those that they refer to.

    :param database: the Peewee database that holds them.
    :param models: the project's models.
    :raises MigrationError: a model uses what migrations cannot describe, for these tables neither.
    """

    def __init__(self, database: Any, models: Iterable[type[peewee.Model]]) -> None:
        self.database = database
        models = list(closure(models))
        fields = [field for model in models for field in cast('Any', model)._meta.sorted_fields]
        self._passwords = {_key(field): field for field in fields if isinstance(field, PasswordField)}
        self._state = _without_time_zones(state_of(models))
        self._models = frozen_models(self._state, database)

    def __iter__(self) -> Iterator[Any]:
        """The tables' models: a table comes after those that it refers to, except where they go round in a circle."""
        return iter(_sort(list(self._models.values())))

    def get(self, name: str) -> Any:
        """The model of a table, or ``None``."""
        return self._models.get(name)

    def column(self, table: str, field: Any) -> Column:
        """What migrations know about a field of the table's model."""
        return self._state.table(table).column(field.name)

    def password_field(self, field: Any) -> PasswordField | None:
        """The project's field for a field of a table's model, if it holds hashes of passwords."""
        return self._passwords.get(_key(field))

    def choose(self, names: Iterable[str]) -> list[Any]:
        """The models of the named tables, or of all, in the order of :meth:`__iter__`.

        :raises ToolError: there is no such table.
        """
        wanted = set(names)
        unknown = sorted(wanted - self._models.keys())
        if unknown:
            there = ', '.join(sorted(self._models)) or 'none'
            raise ToolError(f'no model has the table {", ".join(unknown)} (tables: {there})')
        return [model for model in self if not wanted or model._meta.table_name in wanted]

    def existing(self) -> list[Any]:
        """The models of the tables that are in the database, in the order of :meth:`__iter__`."""
        there = set(self.database.get_tables())
        return [model for model in self if model._meta.table_name in there]

    def is_circular(self, model: Any) -> bool:
        """Whether a table refers to itself, directly or through others."""
        reached: set[Any] = set()
        queue = list(model._meta.refs.values())
        while queue:
            target = queue.pop()
            if target not in reached:
                reached.add(target)
                queue += target._meta.refs.values()
        return model in reached


def _key(field: Any) -> tuple[str, str]:
    return field.model._meta.table_name, field.name


def is_sqlite(database: Any) -> bool:
    """Whether a Peewee database is one of SQLite's."""
    return isinstance(database, peewee.SqliteDatabase)


def is_postgresql(database: Any) -> bool:
    """Whether a Peewee database is one of PostgreSQL's."""
    return isinstance(database, peewee.PostgresqlDatabase)


def is_mariadb(database: Any) -> bool:
    """Whether a Peewee database is one of MariaDB's."""
    return isinstance(database, peewee.MySQLDatabase) and bool(database.mariadb)


def _without_time_zones(state: State) -> State:
    """Timestamps as the numbers that they are stored as: an hour that a clock shows twice would lose its meaning."""
    return State(
        {
            name: replace(table, columns=tuple(_as_number(column) for column in table.columns))
            for name, table in state.tables.items()
        }
    )


def _as_number(column: Column) -> Column:
    if column.class_name != 'TimestampField':
        return column
    return replace(column, module='peewee', class_name='BigIntegerField', options=(), default=None)
