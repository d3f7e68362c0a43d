"""A connection of asynchronous code to MySQL or MariaDB."""

import asyncio
import contextlib
from collections.abc import Sequence
from functools import cache
from typing import Any

from playhouse.pwasyncio import CursorAdapter

from colibris.persist.errors import DatabaseUnavailable
from colibris.persist.liveness import Liveness
from colibris.persist.mysql.errors import is_unavailable, peewee_error

__all__ = ['MySQLConnection']

CANCEL_SECONDS = 2.0
CLOSE_SECONDS = 1.0


class MySQLConnection:
    """A connection of aiomysql.

    :param raw: aiomysql's connection.
    :param options: what it was made with.
    """

    def __init__(self, raw: Any, options: dict[str, Any]) -> None:
        self._raw = raw
        self._options = options
        self._liveness = Liveness(_fileno(raw))

    @classmethod
    async def open(cls, statements: Sequence[str] = (), **options: Any) -> 'MySQLConnection':
        """Connect.

        :param statements: what to run first.
        :param options: those of ``aiomysql.connect``.
        :raises OperationalError: that fails.
        """
        raw = _make_raw(options)
        try:
            await raw.ping()
            for statement in statements:
                await raw.query(statement)
        except BaseException as exc:
            raw.close()
            error = peewee_error(exc, is_closed=False) if isinstance(exc, Exception) else None
            if error is None:
                raise
            raise error from exc
        return cls(raw, options)

    @property
    def server_version(self) -> str:
        """The server's version, as it tells it: ``10.11.6-MariaDB``."""
        return str(self._raw.get_server_info())

    @property
    def is_clean(self) -> bool:
        """Whether the connection is open, and no transaction is."""
        return not (self._raw.closed or self._raw.get_transaction_status())

    @property
    def is_usable(self) -> bool:
        """Whether another user may have the connection."""
        return self.is_clean and not self._liveness.has_ended

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return not self._raw.closed and bool(self._raw.get_transaction_status())

    async def execute(self, sql: str, params: Sequence[Any] | None) -> CursorAdapter:
        """Run a statement; when cancelled, it is ended on the server, and the connection with it."""
        if self._raw.closed:
            raise DatabaseUnavailable('the connection to the database was lost')
        try:
            return await self._execute(sql, params)
        except asyncio.CancelledError:
            await self._kill()
            raise
        except GeneratorExit:
            self.terminate()
            raise
        except Exception as exc:
            if is_unavailable(exc):
                self.terminate()
            error = peewee_error(exc, is_closed=self._raw.closed)
            if error is None:
                raise
            raise error from exc

    async def close(self) -> None:
        """Close the connection."""
        try:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._raw.ensure_closed()
        finally:
            self.terminate()

    def terminate(self) -> None:
        """Close the connection at once, saying no good-bye to the server."""
        self._raw.close()

    async def _execute(self, sql: str, params: Sequence[Any] | None) -> CursorAdapter:
        cursor = await self._raw.cursor(_cursor_class())
        await cursor.execute(sql % tuple(_literal(self._raw, value) for value in params or ()))
        rows = await cursor.fetchall()
        return CursorAdapter(rows, lastrowid=cursor.lastrowid, rowcount=cursor.rowcount, description=cursor.description)

    async def _kill(self) -> None:
        """End the connection on the server too, which would otherwise go on with the statement."""
        thread_id = self._raw.thread_id()
        self.terminate()
        try:
            async with asyncio.timeout(CANCEL_SECONDS):
                other = await self.open([f'KILL {thread_id}'], **self._options)
                await other.close()
        except (Exception, asyncio.CancelledError):
            return


def _make_raw(options: dict[str, Any]) -> Any:
    import aiomysql

    return aiomysql.Connection(**options)


def _literal(raw: Any, value: Any) -> str:
    """A value as SQL writes it, as PyMySQL does; aiomysql's own way does not fit PyMySQL 1.2."""
    from pymysql.converters import encoders, escape_item

    if isinstance(value, str):
        return f"'{raw.escape_string(value)}'"
    if isinstance(value, bytes | bytearray):
        return f"X'{value.hex()}'"
    if isinstance(value, list | tuple | set | frozenset):
        return f'({",".join(_literal(raw, item) for item in value)})'
    return str(escape_item(value, mapping=encoders))


@cache
def _cursor_class() -> Any:
    import aiomysql

    class Cursor(aiomysql.Cursor):  # type: ignore[misc]  # untyped
        async def _show_warnings(self, conn: Any) -> None:
            """Leave the server's warnings alone: another round trip, and no other backend shows them."""

    return Cursor


def _fileno(raw: Any) -> int | None:
    writer = getattr(raw, '_writer', None)
    sock = writer.get_extra_info('socket') if writer is not None else None
    return sock.fileno() if sock is not None else None
