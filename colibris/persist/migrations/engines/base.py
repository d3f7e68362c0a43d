"""What every engine shares: spelling tables and indexes, and filling columns."""

import hashlib
import re
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import peewee

from colibris.persist.migrations.errors import MigrationError
from colibris.persist.migrations.models import frozen_models
from colibris.persist.migrations.operations import (
    FILLED,
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
from colibris.persist.migrations.state import Column, Expression, Index, State, Table

_LONGEST_NAME = 60


@dataclass(frozen=True)
class Statement:
    """One SQL statement with its parameters."""

    sql: str
    parameters: tuple[Any, ...] = ()

    def run(self, database: Any) -> None:
        """Execute it."""
        database.execute_sql(self.sql, self.parameters)

    def __str__(self) -> str:
        """The SQL, for people."""
        return f'{self.sql}  -- {list(self.parameters)}' if self.parameters else self.sql


@dataclass(frozen=True)
class Action:
    """A step that is Python rather than SQL."""

    description: str
    function: Callable[[Any], object]

    def run(self, database: Any) -> None:
        """Call it."""
        self.function(database)

    def __str__(self) -> str:
        """The description, as an SQL comment."""
        return f'-- {self.description}'


Step = Statement | Action


class Engine(ABC):
    """Turns operations into the statements of one kind of database."""

    transactional: ClassVar[bool]
    """Whether a failed migration leaves nothing behind."""

    def __init__(self, database: Any, *, offline: bool = False) -> None:
        """Spell for `database`; `offline` forbids to look into it."""
        self.database = database
        self.offline = offline
        self._known: deque[tuple[State, dict[str, Any]]] = deque(maxlen=4)

    def steps(self, operation: Operation, before: State, after: State) -> Iterator[Step]:
        """Yield, one by one, what makes `operation` happen."""
        split = list(self._split(operation, before))
        if split:
            state = before
            for each in split:
                yield from [each] if isinstance(each, Action) else self.steps(each, state, each.apply(state))
                state = state if isinstance(each, Action) else each.apply(state)
            return
        if not self.offline:
            self._check_values(operation, before)
        handler = self._handlers()[type(operation)]
        yield from handler(operation, before, after)

    def prepare(self) -> None:
        """Set up the connection before a migration's transaction begins."""

    def transaction(self) -> AbstractContextManager[Any]:
        """The transaction around a migration."""
        transaction: AbstractContextManager[Any] = self.database.atomic()
        return transaction

    def verify(self) -> None:
        """Check the data before the transaction is committed; raise `MigrationError` if they are not sound."""

    def restore(self) -> None:
        """Undo `prepare`, whatever happened."""

    def says_done(self, _error: Exception) -> bool:
        """Whether the error says that a statement's effect is there already."""
        return False

    @abstractmethod
    def rename_table(self, operation: RenameTable, before: State, after: State) -> Iterator[Step]:
        """Rename a table and the names made from it."""

    @abstractmethod
    def add_column(self, operation: AddColumn, before: State, after: State) -> Iterator[Step]:
        """Add a column."""

    @abstractmethod
    def drop_column(self, operation: DropColumn, before: State, after: State) -> Iterator[Step]:
        """Drop a column."""

    @abstractmethod
    def rename_column(self, operation: RenameColumn, before: State, after: State) -> Iterator[Step]:
        """Rename a column and the names made from it."""

    @abstractmethod
    def alter_column(self, operation: AlterColumn, before: State, after: State) -> Iterator[Step]:
        """Change a column."""

    def create_table(self, operation: CreateTable, _before: State, after: State) -> Iterator[Step]:
        """Create a table and the indexes of its columns."""
        yield self.create_statement(operation.table, after)
        for index in column_indexes(operation.table):
            yield self.create_index(operation.table, index)

    def drop_table(self, operation: DropTable, _before: State, _after: State) -> Iterator[Step]:
        """Drop a table; its indexes go with it."""
        yield self.statement(peewee.SQL('DROP TABLE'), peewee.Entity(operation.table.name))

    def add_index(self, operation: AddIndex, _before: State, after: State) -> Iterator[Step]:
        """Create an index."""
        yield self.create_index(after.table(operation.table), operation.index)

    def drop_index(self, operation: DropIndex, before: State, _after: State) -> Iterator[Step]:
        """Drop an index."""
        yield self.remove_index(before.table(operation.table), operation.index)

    def create_statement(self, table: Table, state: State, *, name: str | None = None) -> Statement:
        """`CREATE TABLE` for `table`, under another `name` if one is given."""
        model = self.models(state)[table.name]
        parts = [field.ddl(self.context()) for field in self._fields(model, table)]
        if table.composite_key:
            columns = [peewee.Entity(table.column(each).column_name) for each in table.composite_key]
            parts.append(peewee.NodeList((peewee.SQL('PRIMARY KEY'), peewee.EnclosedNodeList(columns))))
        parts += [self.foreign_key(table, column, model) for column in table.columns if column.references]
        parts += [self.raw(text) for text in table.constraints]
        header = [peewee.SQL('CREATE TABLE'), peewee.Entity(name or table.name), peewee.EnclosedNodeList(parts)]
        return self.statement(*header, *([peewee.SQL(', '.join(table.settings))] if table.settings else []))

    def foreign_key(self, _table: Table, column: Column, model: Any) -> Any:
        """The constraint of a foreign key as it stands in `CREATE TABLE`."""
        return model._meta.fields[column.name].foreign_key_constraint()

    def create_index(self, table: Table, index: Index) -> Statement:
        """`CREATE INDEX`."""
        parts = [
            self.raw(part.sql) if isinstance(part, Expression) else peewee.Entity(table.column(part).column_name)
            for part in index.parts
        ]
        where = None if index.where is None else self.raw(index.where)
        return self.statement(
            peewee.Index(
                index_name(table, index),
                peewee.Table(table.name),
                parts,
                unique=index.unique,
                where=where,
                using=index.using,
            )
        )

    def remove_index(self, table: Table, index: Index) -> Statement:
        """`DROP INDEX`."""
        return self.statement(peewee.SQL('DROP INDEX'), peewee.Entity(index_name(table, index)))

    def statement(self, *nodes: Any) -> Statement:
        """Spell the nodes for this engine."""
        sql, parameters = self.context().sql(peewee.NodeList(nodes)).query()
        return Statement(sql, tuple(parameters))

    def context(self) -> Any:
        """A fresh context for spelling."""
        return self.database.get_sql_context(scope=peewee.SCOPE_VALUES)

    def models(self, state: State) -> dict[str, Any]:
        """Models for the tables of `state`, bound to the database; the last ones are kept, so do not change them."""
        for known, models in self._known:
            if known is state:
                return models
        models = frozen_models(state, self.database)
        for model in models.values():
            for field in model._meta.sorted_fields:
                field.constraints = [self.raw(node.sql) for node in field.constraints or ()] or None
        self._known.append((state, models))
        return models

    def raw(self, text: str) -> Any:
        """SQL as people wrote it; drivers that mark parameters with a percent sign want others doubled."""
        return peewee.SQL(text.replace('%', '%%') if '%' in self.database.param else text)

    def value(self, state: State, table: str, column: str, value: Any) -> Any:
        """`value` as the driver takes it for the column."""
        return self.models(state)[table]._meta.fields[column].db_value(value)

    def _handlers(self) -> Mapping[type[Any], Callable[[Any, State, State], Iterator[Step]]]:
        return {
            CreateTable: self.create_table,
            DropTable: self.drop_table,
            RenameTable: self.rename_table,
            AddColumn: self.add_column,
            DropColumn: self.drop_column,
            RenameColumn: self.rename_column,
            AlterColumn: self.alter_column,
            AddIndex: self.add_index,
            DropIndex: self.drop_index,
        }

    def _fields(self, model: Any, table: Table) -> Iterable[Any]:
        return (model._meta.fields[column.name] for column in table.columns)

    def _split(self, operation: Operation, before: State) -> Iterator[Any]:
        """Values that differ from row to row need a column that may be NULL for a while."""
        if isinstance(operation, AddColumn):
            fill = filling(operation.column, operation.fill)
            if callable(fill):
                column = loose(operation.column)
                yield replace(operation, column=column, fill=FILLED)
                yield self._fill_rows(operation.table, operation.column.name, fill, operation.apply(before))
                yield AlterColumn(operation.table, column, operation.column, FILLED)
        elif isinstance(operation, AlterColumn) and operation.before.null and not operation.after.null:
            fill = filling(operation.after, operation.fill)
            if callable(fill):
                yield self._fill_rows(operation.table, operation.after.name, fill, before)
                yield replace(operation, fill=FILLED)

    def _check_values(self, operation: Operation, before: State) -> None:
        """Engines would fail late, or silently make values up."""
        if isinstance(operation, AddColumn):
            column, where, what = operation.column, None, 'rows'
        elif isinstance(operation, AlterColumn) and operation.before.null:
            column, what = operation.after, 'rows with NULL'
            where = peewee.NodeList((peewee.Entity(operation.before.column_name), peewee.SQL('IS NULL')))
        else:
            return
        if column.null or operation.fill is FILLED or filling(column, operation.fill) is not NOTHING:
            return
        if isinstance(operation, AddColumn) and has_database_default(column):
            return
        count = self._count(before.table(operation.table), where)
        if count:
            raise MigrationError(
                f'{operation.table}.{column.name} may not be NULL, and the table has {count} {what}: say fill=...'
            )

    def _count(self, table: Table, where: Any) -> int:
        nodes = [peewee.SQL('SELECT COUNT(*) FROM'), peewee.Entity(table.name)]
        statement = self.statement(*nodes, *([peewee.SQL('WHERE'), where] if where else []))
        try:
            return int(self.database.execute_sql(statement.sql, statement.parameters).fetchone()[0])
        except peewee.PeeweeException:
            if self.transactional:
                raise
            # A migration that goes on where it was stopped may have dropped the table since.
            return 0

    def _fill_rows(self, table: str, column: str, make: Callable[[], Any], state: State) -> Action:
        def fill(database: Any) -> None:
            model = frozen_models(state, database)[table]
            keys = [model._meta.fields[name] for name in state.table(table).key()]
            if not keys:
                raise MigrationError(f'{table}.{column}: rows without a primary key cannot be filled one by one')
            field = model._meta.fields[column]
            for row in list(model.select(*keys).where(field.is_null()).tuples()):
                same = [key == value for key, value in zip(keys, row, strict=True)]
                model.update({field: make()}).where(*same).execute()

        return Action(f'fill {table}.{column} row by row', fill)


def filling(column: Column, fill: Any) -> Any:
    """What existing rows get: the value given, or the default of a column that may not be NULL, or `NOTHING`."""
    if fill is FILLED:
        return NOTHING
    if fill is not NOTHING:
        return fill
    if not column.null and column.default is not None and not has_database_default(column):
        return column.default.value
    return NOTHING


def loose(column: Column) -> Column:
    """The column without what rows that are not filled yet would break."""
    return replace(column, null=True, unique=False, default=None)


def has_database_default(column: Column) -> bool:
    """Whether the database itself knows a default."""
    return any(text.upper().startswith('DEFAULT') for text in column.constraints)


def column_indexes(table: Table) -> list[Index]:
    """The indexes that single columns ask for."""
    return [
        Index((column.name,), unique=column.unique, using=column.index_type)
        for column in table.columns
        if column.index or (column.unique and not column.primary_key)
    ]


def all_indexes(table: Table) -> list[Index]:
    """All indexes of a table."""
    return [*column_indexes(table), *table.indexes]


def index_name(table: Table, index: Index) -> str:
    """The name of an index, made from its table and columns unless it has one of its own."""
    if index.name:
        return index.name
    parts = [table.column(part).column_name if isinstance(part, str) else part.sql for part in index.parts]
    if index.where or any(isinstance(part, Expression) for part in index.parts):
        parts.append(_digest(repr((index.parts, index.where))))
    words = [re.sub(r'\W+', '_', part).strip('_') for part in parts]
    return limited(f'{table.name}__{"__".join(words)}_{"key" if index.unique else "idx"}')


def limited(name: str) -> str:
    """Cut a name to what every engine takes, and keep it unique."""
    if len(name.encode()) <= _LONGEST_NAME:
        return name
    return f'{name.encode()[: _LONGEST_NAME - 9].decode(errors="ignore")}_{_digest(name)}'


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
