"""One `migrate` at a time: a lock that goes when its holder goes."""

import fcntl
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import peewee

_WAITING = 'Waiting for another migrate to end.'


@contextmanager
def lock(database: Any, report: Callable[[str], None] = lambda line: None) -> Iterator[None]:
    """Hold the database's migration lock; wait for another holder as long as it lives.

    The lock belongs to the process (SQLite: a locked file beside the database) or to the connection (advisory locks of
    PostgreSQL and MySQL), so that a killed holder leaves none.
    """
    if isinstance(database, peewee.SqliteDatabase):
        with _file_lock(str(database.database), report):
            yield
    elif isinstance(database, peewee.PostgresqlDatabase):
        with _postgresql_lock(database, report):
            yield
    else:
        with _mysql_lock(database, report):
            yield


@contextmanager
def _file_lock(path: str, report: Callable[[str], None]) -> Iterator[None]:
    if not path or ':memory:' in path or 'mode=memory' in path:
        yield
        return
    name = path.removeprefix('file:').partition('?')[0]
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    # The file stays: removing it would let two processes lock two different files of that name.
    with open(f'{name}.migrate.lock', 'a') as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report(_WAITING)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _postgresql_lock(database: Any, report: Callable[[str], None]) -> Iterator[None]:
    key = int.from_bytes(hashlib.sha256(b'colibris migrations').digest()[:8], signed=True)
    if not database.execute_sql('SELECT pg_try_advisory_lock(%s)', (key,)).fetchone()[0]:
        report(_WAITING)
        database.execute_sql('SELECT pg_advisory_lock(%s)', (key,))
    try:
        yield
    finally:
        _release(database, 'SELECT pg_advisory_unlock(%s)', key)


@contextmanager
def _mysql_lock(database: Any, report: Callable[[str], None]) -> Iterator[None]:
    # MySQL's locks are the server's: the database's name makes it this database's.
    name = f'colibris:{hashlib.sha256(str(database.database).encode()).hexdigest()[:32]}'
    if not database.execute_sql('SELECT GET_LOCK(%s, 0)', (name,)).fetchone()[0]:
        report(_WAITING)
        while not database.execute_sql('SELECT GET_LOCK(%s, 3600)', (name,)).fetchone()[0]:
            report(_WAITING)
    try:
        yield
    finally:
        _release(database, 'SELECT RELEASE_LOCK(%s)', name)


def _release(database: Any, sql: str, key: int | str) -> None:
    # A connection that broke has taken its lock along; what broke it is the error to be seen.
    with suppress(peewee.PeeweeException):
        if not database.is_closed():
            database.execute_sql(sql, (key,))
