"""The backend for MySQL and MariaDB."""

import contextlib
import re
import ssl as tls
import weakref
from collections.abc import Sequence
from typing import Any

import peewee
from peewee import MySQLDatabase
from playhouse.pwasyncio import CursorAdapter

from colibris import bridge
from colibris.errors import ConfigurationError
from colibris.persist.errors import peewee_errors
from colibris.persist.liveness import Liveness
from colibris.persist.mysql.connection import MySQLConnection
from colibris.persist.mysql.errors import DEADLOCK, code_of, peewee_error
from colibris.persist.mysql.template import Template, quote
from colibris.persist.server import ServerBackend, check_address, check_options, require_drivers

__all__ = ['MySQLBackend']

SQL_MODE = (
    'PIPES_AS_CONCAT,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'
)
FOUND_ROWS = 2  # the protocol's flag: rows that a statement has found are counted, whether it has changed them or not
UNKNOWN_DATABASE = 1049

_ROLLBACK = re.compile(r'\s*ROLLBACK\s*;?\s*$', re.IGNORECASE)
_ROLLBACK_TO = re.compile(r'\s*ROLLBACK\s+TO\b', re.IGNORECASE)


class MySQLBackend(ServerBackend, MySQLDatabase):
    """A MySQL or MariaDB database: UTF-8 (``utf8mb4``), strict SQL mode, times to the microsecond.

    :param name: the database's name.
    :param host: the server's host.
    :param port: the server's port.
    :param username: whom to connect as; by default what the drivers choose.
    :param password: the user's password.
    :param pool_size: the largest number of connections of asynchronous code.
    :param pool_timeout: how long a statement waits for one of them, in seconds.
    :param atomic_requests: whether each request that may change something is answered in a transaction.
    :param connect_timeout: how long connecting may take, in seconds.
    :param charset: the character set of the connections.
    :param sql_mode: the server's SQL mode.
    :param mariadb: whether the server is MariaDB, whose JSON differs; by default it is asked when that matters.
    :param ssl: for TLS, which is off by default: ``True``, a context, or arguments of ``ssl.create_default_context``.
    :param options: ``unix_socket``, ``init_command``.
    """

    field_types = {  # noqa: RUF012  # as in Peewee
        **MySQLDatabase.field_types,
        'DATETIME': 'DATETIME(6)',
        'TIME': 'TIME(6)',
        'FLOAT': 'DOUBLE',
    }

    def __init__(
        self,
        name: str,
        host: str = '127.0.0.1',
        port: int = 3306,
        username: str | None = None,
        password: str | None = None,
        *,
        pool_size: int = 10,
        pool_timeout: float = 10.0,
        atomic_requests: bool = False,
        connect_timeout: float = 10.0,
        charset: str = 'utf8mb4',
        sql_mode: str = SQL_MODE,
        mariadb: bool | None = None,
        ssl: 'bool | dict[str, Any] | tls.SSLContext' = False,
        **options: Any,
    ) -> None:
        require_drivers('aiomysql', 'pymysql', extra='mysql')
        check_address(name, host, port)
        check_options(options, {'unix_socket', 'init_command'})
        first = [f"SET SESSION sql_mode = '{sql_mode}'", options.pop('init_command', None)]
        self._first_statements = [statement for statement in first if statement]
        self._is_mariadb = mariadb
        self._known_version: Any = None
        self._aborted: weakref.WeakSet[Any] = weakref.WeakSet()
        super().__init__(
            name,
            pool_size=pool_size,
            pool_timeout=pool_timeout,
            atomic_requests=atomic_requests,
            host=host,
            port=port,
            user=username,
            password=password or '',
            charset=charset,
            connect_timeout=connect_timeout,
            client_flag=FOUND_ROWS,
            **({'ssl': _context(ssl)} if ssl else {}),
            **options,
        )

    # Connections

    async def connect_async(self) -> MySQLConnection:
        """Make an asynchronous connection."""
        options = {**self.connect_params, 'db': self.database, 'autocommit': True}
        connection = await MySQLConnection.open(self._first_statements, **options)
        if self._known_version is None:
            self._set_server_version(connection)
        return connection

    def is_lost(self, raw: Any) -> bool:
        """Whether the idle connection of synchronous code was lost."""
        return not raw.open or Liveness(raw._sock.fileno()).has_ended

    def _connect(self) -> Any:
        return self._connect_to(self.database)

    def _close(self, conn: Any) -> None:
        if conn.open:
            conn.close()

    def _connect_to(self, name: str | None) -> Any:
        import pymysql

        options = {**self.connect_params}
        if 'ssl' not in options:  # otherwise it is tried, though not checked, at the price of 20 ms
            options['ssl_disabled'] = True
        connection = pymysql.connect(database=name, autocommit=True, **options)
        with connection.cursor() as cursor:
            for statement in self._first_statements:
                cursor.execute(statement)
        return connection

    # The server's kind and version, which the SQL depends on

    @property
    def server_version(self) -> Any:
        """The server's version; it is asked, if it is not known and can be."""
        self._learn_version()
        return self._known_version

    @server_version.setter
    def server_version(self, version: Any) -> None:
        self._known_version = version

    @property
    def mariadb(self) -> bool:  # type: ignore[override]  # Peewee's attribute is only read
        """Whether the server is MariaDB; it is asked, if it is not known and can be."""
        if self._is_mariadb is None:
            self._learn_version()
        return bool(self._is_mariadb)

    def get_context_options(self) -> dict[str, Any]:
        """What SQL is made with; the way compound queries are written depends on the server's version."""
        self._learn_version()
        options: dict[str, Any] = super().get_context_options()
        return options

    def _set_server_version(self, conn: Any) -> None:
        if self._is_mariadb is None:  # before Peewee asks for it
            self._is_mariadb = 'maria' in str(conn.server_version).lower()
        super()._set_server_version(conn)

    def _learn_version(self) -> None:
        """Have a connection made, if none has told the version yet, where waiting is possible."""
        if self._known_version is None and (bridge.is_driven() or not bridge.is_loop_running()):
            with contextlib.suppress(peewee.PeeweeException):
                self.execute_sql('SELECT 1')

    # Statements

    async def _execute_pooled(self, sql: str, params: Sequence[Any] | None) -> CursorAdapter:
        state = self._driven_state()
        if not self._may_execute(state.conn, sql):
            return CursorAdapter(rowcount=0)
        try:
            return await super()._execute_pooled(sql, params)
        except peewee.OperationalError as exc:
            self._note_deadlock(state, exc)
            raise

    def _execute_cursor(self, sql: str, params: Sequence[Any] | None, **options: Any) -> Any:
        state = self._state.of_thread
        if not self._may_execute(state.conn, sql):
            return CursorAdapter(rowcount=0)
        try:
            return super()._execute_cursor(sql, params, **options)
        except peewee.PeeweeException as exc:
            self._note_deadlock(state, exc)
            raise peewee_error(getattr(exc, 'orig', exc), is_closed=False) or exc from exc

    def _may_execute(self, conn: Any, sql: str) -> bool:
        """Whether a statement may run, which none may after a deadlock until the transaction is rolled back.

        The server has rolled back already, and would run and commit each further statement on its own.
        """
        if conn not in self._aborted:
            return True
        if _ROLLBACK_TO.match(sql):
            return False
        if not _ROLLBACK.match(sql):
            raise peewee.OperationalError('the transaction was rolled back because of a deadlock')
        self._aborted.discard(conn)
        return True

    def _note_deadlock(self, state: Any, error: peewee.PeeweeException) -> None:
        if state.transactions and state.conn is not None and code_of(error) == DEADLOCK:
            self._aborted.add(state.conn)

    # Creation

    def max_connections(self) -> int:
        """How many connections the server gives to all of its clients."""
        return int(self.execute_sql('SELECT @@max_connections').fetchone()[0])

    def exists(self) -> bool:
        """Whether the server has the database."""
        with self._cursor_of(None) as cursor:
            cursor.execute('SELECT 1 FROM information_schema.schemata WHERE schema_name = %s', (self.database,))
            return cursor.fetchone() is not None

    def create(self) -> None:
        """Create the database; one that is there stays as it is."""
        with self._cursor_of(None) as cursor:
            cursor.execute(f'CREATE DATABASE IF NOT EXISTS {self._quoted_name} CHARACTER SET utf8mb4')

    def drop(self) -> None:
        """Delete the database with everything in it, after closing all connections, others' too; meant for tests."""
        self._close_everything()
        with self._cursor_of(None) as cursor:
            self._end_others(cursor)
            cursor.execute(f'DROP DATABASE IF EXISTS {self._quoted_name}')

    def save_template(self) -> None:
        """Remember the present content, in memory."""
        with self._cursor_of(self.database) as cursor:
            self._template = Template.of(cursor)

    def forget_template(self) -> None:
        """Forget what :meth:`save_template` has remembered."""
        self._template = None

    @property
    def _quoted_name(self) -> str:
        return quote(str(self.database))

    def _restore(self, template: Template) -> bool:
        try:
            with self._cursor_of(self.database) as cursor:
                self._end_others(cursor)
                return template.restore(cursor)
        except peewee.OperationalError as exc:
            if code_of(exc) != UNKNOWN_DATABASE:
                raise
            return False

    def _rebuild(self, template: Template) -> None:
        self.create()
        with self._cursor_of(self.database) as cursor:
            template.build(cursor)

    def _end_others(self, cursor: Any) -> None:
        cursor.execute(
            'SELECT id FROM information_schema.processlist WHERE db = %s AND id <> CONNECTION_ID()', (self.database,)
        )
        for (thread_id,) in cursor.fetchall():
            with contextlib.suppress(peewee.PeeweeException), peewee_errors:
                cursor.execute('KILL %s', (thread_id,))

    @contextlib.contextmanager
    def _cursor_of(self, name: str | None) -> Any:
        with peewee_errors, contextlib.closing(self._connect_to(name)) as connection, connection.cursor() as cursor:
            yield cursor


def _context(ssl: 'bool | dict[str, Any] | tls.SSLContext') -> tls.SSLContext:
    if isinstance(ssl, tls.SSLContext):
        return ssl
    if isinstance(ssl, bool):
        return tls.create_default_context()
    try:
        return tls.create_default_context(**ssl)
    except (OSError, TypeError) as exc:
        raise ConfigurationError(f"'ssl': {exc}") from exc
