"""SQLite: most changes rebuild the table, as its manual recommends."""

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, ClassVar

import peewee

from colibris.persist.migrations.engines.base import Engine, Statement, Step, all_indexes, filling, index_name
from colibris.persist.migrations.errors import MigrationError
from colibris.persist.migrations.operations import (
    NOTHING,
    AddColumn,
    AlterColumn,
    DropColumn,
    RenameColumn,
    RenameTable,
)
from colibris.persist.migrations.state import Column, State, Table

_TEMPORARY = '__new__'


class SQLiteEngine(Engine):
    """Statements for SQLite.

    A table's `CREATE TABLE` text is always the one that creating it anew would give, so that a way up and down ends at
    the very same schema.
    """

    transactional: ClassVar[bool] = True

    def prepare(self) -> None:
        """Switch foreign keys off: inside of the transaction SQLite ignores that, and a rebuild would delete rows."""
        self._enforced = bool(self._pragma('foreign_keys'))
        try:
            self._violations = self._count_violations()
        except peewee.PeeweeException:
            # A foreign key fits no key of its target; the migration may be there to mend that.
            self._violations = Counter()
        if self._enforced:
            self.database.execute_sql('PRAGMA foreign_keys = OFF')

    def transaction(self) -> AbstractContextManager[Any]:
        """Take the write lock at once, so that a busy database is waited for and not found out about half-way."""
        transaction: AbstractContextManager[Any] = self.database.atomic('IMMEDIATE')
        return transaction

    def verify(self) -> None:
        """Find foreign keys that the migration broke."""
        broken = self._count_violations() - self._violations
        if broken:
            which = ', '.join(f'{count} of {table} to {parent}' for (table, parent), count in sorted(broken.items()))
            raise MigrationError(f'rows would refer to rows that do not exist: {which}')

    def restore(self) -> None:
        """Switch foreign keys on again."""
        if self._enforced:
            self.database.execute_sql('PRAGMA foreign_keys = ON')

    def rename_table(self, operation: RenameTable, before: State, after: State) -> Iterator[Step]:
        """Rename the table; SQLite cannot rename an index."""
        yield self.statement(
            peewee.SQL('ALTER TABLE'),
            peewee.Entity(operation.old),
            peewee.SQL('RENAME TO'),
            peewee.Entity(operation.new),
        )
        yield from self._renew_indexes(before.table(operation.old), after.table(operation.new))

    def rename_column(self, operation: RenameColumn, before: State, after: State) -> Iterator[Step]:
        """Rename the column, here and where other tables refer to it."""
        if operation.old_column_name != operation.new_column_name:
            yield self.statement(
                peewee.SQL('ALTER TABLE'),
                peewee.Entity(operation.table),
                peewee.SQL('RENAME COLUMN'),
                peewee.Entity(operation.old_column_name),
                peewee.SQL('TO'),
                peewee.Entity(operation.new_column_name),
            )
        yield from self._renew_indexes(before.table(operation.table), after.table(operation.table))

    def add_column(self, operation: AddColumn, before: State, after: State) -> Iterator[Step]:
        """Rebuild the table with the column."""
        name = operation.column.name
        fill = filling(operation.column, operation.fill)
        # Without a source the column is left to its own default in the database.
        source = None if fill is NOTHING else peewee.Value(self.value(after, operation.table, name, fill), unpack=False)
        yield from self._rebuild(before, after, operation.table, {name: source})

    def drop_column(self, operation: DropColumn, before: State, after: State) -> Iterator[Step]:
        """Rebuild the table without the column."""
        yield from self._rebuild(before, after, operation.table, {})

    def alter_column(self, operation: AlterColumn, before: State, after: State) -> Iterator[Step]:
        """Rebuild the table, and those whose foreign keys take their type from it."""
        for name, table in after.tables.items():
            old = before.table(name)
            if self.create_statement(old, before) != self.create_statement(table, after):
                sources = self._alter_sources(operation, after) if name == operation.table else {}
                yield from self._rebuild(before, after, name, sources)
            else:
                yield from self._renew_indexes(old, table)

    def _alter_sources(self, operation: AlterColumn, after: State) -> dict[str, Any]:
        fill = filling(operation.after, operation.fill)
        if not operation.before.null or operation.after.null or fill is NOTHING:
            return {}
        value = peewee.Value(self.value(after, operation.table, operation.after.name, fill), unpack=False)
        return {operation.after.name: peewee.fn.COALESCE(peewee.Entity(operation.before.column_name), value)}

    def _rebuild(self, before: State, after: State, name: str, sources: dict[str, Any]) -> Iterator[Step]:
        old, new = before.table(name), after.table(name)
        extras = list(self._extras(old))
        yield self.create_statement(new, after, name=name + _TEMPORARY)
        yield self._copy(old, new, sources)
        yield self.statement(peewee.SQL('DROP TABLE'), peewee.Entity(name))
        dependants = not self.offline and self._has_dependants()
        if dependants:
            yield Statement('PRAGMA legacy_alter_table = ON')
        yield self.statement(
            peewee.SQL('ALTER TABLE'), peewee.Entity(name + _TEMPORARY), peewee.SQL('RENAME TO'), peewee.Entity(name)
        )
        if dependants:
            yield Statement('PRAGMA legacy_alter_table = OFF')
        for index in all_indexes(new):
            yield self.create_index(new, index)
        yield from extras

    def _copy(self, old: Table, new: Table, sources: dict[str, Any]) -> Statement:
        pairs = [(column, self._source(old, column, sources)) for column in new.columns]
        pairs = [(column, source) for column, source in pairs if source is not None]
        return self.statement(
            peewee.SQL('INSERT INTO'),
            peewee.Entity(new.name + _TEMPORARY),
            peewee.EnclosedNodeList([peewee.Entity(column.column_name) for column, _ in pairs]),
            peewee.SQL('SELECT'),
            peewee.CommaNodeList([source for _, source in pairs]),
            peewee.SQL('FROM'),
            peewee.Entity(old.name),
        )

    def _source(self, old: Table, column: Column, sources: dict[str, Any]) -> Any:
        if column.name in sources:
            return sources[column.name]
        return peewee.Entity(old.column(column.name).column_name)

    def _renew_indexes(self, old: Table, new: Table) -> Iterator[Step]:
        gone = {index_name(old, index): self.create_index(old, index) for index in all_indexes(old)}
        wanted = {index_name(new, index): self.create_index(new, index) for index in all_indexes(new)}
        for name, statement in gone.items():
            if wanted.get(name) != statement:
                yield self.statement(peewee.SQL('DROP INDEX'), peewee.Entity(name))
        for name, statement in wanted.items():
            if gone.get(name) != statement:
                yield statement

    def _extras(self, table: Table) -> Iterator[Statement]:
        """Triggers and indexes that people made by hand, which a rebuild would lose."""
        if self.offline:
            return
        known = {index_name(table, index) for index in all_indexes(table)}
        rows = self.database.execute_sql(
            'SELECT name, sql FROM sqlite_master '
            "WHERE tbl_name = ? AND type IN ('index', 'trigger') AND sql IS NOT NULL",
            (table.name,),
        )
        for name, sql in rows.fetchall():
            if name not in known:
                yield Statement(sql)

    def _has_dependants(self) -> bool:
        rows = self.database.execute_sql("SELECT 1 FROM sqlite_master WHERE type IN ('view', 'trigger') LIMIT 1")
        return rows.fetchone() is not None

    def _count_violations(self) -> Counter[tuple[str, str]]:
        rows = self.database.execute_sql('PRAGMA foreign_key_check').fetchall()
        return Counter((table, parent) for table, _, parent, _ in rows)

    def _pragma(self, name: str) -> Any:
        return self.database.execute_sql(f'PRAGMA {name}').fetchone()[0]
