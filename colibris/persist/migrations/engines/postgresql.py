"""PostgreSQL: changes are transactional, and everything has a name that can be changed."""

from collections.abc import Iterator
from typing import Any, ClassVar

import peewee

from colibris.persist.migrations.engines.altering import AlteringEngine, foreign_key_name, indexes_of
from colibris.persist.migrations.engines.base import Statement, Step, filling
from colibris.persist.migrations.errors import UnsupportedChangeError
from colibris.persist.migrations.operations import NOTHING, AlterColumn, CreateTable
from colibris.persist.migrations.state import Column, State, Table

_SERIAL = {'SERIAL': 'INTEGER', 'BIGSERIAL': 'BIGINT'}
_TEXTS = {'VARCHAR', 'CHAR', 'TEXT'}
_NUMBERS = {'INT', 'INTEGER', 'BIGINT', 'SMALLINT', 'NUMERIC', 'DECIMAL', 'REAL', 'FLOAT', 'DOUBLE PRECISION'}


class PostgreSQLEngine(AlteringEngine):
    """Statements for PostgreSQL."""

    transactional: ClassVar[bool] = True

    def create_table(self, operation: CreateTable, before: State, after: State) -> Iterator[Step]:
        """Create the sequences that columns ask for, then the table."""
        for column in operation.table.columns:
            if column.sequence:
                yield self.statement(peewee.SQL('CREATE SEQUENCE IF NOT EXISTS'), peewee.Entity(column.sequence))
        yield from super().create_table(operation, before, after)

    def rename_parts(self, old: Table, new: Table, after: State) -> Iterator[Step]:
        """Rename the key, the sequences and the checks too."""
        names = zip(self._own_names(old), self._own_names(new), strict=True)
        for (kind, name), (_, renamed) in names:
            if name != renamed and kind == 'CONSTRAINT':
                yield self._rename_constraint(new, name, renamed)
            elif name != renamed:
                rename = peewee.SQL('ALTER SEQUENCE'), peewee.Entity(name), peewee.SQL('RENAME TO')
                yield self.statement(*rename, peewee.Entity(renamed))
        yield from super().rename_parts(old, new, after)

    def rename_index(self, _table: Table, old: str, new: str) -> Statement:
        """`ALTER INDEX`."""
        parts = peewee.SQL('ALTER INDEX'), peewee.Entity(old), peewee.SQL('RENAME TO'), peewee.Entity(new)
        return self.statement(*parts)

    def rename_foreign_key(
        self, old: Table, column: Column, new: Table, moved: Column, _after: State
    ) -> Iterator[Statement]:
        """`RENAME CONSTRAINT`."""
        yield self._rename_constraint(new, foreign_key_name(old, column), foreign_key_name(new, moved))

    def require(self, table: Table, column: Column, _state: State) -> Statement:
        """`SET NOT NULL`."""
        return self._alter(table, column, peewee.SQL('SET NOT NULL'))

    def alter_column(self, operation: AlterColumn, before: State, after: State) -> Iterator[Step]:
        """Change what differs, and what depends on it."""
        old, new = before.table(operation.table), after.table(operation.table)
        one, other = operation.before, operation.after
        retyped = self.retyped(operation, before, after)
        changes_type = self._type(before, old, one) != self._type(after, new, other)
        renews_key = one.references != other.references or (changes_type and bool(one.references))
        yield from (
            self.remove_foreign_key(before.table(table), before.table(table).column(column.name))
            for table, column in retyped
        )
        if one.references and renews_key:
            yield self.remove_foreign_key(old, one)
        yield from (self.remove_index(old, index) for index in self._changed(old, one, new, other))
        yield from self._change_type(operation, before, after, changes_type)
        for table, column in retyped:
            target = after.table(table)
            yield self._set_type(target, column, self._type(before, target, column), self._type(after, target, column))
        yield from self._change_null(operation, after)
        if other.references and renews_key:
            yield self.add_foreign_key(new, other, after)
        yield from (self.add_foreign_key(after.table(table), column, after) for table, column in retyped)
        yield from (self.create_index(new, index) for index in self._changed(new, other, old, one))

    def _change_type(self, operation: AlterColumn, before: State, after: State, changes: bool) -> Iterator[Step]:
        old, new = before.table(operation.table), after.table(operation.table)
        one, other = operation.before, operation.after
        defaults = _default(one), _default(other)
        if defaults[0] and (changes or defaults[0] != defaults[1]):
            yield self._alter(old, one, peewee.SQL('DROP DEFAULT'))
        yield from self._drop_counter(operation, before, after)
        yield from self._drop_checks(old, one, other)
        if changes:
            yield self._set_type(new, other, self._type(before, old, one), self._type(after, new, other))
            if self._counts(before, operation) and self._counts(after, operation):
                kind = peewee.SQL(f'AS {self._type(after, new, other)}')
                yield self.statement(peewee.SQL('ALTER SEQUENCE'), peewee.Entity(_sequence(new, other)), kind)
        if defaults[1] and (changes or defaults[0] != defaults[1]):
            yield self._alter(new, other, self.raw(f'SET {defaults[1]}'))
        yield from self._add_counter(operation, before, after)
        yield from self._add_checks(new, other, one)

    def _change_null(self, operation: AlterColumn, after: State) -> Iterator[Step]:
        table, column = after.table(operation.table), operation.after
        if operation.before.null and not column.null:
            fill = filling(column, operation.fill)
            if fill is not NOTHING:
                yield self.update(after, operation.table, column, fill)
            yield self.require(table, column, after)
        elif column.null and not operation.before.null:
            yield self._alter(table, column, peewee.SQL('DROP NOT NULL'))

    def _drop_counter(self, operation: AlterColumn, before: State, after: State) -> Iterator[Statement]:
        if self._counts(before, operation) and not self._counts(after, operation):
            table, column = before.table(operation.table), operation.before
            yield self._alter(table, column, peewee.SQL('DROP DEFAULT'))
            yield self.statement(peewee.SQL('DROP SEQUENCE'), peewee.Entity(_sequence(table, column)))

    def _add_counter(self, operation: AlterColumn, before: State, after: State) -> Iterator[Statement]:
        if not self._counts(after, operation) or self._counts(before, operation):
            return
        table, column = after.table(operation.table), operation.after
        name, entity = _sequence(table, column), peewee.Entity(table.name, column.column_name)
        kind = self._type(after, table, column)
        yield self.statement(
            peewee.SQL('CREATE SEQUENCE'), peewee.Entity(name), peewee.SQL(f'AS {kind} OWNED BY'), entity
        )
        yield self._alter(table, column, peewee.SQL(f'SET DEFAULT nextval(\'"{name}"\')'))
        highest = peewee.fn.MAX(peewee.Entity(column.column_name))
        call = peewee.fn.SETVAL(peewee.SQL(f'\'"{name}"\''), peewee.fn.COALESCE(highest, 0) + 1, peewee.SQL('false'))
        yield self.statement(peewee.SQL('SELECT'), call, peewee.SQL('FROM'), peewee.Entity(table.name))

    def _counts(self, state: State, operation: AlterColumn) -> bool:
        return self.type_of(state, operation.table, operation.after.name) in _SERIAL

    def _set_type(self, table: Table, column: Column, old: str, new: str) -> Statement:
        nodes: list[Any] = [peewee.SQL(f'TYPE {new}')]
        if _needs_cast(old, new):
            nodes += [peewee.SQL('USING'), peewee.Entity(column.column_name), peewee.SQL(f'::{new}')]
        return self._alter(table, column, *nodes)

    def _type(self, state: State, table: Table, column: Column) -> str:
        spelled = self.type_of(state, table.name, column.name)
        collation = f' COLLATE {column.collation}' if column.collation else ''
        return f'{_SERIAL.get(spelled, spelled)}{collation}'

    def _drop_checks(self, table: Table, one: Column, other: Column) -> Iterator[Statement]:
        if _checks(one) and _checks(one) != _checks(other):
            yield self.alter(table, peewee.SQL('DROP CONSTRAINT'), peewee.Entity(_check_name(table, one)))

    def _add_checks(self, table: Table, other: Column, one: Column) -> Iterator[Statement]:
        if _checks(other) and _checks(one) != _checks(other):
            name = peewee.Entity(_check_name(table, other))
            yield self.alter(table, peewee.SQL('ADD CONSTRAINT'), name, self.raw(_checks(other)[0]))

    def _changed(self, table: Table, column: Column, other_table: Table, other: Column) -> list[Any]:
        kept = [self.create_index(other_table, index) for index in indexes_of(other_table, other)]
        return [index for index in indexes_of(table, column) if self.create_index(table, index) not in kept]

    def _alter(self, table: Table, column: Column, *nodes: Any) -> Statement:
        return self.alter(table, peewee.SQL('ALTER COLUMN'), peewee.Entity(column.column_name), *nodes)

    def _rename_constraint(self, table: Table, old: str, new: str) -> Statement:
        names = peewee.Entity(old), peewee.SQL('TO'), peewee.Entity(new)
        return self.alter(table, peewee.SQL('RENAME CONSTRAINT'), *names)

    def _own_names(self, table: Table) -> list[tuple[str, str]]:
        """The names that PostgreSQL itself makes from those of the table and its columns."""
        names = [('CONSTRAINT', f'{table.name}_pkey')] if table.key() else []
        for column in table.columns:
            if column.class_name in ('AutoField', 'BigAutoField', 'IdentityField'):
                names.append(('SEQUENCE', _sequence(table, column)))
            if _checks(column):
                names.append(('CONSTRAINT', _check_name(table, column)))
        return names


def _sequence(table: Table, column: Column) -> str:
    return f'{table.name}_{column.column_name}_seq'


def _check_name(table: Table, column: Column) -> str:
    return f'{table.name}_{column.column_name}_check'


def _default(column: Column) -> str | None:
    return next((text for text in column.constraints if text.upper().startswith('DEFAULT')), None)


def _checks(column: Column) -> list[str]:
    others = [text for text in column.constraints if not text.upper().startswith('DEFAULT')]
    if len(others) > 1 or any(not text.upper().startswith('CHECK') for text in others):
        raise UnsupportedChangeError(f'the constraints of column {column.name} cannot be followed: {others}')
    return others


def _needs_cast(old: str, new: str) -> bool:
    bases = [text.partition('(')[0].partition(' COLLATE')[0].upper() for text in (old, new)]
    return bases[0] != bases[1] and bases[1] not in _TEXTS and not {*bases} <= _NUMBERS
