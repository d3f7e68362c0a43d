"""The backend for PostgreSQL."""

import contextlib
import math
from typing import Any
from urllib.parse import urlencode

import peewee
from peewee import PostgresqlDatabase

from colibris import bridge
from colibris.persist.errors import peewee_errors
from colibris.persist.liveness import Liveness
from colibris.persist.postgresql.connection import PostgreSQLConnection
from colibris.persist.postgresql.template import Template
from colibris.persist.server import ServerBackend, check_address, check_options, require_drivers

__all__ = ['PostgreSQLBackend']

TLS_OPTIONS = {'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'sslcrl', 'sslpassword'}
MIN_CONNECT_SECONDS = 2


class PostgreSQLBackend(ServerBackend, PostgresqlDatabase):
    """A PostgreSQL database.

    :param name: the database's name.
    :param host: the server's host, or the folder of its socket.
    :param port: the server's port.
    :param username: whom to connect as; by default what the drivers choose.
    :param password: the user's password.
    :param pool_size: the largest number of connections of asynchronous code.
    :param pool_timeout: how long a statement waits for one of them, in seconds.
    :param atomic_requests: whether each request that may change something is answered in a transaction.
    :param connect_timeout: how long connecting may take, in seconds.
    :param prepared_statements: how many prepared statements each connection keeps; 0 where a pool such as PgBouncer is
        between.
    :param server_settings: the server's own settings for the session: ``{'statement_timeout': '10s'}``.
    :param maintenance_name: the database that is connected to while this one is created or deleted.
    :param options: ``sslmode``, ``sslrootcert`` and so on, as libpq understands them.
    """

    field_types = {**PostgresqlDatabase.field_types, 'FLOAT': 'DOUBLE PRECISION'}  # noqa: RUF012  # as in Peewee

    def __init__(
        self,
        name: str,
        host: str = '127.0.0.1',
        port: int = 5432,
        username: str | None = None,
        password: str | None = None,
        *,
        pool_size: int = 10,
        pool_timeout: float = 10.0,
        atomic_requests: bool = False,
        connect_timeout: float = 10.0,
        prepared_statements: int = 256,
        server_settings: dict[str, Any] | None = None,
        maintenance_name: str = 'postgres',
        **options: Any,
    ) -> None:
        require_drivers('asyncpg', 'psycopg', extra='postgresql')
        check_address(name, host, port)
        check_options(options, TLS_OPTIONS)
        self._address = {'host': host, 'port': port, 'user': username, 'password': password}
        self._connect_timeout = connect_timeout
        self._prepared_statements = prepared_statements
        self._server_settings = {key: str(value) for key, value in (server_settings or {}).items()}
        self._maintenance_name = maintenance_name
        self._tls = options
        super().__init__(
            name,
            pool_size=pool_size,
            pool_timeout=pool_timeout,
            atomic_requests=atomic_requests,
            prefer_psycopg3=True,
            **self._synchronous_options(),
        )

    async def connect_async(self) -> PostgreSQLConnection:
        """Make an asynchronous connection."""
        dsn = f'postgresql://?{urlencode(self._tls)}' if self._tls else None
        connection = await PostgreSQLConnection.open(
            self._prepared_statements,
            dsn=dsn,
            database=self.database,
            timeout=self._connect_timeout,
            server_settings=self._server_settings,
            statement_cache_size=min(self._prepared_statements, 100),
            **self._address,
        )
        self.server_version = self.server_version or connection.server_version
        return connection

    def is_lost(self, raw: Any) -> bool:
        """Whether the idle connection of synchronous code was lost."""
        return raw.closed or Liveness(raw.fileno()).has_ended

    def commit(self) -> None:
        """Commit the transaction.

        :raises InterfaceError: there is none.
        :raises InternalError: a statement in it had failed, so that it has been rolled back.
        """
        if not bridge.is_loop_running() and self._has_failed():
            self.rollback()
            raise peewee.InternalError(
                'a statement of the transaction had failed, so that it was rolled back, not committed'
            )
        super().commit()

    def max_connections(self) -> int:
        """How many connections the server gives to all of its clients."""
        return int(self.execute_sql('SHOW max_connections').fetchone()[0])

    def exists(self) -> bool:
        """Whether the server has the database."""
        with self._maintain() as connection:
            row = connection.execute('SELECT 1 FROM pg_database WHERE datname = %s', (self.database,)).fetchone()
        return row is not None

    def create(self) -> None:
        """Create the database; one that is there stays as it is."""
        if not self.exists():
            self._maintain_sql(f'CREATE DATABASE {_quote(self.database)}')

    def drop(self) -> None:
        """Delete the database with everything in it, after closing all connections, others' too; meant for tests."""
        self._close_everything()
        self._maintain_sql(f'DROP DATABASE IF EXISTS {_quote(self.database)} WITH (FORCE)')

    def save_template(self) -> None:
        """Remember the present content: in memory, and as another database for tests that change the tables."""
        self._close_everything()
        self.forget_template()
        with self._connection_to(self.database) as connection:
            template = Template.of(connection)
        copy = _quote(self._template_name)
        self._maintain_sql(f'CREATE DATABASE {copy} TEMPLATE {_quote(self.database)}')
        self._template = template

    def forget_template(self) -> None:
        """Delete what :meth:`save_template` has made."""
        self._template = None
        self._maintain_sql(f'DROP DATABASE IF EXISTS {_quote(self._template_name)} WITH (FORCE)')

    @property
    def _template_name(self) -> str:
        return f'{self.database}_template'

    def _restore(self, template: Template) -> bool:
        import psycopg

        try:
            with self._connection_to(self.database) as connection:
                return template.restore(connection)
        except (psycopg.OperationalError, peewee.OperationalError):
            return False

    def _rebuild(self, template: Template) -> None:
        self._maintain_sql(
            f'CREATE DATABASE {_quote(self.database)} TEMPLATE {_quote(self._template_name)} STRATEGY FILE_COPY'
        )

    def _has_failed(self) -> bool:
        from psycopg.pq import TransactionStatus

        conn = self._state.of_thread.conn
        return conn is not None and conn.info.transaction_status == TransactionStatus.INERROR

    def _maintain_sql(self, sql: str) -> None:
        with self._maintain() as connection:
            connection.execute(sql)

    def _maintain(self) -> contextlib.AbstractContextManager[Any]:
        return self._connection_to(self._maintenance_name)

    @contextlib.contextmanager
    def _connection_to(self, name: str) -> Any:
        import psycopg

        with peewee_errors, psycopg.connect(dbname=name, autocommit=True, **self._synchronous_options()) as connection:
            yield connection

    def _synchronous_options(self) -> dict[str, Any]:
        options = {
            **self._address,
            **self._tls,
            'connect_timeout': max(MIN_CONNECT_SECONDS, math.ceil(self._connect_timeout)),
            'options': ' '.join(f'-c {_escape(f"{key}={value}")}' for key, value in self._server_settings.items()),
        }
        return {key: value for key, value in options.items() if value not in (None, '')}


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _escape(setting: str) -> str:
    return setting.replace('\\', '\\\\').replace(' ', '\\ ')
