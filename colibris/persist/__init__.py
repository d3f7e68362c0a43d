"""Persistence: plain Peewee models, on the database that the setting ``DATABASE`` names.

The same code works in async handlers, where nothing blocks the event loop, and in commands, the shell and fixtures.
"""

import importlib
import inspect
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from peewee import (
    JOIN,
    SQL,
    AutoField,
    BigAutoField,
    BigIntegerField,
    BitField,
    BlobField,
    BooleanField,
    Case,
    Cast,
    CharField,
    Check,
    CompositeKey,
    DatabaseError,
    DataError,
    DateField,
    DateTimeField,
    DecimalField,
    Default,
    DeferredForeignKey,
    DoesNotExist,
    DoubleField,
    Field,
    FixedCharField,
    FloatField,
    ForeignKeyField,
    Index,
    IntegerField,
    IntegrityError,
    InterfaceError,
    IPField,
    JSONField,
    ManyToManyField,
    OperationalError,
    PeeweeException,
    SmallIntegerField,
    TextField,
    TimeField,
    TimestampField,
    UUIDField,
    fn,
    prefetch,
)

from colibris.persist.base import DatabaseBackend
from colibris.persist.errors import DatabaseUnavailable, PersistenceDisabled, PoolTimeout
from colibris.persist.models import Model, database, models_of
from colibris.persist.passwords import PasswordField
from colibris.persist.slot import slot
from colibris.persist.sqlite import SQLiteBackend
from colibris.persist.transactions import Atomic

if TYPE_CHECKING:
    from colibris.persist.mysql import MySQLBackend
    from colibris.persist.postgresql import PostgreSQLBackend

__all__ = [
    'JOIN',
    'SQL',
    'AutoField',
    'BigAutoField',
    'BigIntegerField',
    'BitField',
    'BlobField',
    'BooleanField',
    'Case',
    'Cast',
    'CharField',
    'Check',
    'CompositeKey',
    'DataError',
    'DatabaseBackend',
    'DatabaseError',
    'DatabaseUnavailable',
    'DateField',
    'DateTimeField',
    'DecimalField',
    'Default',
    'DeferredForeignKey',
    'DoesNotExist',
    'DoubleField',
    'Field',
    'FixedCharField',
    'FloatField',
    'ForeignKeyField',
    'IPField',
    'Index',
    'IntegerField',
    'IntegrityError',
    'InterfaceError',
    'JSONField',
    'ManyToManyField',
    'Model',
    'MySQLBackend',
    'OperationalError',
    'PasswordField',
    'PeeweeException',
    'PersistenceDisabled',
    'PoolTimeout',
    'PostgreSQLBackend',
    'SQLiteBackend',
    'SmallIntegerField',
    'TextField',
    'TimeField',
    'TimestampField',
    'UUIDField',
    'after_commit',
    'atomic',
    'connectivity_check',
    'fn',
    'get_database',
    'models_of',
    'prefetch',
]

F = TypeVar('F', bound=Callable[..., Any])

logger = logging.getLogger(__name__)

_LAZY = {'MySQLBackend': 'colibris.persist.mysql', 'PostgreSQLBackend': 'colibris.persist.postgresql'}


def __getattr__(name: str) -> Any:
    """Import the backends that not every project uses when they are asked for."""
    if name not in _LAZY:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(importlib.import_module(_LAZY[name]), name)


def get_database() -> DatabaseBackend:
    """The project's database: a Peewee database that is also the persistence backend.

    :raises PersistenceDisabled: the setting ``DATABASE`` is empty.
    """
    if not slot.is_configured:
        raise PersistenceDisabled
    return slot.get()


def connectivity_check() -> bool:
    """Whether the database is there and answers.

    :raises PersistenceDisabled: the setting ``DATABASE`` is empty.
    """
    try:
        get_database().check_connectivity()
    except PeeweeException:
        return False
    return True


def atomic() -> Atomic:
    """A transaction, or a savepoint inside of one.

    Usable with ``with`` and ``async with``, and as a decorator of plain and async functions. It is committed when the
    block ends, and rolled back when an exception leaves it.
    """
    return database.atomic()


def after_commit(function: F) -> F:
    """Call ``function()`` once the current transaction is committed: at once where there is none.

    It is never called for a transaction that is rolled back. What it raises is logged: the commit stands, and other
    functions are called.

    :raises TypeError: it is a coroutine function, which nobody would await.
    """
    if inspect.iscoroutinefunction(function):
        raise TypeError('after_commit() takes a plain function; it may make a task of a coroutine')

    def call() -> None:
        try:
            function()
        except Exception:
            logger.exception('a function that was to run after the commit failed')

    get_database().after_commit(call)
    return function
