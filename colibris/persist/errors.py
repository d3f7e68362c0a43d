"""What can go wrong with the database besides Peewee's own errors."""

from typing import Any

import peewee
from peewee import OperationalError, PeeweeException

from colibris.errors import ConfigurationError

__all__ = ['DatabaseUnavailable', 'PersistenceDisabled', 'PoolTimeout', 'peewee_errors']


class PersistenceDisabled(ConfigurationError):
    """Persistence is disabled: the setting DATABASE is empty."""


class PoolTimeout(OperationalError):
    """No database connection became free in time."""


class DatabaseUnavailable(OperationalError):
    """The database server cannot be reached, or the connection to it was lost."""


class _PeeweeErrors:
    """``with``: drivers' errors become Peewee's. Those that are Peewee's already stay what they are."""

    def __init__(self) -> None:
        self._wrapper: Any = vars(peewee)['__exception_wrapper__']

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        if not isinstance(error, PeeweeException):
            self._wrapper.__exit__(kind, error, traceback)


peewee_errors = _PeeweeErrors()
