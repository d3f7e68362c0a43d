"""The engines that migrations can be applied on."""

from typing import Any

import peewee

from colibris.persist.migrations.engines.base import Action, Engine, Statement, Step
from colibris.persist.migrations.errors import MigrationError


def engine_of(database: Any, *, offline: bool = False) -> Engine:
    """Return the engine for `database`; raise `MigrationError` for a kind of database that is not supported."""
    if isinstance(database, peewee.SqliteDatabase):
        from colibris.persist.migrations.engines.sqlite import SQLiteEngine

        return SQLiteEngine(database, offline=offline)
    if isinstance(database, peewee.PostgresqlDatabase):
        from colibris.persist.migrations.engines.postgresql import PostgreSQLEngine

        return PostgreSQLEngine(database, offline=offline)
    if isinstance(database, peewee.MySQLDatabase):
        from colibris.persist.migrations.engines.mysql import MySQLEngine

        return MySQLEngine(database, offline=offline)
    raise MigrationError(f'migrations do not support {type(database).__name__}')


__all__ = ['Action', 'Engine', 'Statement', 'Step', 'engine_of']
