"""The drivers' errors as Peewee's."""

import peewee

from colibris.persist.server import lost_connection

__all__ = ['code_of', 'is_unavailable', 'peewee_error']

DEADLOCK = 1213

_UNAVAILABLE = {1040, 1053, 1079, 1080, 1152, 1158, 1159, 1160, 1161, 1203, 1927, 2002, 2003, 2006, 2013, 2055, 4031}
# What the drivers take for operational, but is about the data: bad dates, numbers out of range, regular expressions,
# check constraints.
_DATA = {1139, 1292, 1365, 1411, 1690, 3140, 3141, 3156, *range(3684, 3701)}
_INTEGRITY = {3819, 4025}


def code_of(error: BaseException) -> int:
    """The server's or the driver's number of an error, 0 if it has none."""
    code = error.args[0] if error.args else 0
    return code if isinstance(code, int) else 0


def is_unavailable(error: BaseException) -> bool:
    """Whether an error says that the server is away, or that the connection was lost."""
    return code_of(error) in _UNAVAILABLE


def peewee_error(error: BaseException, *, is_closed: bool) -> peewee.PeeweeException | None:
    """Peewee's error for one that a driver raises, or ``None`` for one that is not the database's.

    :param is_closed: whether the connection is closed since.
    """
    if is_unavailable(error) or is_closed or isinstance(error, OSError | EOFError):
        return lost_connection(error)
    if isinstance(error, UnicodeError | OverflowError) or code_of(error) in _DATA:
        return peewee.DataError(error, *error.args)
    if code_of(error) in _INTEGRITY:
        return peewee.IntegrityError(error, *error.args)
    if not type(error).__module__.startswith('pymysql.'):
        return None
    kind: type[peewee.PeeweeException] = getattr(peewee, type(error).__name__, peewee.DatabaseError)
    return kind(error, *error.args)
