"""SQLite: the embedded default."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from peewee import OperationalError, SqliteDatabase
from playhouse.pwasyncio import CursorAdapter

from colibris import bridge
from colibris.persist.base import DatabaseBackend

__all__ = ['SQLiteBackend']

MEMORY = ':memory:'


class SQLiteConnection:
    """A SQLite connection whose statements run in a thread, each in one hop."""

    def __init__(self, raw: sqlite3.Connection, threads: ThreadPoolExecutor, *, is_shared: bool) -> None:
        self._raw = raw
        self._threads = threads
        self._is_shared = is_shared
        self.is_usable = True

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self.is_usable and self._raw.in_transaction

    async def execute(self, sql: str, params: Sequence[Any] | None) -> CursorAdapter:
        """Run a statement; when cancelled, it is interrupted, and the connection is lost."""
        future = self._threads.submit(_run, self._raw, sql, params)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            self._abandon(future)
            raise

    async def close(self) -> None:
        """Close the connection."""
        self.terminate()

    def terminate(self) -> None:
        """Close the connection."""
        if self.is_usable and not self._is_shared:
            self._raw.close()
        self.is_usable = False

    def _abandon(self, future: 'Future[CursorAdapter]') -> None:
        if future.cancelled():
            return
        self._raw.interrupt()
        if self._is_shared:
            with contextlib.suppress(sqlite3.Error):
                future.exception()
            return
        self.is_usable = False
        future.add_done_callback(lambda _: self._raw.close())


class SQLiteBackend(DatabaseBackend, SqliteDatabase):
    """A SQLite database in a file, in WAL mode and with foreign keys enforced.

    :param name: the path of the file, whose folder is made when missing; ``:memory:`` for one that ends with the
        process.
    :param pool_size: the largest number of connections of asynchronous code, each with a thread.
    :param pool_timeout: how long a statement waits for one of them, in seconds.
    :param timeout: how long a statement waits for another connection's lock, in seconds.
    :param pragmas: SQLite's own settings, over ``journal_mode=wal`` and ``foreign_keys=1``.
    :param options: passed on to :class:`peewee.SqliteDatabase`.
    """

    def __init__(
        self,
        name: str | Path,
        *,
        pool_size: int = 5,
        pool_timeout: float = 10.0,
        timeout: float = 5.0,
        pragmas: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        self._is_memory = str(name) == MEMORY
        super().__init__(
            str(name),
            pool_size=1 if self._is_memory else pool_size,
            pool_timeout=pool_timeout,
            timeout=timeout,
            pragmas={'journal_mode': 'wal', 'foreign_keys': 1, **(pragmas or {})},
            check_same_thread=False,
            **options,
        )
        self._memory: sqlite3.Connection | None = None
        self._template = b''
        self._is_dropped = False
        self._threads = ThreadPoolExecutor(self._pool_size, thread_name_prefix='colibris-sqlite')

    async def connect_async(self) -> SQLiteConnection:
        """Make an asynchronous connection."""
        raw = await asyncio.wrap_future(self._threads.submit(self._connect))
        return SQLiteConnection(raw, self._threads, is_shared=self._is_memory)

    def begin(self, lock_type: str | None = None) -> None:
        """Begin a transaction.

        It takes the write lock at once (``IMMEDIATE``): one that reads first and writes later would fail, instead of
        wait, when another transaction has written meanwhile.
        """
        self.execute_sql(f'BEGIN {lock_type or "IMMEDIATE"}')

    def exists(self) -> bool:
        """Whether the file is there."""
        if self._is_memory:
            return not self._is_dropped
        return Path(self.database).exists()

    def create(self) -> None:
        """Create the file, with its folder."""
        self._is_dropped = False
        if not self._is_memory:
            Path(self.database).parent.mkdir(parents=True, exist_ok=True)
        if bridge.is_loop_running():
            self._connect_once()
        else:
            self.connect(reuse_if_open=True)

    def drop(self) -> None:
        """Delete the file. Until :meth:`create`, every use of the database fails."""
        self._is_dropped = True
        self._close_everything()
        if self._memory is not None:
            self._memory.close()
            self._memory = None
        if not self._is_memory:
            for suffix in ('', '-wal', '-shm'):
                Path(self.database + suffix).unlink(missing_ok=True)

    def save_template(self) -> None:
        """Remember the present content, in memory."""
        raw: sqlite3.Connection = self.connection()  # type: ignore[no-untyped-call]
        self._template = raw.serialize()

    def create_from_template(self) -> None:
        """Create the database with the remembered content."""
        self._is_dropped = False
        if self._is_memory:
            self._connect().deserialize(self._template)
        else:
            Path(self.database).write_bytes(self._template)

    def check_connectivity(self) -> None:
        """Check that the file is there, and read from it."""
        if not self.exists():
            raise OperationalError(f'there is no database {self.database}')
        super().check_connectivity()

    def _connect(self) -> sqlite3.Connection:
        if self._is_dropped:
            raise OperationalError(f'the database {self.database} has been dropped')
        if not self._is_memory:
            return self._open()
        if self._memory is None:
            self._memory = self._open()
        return self._memory

    def _open(self) -> sqlite3.Connection:
        try:
            raw: sqlite3.Connection = super()._connect()
        except sqlite3.OperationalError as exc:
            raise OperationalError(f'cannot open the database {self.database}: {exc}') from exc
        return raw

    def _connect_once(self) -> None:
        raw = self._connect()
        if not self._is_memory:
            raw.close()

    def _close(self, conn: sqlite3.Connection) -> None:
        if not self._is_memory:
            super()._close(conn)


def _run(raw: sqlite3.Connection, sql: str, params: Sequence[Any] | None) -> CursorAdapter:
    cursor = raw.execute(sql, params or ())
    try:
        rows = cursor.fetchall()
        return CursorAdapter(rows, lastrowid=cursor.lastrowid, rowcount=cursor.rowcount, description=cursor.description)
    finally:
        cursor.close()
