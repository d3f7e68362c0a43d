"""SQLite: the embedded default."""

import asyncio
import contextlib
import re
import sqlite3
import weakref
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from peewee import OperationalError, SqliteDatabase
from playhouse.pwasyncio import CursorAdapter

from colibris.errors import ConfigurationError
from colibris.persist.base import DatabaseBackend
from colibris.persist.errors import DatabaseUnavailable
from colibris.persist.regexp import matches

__all__ = ['SQLiteBackend']

MEMORY = ':memory:'
INTERRUPT_SECONDS = 0.001

_WRITES = re.compile(
    r'\s*(?!SELECT|WITH|PRAGMA|EXPLAIN|VALUES|BEGIN DEFERRED|COMMIT|ROLLBACK|ATTACH|DETACH)\w', re.IGNORECASE
)


class Turn:
    """The turn to write, which goes to those who want it in the order in which they ask.

    :param timeout: how long to wait for it, in seconds.
    """

    def __init__(self, timeout: float) -> None:
        self._lock = asyncio.Lock()
        self._timeout = timeout

    async def take(self) -> None:
        """Wait for the turn.

        :raises OperationalError: it did not come in time.
        """
        try:
            async with asyncio.timeout(self._timeout):
                await self._lock.acquire()
        except TimeoutError:
            raise DatabaseUnavailable('database is locked') from None

    def pass_on(self) -> None:
        """Let the next one have the turn."""
        self._lock.release()


class SQLiteConnection:
    """A SQLite connection whose statements run in a thread of its own, each in one hop.

    :param turn: the turn to write, which the connections of a process take one after another, first come, first
        served. SQLite itself only lets them try again and again, so that an unlucky one would wait too long.
    :param is_shared: whether others use ``raw`` too.
    """

    def __init__(self, raw: sqlite3.Connection, thread: ThreadPoolExecutor, turn: 'Turn', *, is_shared: bool) -> None:
        self._raw = raw
        self._thread = thread
        self._turn = turn
        self._is_shared = is_shared
        self._has_turn = False
        self.is_usable = True

    @property
    def is_clean(self) -> bool:
        """Whether nothing has happened that would make the connection useless, and no transaction is open."""
        return self.is_usable and not self._raw.in_transaction

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self.is_usable and self._raw.in_transaction

    async def execute(self, sql: str, params: Sequence[Any] | None) -> CursorAdapter:
        """Run a statement; when cancelled, it is interrupted, and the connection is lost."""
        if not self.is_usable:
            raise OperationalError('the connection was lost, and with it the transaction')
        if not self._has_turn and _WRITES.match(sql):
            await self._turn.take()
            self._has_turn = True
        try:
            return await self._execute(sql, params)
        finally:
            if self._has_turn and not self.in_transaction:
                self._has_turn = False
                self._turn.pass_on()

    async def _execute(self, sql: str, params: Sequence[Any] | None) -> CursorAdapter:
        future = self._thread.submit(self._run, sql, params)
        try:
            return await asyncio.wrap_future(future)
        except (asyncio.CancelledError, GeneratorExit):
            if not (future.done() or future.cancel()):
                self._abandon(future)
            raise

    async def close(self) -> None:
        """Close the connection."""
        self.terminate()

    def terminate(self) -> None:
        """Close the connection; a transaction that is open is rolled back, and the next one may write."""
        if not self.is_usable:
            return
        self.is_usable = False
        self._thread.shutdown(wait=False)
        if not self._is_shared:
            self._raw.close()
        elif self._has_turn:
            self._raw.rollback()
        if self._has_turn:
            self._has_turn = False
            with contextlib.suppress(RuntimeError):  # the loop of those who wait may have been closed
                self._turn.pass_on()

    def _run(self, sql: str, params: Sequence[Any] | None) -> CursorAdapter:
        if not self.is_usable:
            raise sqlite3.OperationalError('interrupted')
        try:
            cursor = self._raw.execute(sql, params or ())
        except sqlite3.OperationalError as exc:
            if getattr(exc, 'sqlite_errorcode', 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise DatabaseUnavailable(str(exc)) from exc
            raise
        except (OverflowError, UnicodeEncodeError) as exc:
            raise sqlite3.DataError(f'SQLite cannot hold a value: {exc}') from exc
        try:
            rows = cursor.fetchall()
            return CursorAdapter(
                rows, lastrowid=cursor.lastrowid, rowcount=cursor.rowcount, description=cursor.description
            )
        finally:
            cursor.close()

    def _abandon(self, future: 'Future[CursorAdapter]') -> None:
        self._raw.interrupt()
        if self._is_shared:
            while not wait([future], INTERRUPT_SECONDS).done:
                self._raw.interrupt()
            return
        self.is_usable = False
        self._thread.shutdown(wait=False)
        future.add_done_callback(lambda _: self._raw.close())


class SQLiteBackend(DatabaseBackend, SqliteDatabase):
    """A SQLite database in a file, in WAL mode and with foreign keys enforced.

    :param name: the path of the file, whose folder is made when missing; ``:memory:`` for one that ends with the
        process.
    :param pool_size: the largest number of connections of asynchronous code, each with a thread.
    :param pool_timeout: how long a statement waits for one of them, in seconds.
    :param atomic_requests: whether each request that may change something is answered in a transaction.
    :param timeout: how long a statement waits for another connection's lock, in seconds.
    :param pragmas: SQLite's own settings, over ``journal_mode=wal`` and ``foreign_keys=1``.
    :param cached_statements: how many prepared statements each connection keeps.
    :param rank_functions: whether Peewee's ranking functions for full-text search are there.
    """

    def __init__(
        self,
        name: str | Path,
        *,
        pool_size: int = 5,
        pool_timeout: float = 10.0,
        atomic_requests: bool = False,
        timeout: float = 5.0,
        pragmas: dict[str, Any] | None = None,
        cached_statements: int = 128,
        rank_functions: bool = False,
    ) -> None:
        if not name or not isinstance(name, str | Path):
            raise ConfigurationError("'name' must be the path of a file")
        self._is_memory = str(name) == MEMORY
        super().__init__(
            str(name),
            pool_size=1 if self._is_memory else pool_size,
            pool_timeout=pool_timeout,
            atomic_requests=atomic_requests,
            timeout=timeout,
            pragmas={'journal_mode': 'wal', 'foreign_keys': 1, **(pragmas or {})},
            check_same_thread=False,
            cached_statements=cached_statements,
            rank_functions=rank_functions,
        )
        self.register_function(matches, 'regexp', 2)
        self._memory: sqlite3.Connection | None = None
        self._turns: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Turn] = weakref.WeakKeyDictionary()
        self._template = b''
        self._is_dropped = False

    async def connect_async(self) -> SQLiteConnection:
        """Make an asynchronous connection."""
        thread = ThreadPoolExecutor(1, thread_name_prefix='colibris-sqlite')
        future = thread.submit(self._connect)
        try:
            raw = await asyncio.wrap_future(future)
        except BaseException:
            thread.shutdown(wait=False)
            future.add_done_callback(self._close_opened)
            raise
        return SQLiteConnection(raw, thread, self._turn_of_loop(), is_shared=self._is_memory)

    def begin(self, mode: str | None = None) -> None:
        """Begin a transaction.

        It takes the write lock at once (``IMMEDIATE``): one that reads first and writes later would fail, instead of
        wait, when another transaction has written meanwhile.
        """
        super().begin(mode or 'IMMEDIATE')

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
        self._discard(self._connect())

    def drop(self) -> None:
        """Delete the file. Until :meth:`create`, every use of the database fails."""
        self._is_dropped = True
        self._close_everything()
        if self._memory is not None:
            self._memory.close()
            self._memory = None
        if not self._is_memory:
            for suffix in ('', '-wal', '-shm', '.migrate.lock'):
                Path(self.database + suffix).unlink(missing_ok=True)

    def save_template(self) -> None:
        """Remember the present content, in memory."""
        raw = self._connect()
        try:
            self._template = raw.serialize()
        finally:
            self._discard(raw)

    def create_from_template(self) -> None:
        """Create the database with the remembered content, in place of what is there."""
        self.drop()
        self._is_dropped = False
        if self._is_memory:
            self._connect().deserialize(self._template)
        else:
            Path(self.database).parent.mkdir(parents=True, exist_ok=True)
            Path(self.database).write_bytes(self._template)

    def check_connectivity(self) -> None:
        """Check that the file is there, and read from it."""
        if not self.exists():
            raise OperationalError(f'there is no database {self.database}')
        super().check_connectivity()

    def _turn_of_loop(self) -> Turn:
        return self._turns.setdefault(asyncio.get_running_loop(), Turn(self._timeout))

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
        except sqlite3.DatabaseError as exc:
            raise OperationalError(f'cannot open the database {self.database}: {exc}') from exc
        return raw

    def _discard(self, raw: sqlite3.Connection) -> None:
        if raw is not self._memory:
            raw.close()

    def _close(self, conn: sqlite3.Connection) -> None:
        self._discard(conn)

    def _close_opened(self, future: 'Future[sqlite3.Connection]') -> None:
        if not future.cancelled() and future.exception() is None:
            self._discard(future.result())
