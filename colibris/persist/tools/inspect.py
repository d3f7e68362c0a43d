"""Models for the tables of a database that is there already."""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import peewee
from playhouse import reflection

from colibris import persist
from colibris.persist.migrations.history import TABLE as HISTORY
from colibris.persist.tools.errors import ToolError
from colibris.persist.tools.tables import is_mariadb

__all__ = ['inspect_database']


def inspect_database(database: Any, names: Collection[str] = ()) -> str:
    """The source of a module ``models`` that describes the tables as Peewee's reflection sees them.

    :param names: the tables, besides those that they refer to; all by default.
    :raises ToolError: there is no such table.
    """
    there = [name for name in database.get_tables() if name != HISTORY]
    unknown = sorted(set(names) - set(there))
    if unknown:
        raise ToolError(f'there is no table {", ".join(unknown)}')
    introspector = reflection.Introspector.from_database(database)
    found = introspector.introspect(table_names=list(names or there))
    _find_json(database, found)
    return _Module(found).source()


def _find_json(database: Any, found: Any) -> None:
    """Find the JSON columns of MariaDB, which are texts that have to pass a check."""
    if not is_mariadb(database):
        return
    checks = database.execute_sql(
        'SELECT table_name, check_clause FROM information_schema.check_constraints WHERE constraint_schema = DATABASE()'
    )
    for table, clause in checks.fetchall():
        match = re.fullmatch(r'json_valid\(`(.+)`\)', clause, re.IGNORECASE)
        if match and table in found.columns:
            found.columns[table][match[1]].field_class = peewee.JSONField


class _Module:
    """The source of a module, in which a class comes after those that it refers to."""

    def __init__(self, found: Any) -> None:
        self._found = found
        self._done: list[str] = []
        self._blocks: list[str] = []
        self._extensions: set[str] = set()
        for columns in found.columns.values():
            _make_names_usable(columns.values())

    def source(self) -> str:
        """The text."""
        for table in sorted(self._found.model_names):
            self._add(table, ())
        imports = ['from colibris import persist']
        if self._extensions:
            imports.append(f'from playhouse.postgres_ext import {", ".join(sorted(self._extensions))}')
        head = '\n'.join(['"""The models."""', '', *imports])
        return '\n\n\n'.join([head, *self._blocks]) + '\n'

    def _add(self, table: str, waiting: tuple[str, ...]) -> None:
        if table in self._done or table in waiting:
            return
        for key in sorted(self._found.foreign_keys[table], key=lambda key: str(key.column)):
            self._add(key.dest_table, (*waiting, table))
        self._blocks.append('\n'.join(self._model(table)))
        self._done.append(table)

    def _model(self, table: str) -> Iterator[str]:
        yield f'class {self._found.model_names[table]}(persist.Model):'
        fields = [self._field(table, column) for column in self._visible(table)]
        yield from (f'    {line}' for line in [*fields, ''] if fields)
        yield '    class Meta:'
        yield from (f'        {line}' for line in self._options(table))

    def _visible(self, table: str) -> Iterator[Any]:
        """The columns that Peewee would not add by itself."""
        for column in self._found.columns[table].values():
            if not (column.name == column.column_name == 'id' and column.field_class is reflection.AutoField):
                yield column

    def _field(self, table: str, column: Any) -> str:
        if len(self._found.primary_keys[table]) > 1:
            column.primary_key = False
        arguments = column.get_field_parameters()
        target = arguments.pop('model', None)
        made = self._class(column)
        if target is not None and target != "'self'" and not self._is_defined(column):
            made, target = 'persist.DeferredForeignKey', repr(target)
        listed = [_argument(name, value) for name, value in sorted(arguments.items()) if not _is_implied(column, name)]
        text = f'{column.name} = {made}({", ".join([str(target), *listed] if target else listed)})'
        is_known = column.field_class not in _UNKNOWN
        return text if is_known else f'{text}  # in the database: {column.raw_column_type or "no type"}'

    def _is_defined(self, column: Any) -> bool:
        return column.foreign_key.dest_table in self._done

    def _class(self, column: Any) -> str:
        if column.field_class in _UNKNOWN:
            return 'persist.TextField'
        name = str(column.field_class.__name__)
        if name in ('JSONField', 'BinaryJSONField'):
            return 'persist.JSONField'
        if getattr(persist, name, None) is None:
            self._extensions.add(name)
            return name
        return f'persist.{name}'

    def _options(self, table: str) -> Iterator[str]:
        yield f'table_name = {table!r}'
        found = self._found
        keys = [found.columns[table][name].name for name in found.primary_keys[table]]
        listed = {(tuple(fields), bool(unique)) for fields, unique in found.multi_column_indexes(table)}
        indexes = sorted(listed - {(tuple(keys), True)})
        if indexes:
            yield f'indexes = ({", ".join(map(repr, indexes))},)'
        if len(keys) > 1:
            yield f'primary_key = persist.CompositeKey({", ".join(map(repr, keys))})'
        elif not keys:
            yield 'primary_key = False'
        for index in found.unhandled_indexes(table):
            yield f'# an index over an expression or a part of the rows: {_flat(index.sql or index.name)}'


_UNKNOWN = (reflection.UnknownField, reflection.BareField)


def _make_names_usable(columns: Iterable[Any]) -> None:
    for column in columns:
        if hasattr(persist.Model, column.name):
            column.name += '_'


def _is_implied(column: Any, name: str) -> bool:
    usual = column.column_name == (column.name if column.name.endswith('_id') else f'{column.name}_id')
    if name == 'column_name':
        return bool(column.is_foreign_key() and usual)
    return name == 'field' and column.to_field == 'id'


def _argument(name: str, value: Any) -> str:
    if isinstance(value, type):
        return f'{name}=persist.{value.__name__}'
    text = str(value)
    return f'{name}={re.sub(r"^.SQL", "[persist.SQL", text) if name == "constraints" else text}'


def _flat(sql: str) -> str:
    return ' '.join(sql.split())
