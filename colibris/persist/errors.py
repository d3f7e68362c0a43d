"""What can go wrong with the database besides Peewee's own errors."""

from peewee import OperationalError

from colibris.errors import ConfigurationError

__all__ = ['PersistenceDisabled', 'PoolTimeout']


class PersistenceDisabled(ConfigurationError):
    """Persistence is disabled: the setting DATABASE is empty."""


class PoolTimeout(OperationalError):
    """No database connection became free in time."""
