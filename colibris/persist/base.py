"""The contract of a persistence backend: a Peewee database that waits through the bridge."""

import asyncio
import logging
import os
import time
import weakref
from abc import abstractmethod
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, ParamSpec, Protocol, TypeVar

from peewee import Database, InterfaceError, OperationalError, PeeweeException
from playhouse.pwasyncio import AsyncDatabaseMixin, CursorAdapter

from colibris import bridge
from colibris.conf.backends import Backend
from colibris.errors import ConfigurationError
from colibris.persist.errors import peewee_errors
from colibris.persist.inserts import Inserts
from colibris.persist.lists import Lists
from colibris.persist.lookups import Lookups
from colibris.persist.pool import Pool, Poolable
from colibris.persist.shapes import ShapeCache
from colibris.persist.state import ConnectionState, ScopedState
from colibris.persist.transactions import Atomic, Savepoint, Transaction

__all__ = ['AsyncConnection', 'DatabaseBackend']

P = ParamSpec('P')
T = TypeVar('T')

logger = logging.getLogger(__name__)
_peewee_logger = logging.getLogger('peewee')


class AsyncConnection(Poolable, Protocol):
    """One asynchronous connection, used by one driven coroutine at a time."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open, as the driver knows it."""

    async def execute(self, sql: str, params: Sequence[Any] | None) -> CursorAdapter:
        """Run a statement to its end and return all of its rows.

        When it is cancelled, the connection either is as before or says that it is not usable any more.
        """


class DatabaseBackend(AsyncDatabaseMixin, Backend):  # type: ignore[misc]  # playhouse is untyped
    """A Peewee database for synchronous and asynchronous code alike.

    Inherit it before one of Peewee's databases. In driven coroutines statements run on asynchronous connections of a
    pool; a connection is taken for a statement, or for as long as a transaction lasts, never longer. Elsewhere it is
    that synchronous Peewee database, with a connection for each thread.

    :param name: the database's name, or a file's path.
    :param pool_size: the largest number of connections of the pool.
    :param pool_timeout: how long a statement waits for a free connection, in seconds.
    :param atomic_requests: whether each request that may change something (no ``GET``, ``HEAD``, ``OPTIONS`` or
        ``TRACE``) is answered in a transaction.
    :param options: passed on to Peewee's database.
    """

    def __init__(
        self,
        name: str,
        *,
        pool_size: int = 10,
        pool_timeout: float = 10.0,
        atomic_requests: bool = False,
        **options: Any,
    ) -> None:
        _check_numbers(pool_size=pool_size, pool_timeout=pool_timeout)
        if not isinstance(atomic_requests, bool):
            raise ConfigurationError("'atomic_requests' must be True or False")
        self.atomic_requests = atomic_requests
        super().__init__(name, pool_size=pool_size, acquire_timeout=pool_timeout, **options)
        self._state = ScopedState(self._release_state)
        self._pools: dict[asyncio.AbstractEventLoop, Pool[Any]] = {}
        self.shapes = ShapeCache(self)
        self.lookups = Lookups(self, self.shapes)
        self.inserts = Inserts(self, self.shapes)
        self.lists = Lists(self, self.shapes)
        _backends.add(self)

    @property
    def pool_size(self) -> int:
        """The largest number of connections of each event loop's pool."""
        return int(self._pool_size)

    @property
    def pools(self) -> list[Pool[Any]]:
        """The pools of this process, one for each event loop that has run a statement."""
        return list(self._pools.values())

    # What a backend adds

    @abstractmethod
    async def connect_async(self) -> AsyncConnection:
        """Make an asynchronous connection.

        :raises PeeweeException: the database cannot be reached.
        """

    @abstractmethod
    def exists(self) -> bool:
        """Whether the database is there."""

    @abstractmethod
    def create(self) -> None:
        """Create the database; one that is there stays as it is."""

    @abstractmethod
    def drop(self) -> None:
        """Delete the database with everything in it, after closing all connections; meant for tests."""

    @abstractmethod
    def save_template(self) -> None:
        """Remember the database's present content for :meth:`create_from_template`."""

    @abstractmethod
    def create_from_template(self) -> None:
        """Create the database with the content of the last :meth:`save_template`."""

    def max_connections(self) -> int | None:
        """How many connections the server gives to all of its clients; ``None``: there is no such number."""
        return None

    def forget_template(self) -> None:
        """Delete what :meth:`save_template` has left on the server, if anything."""

    def check_connectivity(self) -> None:
        """Reach the database.

        :raises PeeweeException: it cannot be reached.
        """
        self.execute_sql('SELECT 1')

    def connectivity_check(self) -> None:
        """Reach the database, as :meth:`check_connectivity` does."""
        self.check_connectivity()

    async def stop(self) -> None:
        """Close the connections of this loop's pool."""
        await self.close_pool()

    # Statements

    def execute(self, query: Any, **context_options: Any) -> Any:
        """Run a query and return its cursor.

        :raises PeeweeException: the database refuses it.
        """
        found = None if context_options else self.shapes.sql(query)
        return self.execute_sql(*found) if found else super().execute(query, **context_options)

    def execute_sql(self, sql: str, params: Sequence[Any] | None = None) -> Any:
        """Run a statement and return its cursor.

        :raises PeeweeException: the database refuses it.
        :raises BridgeError: the event loop runs, but the calling code is not driven.
        """
        if bridge.is_loop_running():
            return bridge.wait(self.aexecute_sql(sql, params))
        return self._execute_cursor(sql, params)

    def aexecute_sql(self, sql: str, params: Sequence[Any] | None = None) -> Coroutine[Any, Any, CursorAdapter]:
        """Run a statement from a coroutine; see :meth:`execute_sql`."""
        is_watched = self.query_hooks or _peewee_logger.isEnabledFor(logging.DEBUG)
        return self._execute_watched(sql, params) if is_watched else self._execute_pooled(sql, params)

    async def _execute_watched(self, sql: str, params: Sequence[Any] | None) -> CursorAdapter:
        self._log_query(sql, params)
        start = time.perf_counter()
        error: Exception | None = None
        try:
            return await self._execute_pooled(sql, params)
        except Exception as exc:
            error = exc
            raise
        finally:
            if self.query_hooks:
                self._notify_hooks(sql, params, start, error)

    async def _execute_pooled(self, sql: str, params: Sequence[Any] | None) -> CursorAdapter:
        """Run a statement on a connection that is kept only if the statement begins a transaction."""
        scope = bridge.current_scope()
        if scope is None:
            raise bridge.BridgeError
        state = self._state.existing(scope)
        if state is not None and not state.closed:
            return await self._execute_kept(state, sql, params)
        pool = self._pool_of_loop()
        conn = pool.take(scope) or await pool.acquire()
        try:
            return await conn.execute(sql, params)
        except Exception:
            with peewee_errors:
                raise
        finally:
            if conn.is_clean:
                pool.put_back(conn, scope)
            elif conn.in_transaction:
                self._driven_state().set_connection(conn, pool)
            else:
                await pool.release(conn)

    async def _execute_kept(self, state: ConnectionState, sql: str, params: Sequence[Any] | None) -> CursorAdapter:
        """Run a statement on the connection that the running code holds."""
        try:
            return await state.conn.execute(sql, params)
        except Exception:
            with peewee_errors:
                raise
        finally:
            if not state.is_in_use:
                await _give_back(state)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call plain ``function`` from a coroutine, so that the statements in it do not block."""
        return await bridge.run(function, *args, **kwargs)

    async def iterate(self, query: Any, buffer_size: int | None = None) -> AsyncIterator[Any]:
        """Yield the rows of ``query``, which are read all at once."""
        for row in await self.list(query):
            yield row

    async def acreate_tables(self, *args: Any, **kwargs: Any) -> None:
        """Create tables from a coroutine."""
        await self.run(self.create_tables, *args, **kwargs)

    async def adrop_tables(self, *args: Any, **kwargs: Any) -> None:
        """Drop tables from a coroutine."""
        await self.run(self.drop_tables, *args, **kwargs)

    # Connections

    def connect(self, reuse_if_open: bool = False) -> bool:
        """Take a connection and keep it until :meth:`close`, which is seldom needed."""
        if not bridge.is_loop_running():
            return bool(Database.connect(self, reuse_if_open=reuse_if_open))
        return bridge.wait(self.aconnect(reuse_if_open))

    async def aconnect(self, reuse_if_open: bool = False) -> bool:
        """Take a connection from a coroutine; see :meth:`connect`."""
        state = self._driven_state()
        if not state.closed:
            if reuse_if_open:
                return False
            raise OperationalError('Connection already opened.')
        await self._take(state)
        state.is_pinned = True
        return True

    def close(self) -> bool:
        """Give the connection of the running code back."""
        if not bridge.is_loop_running():
            return bool(Database.close(self))
        return bridge.wait(self.aclose())

    async def aclose(self) -> bool:
        """Give the connection back from a coroutine; see :meth:`close`."""
        state = self._driven_state()
        if state.transactions:
            raise OperationalError('Attempting to close database while transaction is open.')
        was_open = not state.closed
        await _give_back(state)
        return was_open

    def is_closed(self) -> bool:
        """Whether the running code holds no connection."""
        return self._state.closed

    async def close_pool(self) -> None:
        """Close the connections of this loop's pool."""
        pool = self._pools.pop(asyncio.get_running_loop(), None)
        if pool is not None:
            await pool.close()

    def _driven_state(self) -> ConnectionState:
        state = self._state.scoped()
        if state is None:
            raise bridge.BridgeError
        return state

    def _pool_of_loop(self) -> Pool[Any]:
        loop = asyncio.get_running_loop()
        pool = self._pools.get(loop)
        if pool is None:
            self._forget_closed_loops()
            pool = self._pools[loop] = Pool(self.connect_async, self._pool_size, self._acquire_timeout)
        return pool

    def _forget_closed_loops(self) -> None:
        for loop in [loop for loop in self._pools if loop.is_closed()]:
            self._pools.pop(loop).terminate()

    def _close_everything(self) -> None:
        """Close the connections of every pool, and of this thread."""
        while self._pools:
            self._pools.popitem()[1].terminate()
        state = self._state.of_thread
        if state.conn is not None:
            self._close(state.conn)
        state.reset()

    def _forget_parent(self) -> None:
        """Never use the connections of the parent process, nor close them: both would disturb it."""
        state = self._state.of_thread
        _of_parents.append((state.conn, self._pools))
        state.reset()
        self._pools = {}

    async def _take(self, state: ConnectionState) -> None:
        pool = self._pool_of_loop()
        state.set_connection(pool.take(bridge.current_scope()) or await pool.acquire(), pool)

    async def _release_state(self, state: ConnectionState) -> None:
        conn = state.conn
        if conn is None:
            return
        try:
            if conn.in_transaction:
                logger.warning('a transaction was still open at the end of a request or task: rolled back')
                with peewee_errors:
                    await conn.execute('ROLLBACK', None)
        except BaseException as exc:
            conn.terminate()
            if not isinstance(exc, PeeweeException):
                raise
        finally:
            await _give_back(state)

    # Transactions

    def atomic(self, *args: Any, **kwargs: Any) -> Atomic:
        """A transaction, or a savepoint inside of one; see :func:`colibris.persist.atomic`."""
        return Atomic(self, *args, **kwargs)

    def transaction(self, *args: Any, **kwargs: Any) -> Transaction:
        """A transaction."""
        return Transaction(self, *args, **kwargs)

    def savepoint(self) -> Savepoint:
        """A savepoint inside of a transaction."""
        return Savepoint(self)

    def in_transaction(self) -> bool:
        """Whether the running code has begun a transaction."""
        return self._state.has_transaction

    def begin(self, mode: str | None = None) -> None:
        """Begin a transaction; ``mode`` is a word that the database understands after ``BEGIN``."""
        self._clear_commit_callbacks()
        self.execute_sql(f'BEGIN {mode}' if mode else 'BEGIN')

    def commit(self) -> None:
        """Commit the transaction.

        :raises InterfaceError: there is none.
        """
        if self._state.closed:
            raise InterfaceError('no transaction is open')
        self.execute_sql('COMMIT')

    def rollback(self) -> None:
        """Roll the transaction back, unless it has ended by itself, as it does when the connection is lost."""
        state = self._state.current()
        if state.conn is None:
            return
        if getattr(state.conn, 'in_transaction', True):
            self.execute_sql('ROLLBACK')
        elif bridge.is_driven() and not state.is_in_use:
            bridge.wait(_give_back(state))


def _check_numbers(pool_size: Any, pool_timeout: Any) -> None:
    if not isinstance(pool_size, int) or isinstance(pool_size, bool) or pool_size < 1:
        raise ConfigurationError("'pool_size' must be a whole number from 1")
    if not isinstance(pool_timeout, int | float) or isinstance(pool_timeout, bool) or pool_timeout <= 0:
        raise ConfigurationError("'pool_timeout' must be a number of seconds above 0")


async def _give_back(state: ConnectionState) -> None:
    conn, pool = state.conn, state.pool
    state.detach()
    if pool is not None:
        await pool.release(conn)


_of_parents: list[Any] = []
_backends: 'weakref.WeakSet[DatabaseBackend]' = weakref.WeakSet()


def _forget_parents() -> None:
    for backend in list(_backends):
        backend._forget_parent()


if hasattr(os, 'register_at_fork'):
    os.register_at_fork(after_in_child=_forget_parents)
