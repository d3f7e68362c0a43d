"""Empty tables."""

from collections.abc import Sequence
from typing import Any

import peewee

from colibris.persist.tools.constraints import deferred
from colibris.persist.tools.errors import FlushError
from colibris.persist.tools.tables import Tables, is_postgresql, is_sqlite

__all__ = ['count_rows', 'flush']


def count_rows(tables: Tables) -> dict[str, int]:
    """The number of rows of each table that is in the database."""
    return {model._meta.table_name: model.select().count() for model in tables.existing()}


def flush(tables: Tables) -> None:
    """Delete every row of the tables, and have keys count from 1 again. Tables without a model stay as they are.

    :raises FlushError: a table without a model refers to a row; then nothing is deleted.
    """
    models = tables.existing()
    if not models:
        return
    try:
        _flush(tables, models)
    except (peewee.IntegrityError, peewee.NotSupportedError) as exc:
        raise FlushError(f'a table without a model refers to the rows: {exc}') from exc


def _flush(tables: Tables, models: Sequence[Any]) -> None:
    database = tables.database
    names = [_quoted(database, model._meta.table_name) for model in models]
    if is_postgresql(database):
        database.execute_sql(f'TRUNCATE {", ".join(names)} RESTART IDENTITY')
        return
    with database.atomic(), deferred(tables):
        for model in models:
            model.delete().execute()
        if is_sqlite(database):
            _restart_sqlite(database, models)
            return
    for name in names:
        database.execute_sql(f'ALTER TABLE {name} AUTO_INCREMENT = 1')


def _restart_sqlite(database: Any, models: Sequence[Any]) -> None:
    if database.execute_sql("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").fetchone():
        for model in models:
            database.execute_sql('DELETE FROM sqlite_sequence WHERE name = ?', (model._meta.table_name,))


def _quoted(database: Any, name: str) -> str:
    sql, _ = database.get_sql_context().sql(peewee.Entity(name)).query()
    return str(sql)
