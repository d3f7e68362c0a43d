"""asyncpg's errors as Peewee's, class by class of SQLSTATE, as psycopg assigns them."""

import peewee

from colibris.persist.errors import DatabaseUnavailable
from colibris.persist.server import lost_connection

__all__ = ['error_for_state', 'is_outdated', 'is_unavailable', 'peewee_error']

_DATABASE_ERRORS: dict[str, type[peewee.DatabaseError]] = {
    '0A': peewee.NotSupportedError,
    '20': peewee.ProgrammingError,
    '21': peewee.ProgrammingError,
    '22': peewee.DataError,
    '23': peewee.IntegrityError,
    '24': peewee.InternalError,
    '25': peewee.InternalError,
    '26': peewee.ProgrammingError,
    '2B': peewee.InternalError,
    '2D': peewee.InternalError,
    '42': peewee.ProgrammingError,
    '44': peewee.ProgrammingError,
    'P0': peewee.ProgrammingError,
    'XX': peewee.InternalError,
}
# Sent instead of executing a prepared statement: the tables have changed, or the server does not know it any more.
_OUTDATED = {'InvalidCachedStatementError', 'InvalidSQLStatementNameError'}
_UNAVAILABLE = {'53300', '57P01', '57P02', '57P03', '57P05'}


def is_unavailable(state: str) -> bool:
    """Whether an SQLSTATE says that the server is away, or that the connection was lost."""
    return state in _UNAVAILABLE or state.startswith('08')


def error_for_state(state: str) -> type[peewee.DatabaseError]:
    """Peewee's error for an SQLSTATE."""
    if is_unavailable(state):
        return DatabaseUnavailable
    return _DATABASE_ERRORS.get(state[:2], peewee.OperationalError)


def is_outdated(error: BaseException) -> bool:
    """Whether a prepared statement could not be executed, but would be if it were prepared anew."""
    return type(error).__name__ in _OUTDATED


def peewee_error(error: BaseException, *, is_closed: bool) -> peewee.PeeweeException | None:
    """Peewee's error for one that asyncpg raises, or ``None`` for one that is not the database's.

    :param is_closed: whether the connection is closed since.
    """
    state = getattr(error, 'sqlstate', None)
    if is_outdated(error):
        return peewee.OperationalError(error, str(error))
    if state:
        return error_for_state(state)(error, str(error))
    if isinstance(error, OSError | EOFError) or is_closed:
        return lost_connection(error)
    if not type(error).__module__.startswith('asyncpg.'):
        return None
    if isinstance(error, ValueError):
        return peewee.DataError(error, str(error))
    return peewee.InterfaceError(error, str(error))
