"""Foreign keys while many rows come or go."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import peewee

from colibris.persist.tools.tables import Tables, is_postgresql, is_sqlite

__all__ = ['deferred', 'fix_sequences', 'orphan']


@contextmanager
def deferred(tables: Tables) -> Iterator[None]:
    """Within a transaction, let rows be written before the rows that they refer to.

    SQLite and PostgreSQL check at the end of the block or of the transaction. MySQL does not check at all: see
    :func:`orphan`. On PostgreSQL this holds for foreign keys that were declared deferrable, and for those of tables
    that refer to themselves, directly or in a circle; the others are checked at once.
    """
    database = tables.database
    if is_sqlite(database):
        database.execute_sql('PRAGMA defer_foreign_keys = ON')
        yield
    elif is_postgresql(database):
        yield from _deferred_by_postgresql(tables)
    else:
        database.execute_sql('SET foreign_key_checks = 0')
        try:
            yield
        finally:
            database.execute_sql('SET foreign_key_checks = 1')


def _deferred_by_postgresql(tables: Tables) -> Iterator[None]:
    database = tables.database
    circular = [model._meta.table_name for model in tables if tables.is_circular(model)]
    changes = [change for name in circular for change in _strict_foreign_keys(database, name)]
    for change in changes:
        database.execute_sql(f'{change} DEFERRABLE')
    database.execute_sql('SET CONSTRAINTS ALL DEFERRED')
    yield
    database.execute_sql('SET CONSTRAINTS ALL IMMEDIATE')
    for change in changes:
        database.execute_sql(f'{change} NOT DEFERRABLE')


def _strict_foreign_keys(database: Any, table: str) -> list[str]:
    rows = database.execute_sql(
        "SELECT format('ALTER TABLE %%s ALTER CONSTRAINT %%I', conrelid::regclass, conname) FROM pg_constraint "
        "WHERE contype = 'f' AND NOT condeferrable AND conrelid = to_regclass(quote_ident(%s))",
        (table,),
    )
    return [str(row[0]) for row in rows.fetchall()]


def orphan(models: Iterable[Any]) -> tuple[Any, Any] | None:
    """A foreign key, and a value in it that is missing where it points to, if there is any."""
    for model in models:
        for field in model._meta.refs:
            target = field.rel_model.alias()
            key = getattr(target, field.rel_field.name)
            query = (
                model.select(field)
                .join(target, peewee.JOIN.LEFT_OUTER, on=(field == key))
                .where(field.is_null(False) & key.is_null())
                .limit(1)
            )
            row = model._meta.database.execute(query).fetchone()
            if row is not None:
                return field, row[0]
    return None


def fix_sequences(models: Iterable[Any]) -> None:
    """Have PostgreSQL go on counting behind the greatest key; the other engines do so by themselves."""
    for model in models:
        database = model._meta.database
        if not is_postgresql(database):
            return
        for field in model._meta.sorted_fields:
            sequence = field.sequence or _sequence_of(database, model, field)
            if sequence:
                greatest = peewee.fn.MAX(field)
                database.execute(
                    model.select(
                        peewee.fn.setval(
                            peewee.Value(sequence, converter=False),
                            peewee.fn.COALESCE(greatest, 1),
                            greatest.is_null(False),
                        )
                    )
                )


def _sequence_of(database: Any, model: Any, field: Any) -> str | None:
    sql = 'SELECT pg_get_serial_sequence(quote_ident(%s), %s)'
    name = database.execute_sql(sql, (model._meta.table_name, field.column_name)).fetchone()[0]
    return None if name is None else str(name)
