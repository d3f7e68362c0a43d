"""A connection of asynchronous code to PostgreSQL."""

import asyncio
import json
import re
import uuid
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from peewee import InternalError
from playhouse.pwasyncio import CursorAdapter

from colibris.persist.errors import DatabaseUnavailable
from colibris.persist.liveness import Liveness
from colibris.persist.postgresql.errors import is_outdated, peewee_error
from colibris.persist.postgresql.parameters import TEXT, adapt, through_text, translate
from colibris.persist.rows import Rows

__all__ = ['PostgreSQLConnection']

_Statement = tuple[Any, list[tuple[str]]]  # prepared by asyncpg, and the names of its columns

CANCEL_SECONDS = 2.0
CLOSE_SECONDS = 1.0
IN_FAILED_TRANSACTION = '25P02'

_PREPARED = re.compile(
    r'\s*(SELECT|INSERT|UPDATE|DELETE|WITH|VALUES|TABLE|SHOW|EXPLAIN|FETCH|MERGE|CALL|\()', re.IGNORECASE
)
_COMMIT = re.compile(r'\s*(COMMIT|END)\b', re.IGNORECASE)


def _uuid_bytes(value: uuid.UUID | str) -> bytes:
    return (value if isinstance(value, uuid.UUID) else uuid.UUID(value)).bytes


# Values as psycopg gives them: JSON as objects, single precision numbers as they are written, UUIDs of Python's class.
_CODECS: tuple[tuple[str, str, Any, Any], ...] = (
    ('json', 'text', str, json.loads),
    ('jsonb', 'text', str, json.loads),
    ('float4', 'text', repr, float),
    ('uuid', 'binary', _uuid_bytes, lambda data: uuid.UUID(bytes=data)),
)


class PostgreSQLConnection:
    """A connection of asyncpg that keeps the statements which it has prepared.

    :param raw: asyncpg's connection.
    :param cache_size: how many prepared statements are kept; none are with 0, as a pool between here and the server
        (PgBouncer) may demand.
    """

    def __init__(self, raw: Any, cache_size: int) -> None:
        self._raw = raw
        self._cache_size = cache_size
        self._statements: OrderedDict[tuple[str, tuple[str, ...]], _Statement] = OrderedDict()
        self._liveness = Liveness(_fileno(raw))

    @classmethod
    async def open(cls, cache_size: int, **options: Any) -> 'PostgreSQLConnection':
        """Connect; the options are those of ``asyncpg.connect``.

        :raises OperationalError: that fails.
        """
        import asyncpg

        try:
            raw = await asyncpg.connect(**options)
        except Exception as exc:
            raise peewee_error(exc, is_closed=True) or exc from exc
        try:
            for kind, form, encoder, decoder in _CODECS:
                await raw.set_type_codec(kind, encoder=encoder, decoder=decoder, schema='pg_catalog', format=form)
        except BaseException:
            raw.terminate()
            raise
        return cls(raw, cache_size)

    @property
    def server_version(self) -> int:
        """The server's version, as libpq writes it: 150018."""
        version = self._raw.get_server_version()
        return int(version.major * 10000 + version.minor)

    @property
    def is_clean(self) -> bool:
        """Whether the connection is open, and no transaction is."""
        protocol = self._raw._protocol
        return protocol is not None and protocol.is_connected() and not protocol.is_in_transaction()

    @property
    def is_usable(self) -> bool:
        """Whether another user may have the connection."""
        return self.is_clean and not self._liveness.has_ended

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open; one that has failed counts until it is rolled back."""
        return not self._raw.is_closed() and bool(self._raw.is_in_transaction())

    async def execute(self, sql: str, params: Sequence[Any] | None) -> CursorAdapter:
        """Run a statement; when cancelled, it is cancelled on the server too."""
        if self._raw._protocol is None:
            raise DatabaseUnavailable('the connection to the database was lost')
        try:
            if params or _PREPARED.match(sql):
                return await self._fetch(sql, params or ())
            return await self._run(sql)
        except asyncio.CancelledError:
            await self._settle()
            raise
        except GeneratorExit:
            self.terminate()
            raise
        except Exception as exc:
            error = peewee_error(exc, is_closed=self._raw.is_closed())
            if error is None:
                raise
            raise error from exc

    async def close(self) -> None:
        """Close the connection."""
        self._statements.clear()
        if not self._raw.is_closed():
            try:
                await self._raw.close(timeout=CLOSE_SECONDS)
            except Exception:
                self.terminate()

    def terminate(self) -> None:
        """Close the connection at once, saying no good-bye to the server."""
        self._statements.clear()
        if not self._raw.is_closed():
            self._raw.terminate()

    async def _run(self, sql: str) -> CursorAdapter:
        status = await self._raw.execute(translate(sql, ()))
        if status == 'ROLLBACK' and _COMMIT.match(sql):
            raise InternalError('a statement of the transaction had failed, so that it was rolled back, not committed')
        return CursorAdapter(rowcount=_rowcount(status))

    async def _fetch(self, sql: str, params: Sequence[Any]) -> CursorAdapter:
        types, values = adapt(params)
        kept = self._statements.get((sql, types))
        try:
            if kept is None:
                return await self._fetch_prepared(sql, types, values)
            self._statements.move_to_end((sql, types))
            return await self._run_prepared(kept, values)
        except Exception as exc:
            if type(exc).__name__ == 'OutdatedSchemaCacheError':
                await self._raw.reload_schema_state()
                self._statements.clear()
            elif is_outdated(exc):
                self._statements.clear()
            if not is_outdated(exc) or self._raw.is_in_transaction():
                raise
        return await self._fetch_prepared(sql, types, values)

    async def _fetch_prepared(self, sql: str, types: tuple[str, ...], values: Sequence[Any]) -> CursorAdapter:
        statement = await self._prepare(sql, types)
        self._keep((sql, types), statement)
        return await self._run_prepared(statement, values)

    async def _run_prepared(self, statement: _Statement, values: Sequence[Any]) -> CursorAdapter:
        """Do what ``PreparedStatement.fetch`` does, without the checks that have been made already."""
        prepared, description = statement
        rows, status, _ = await self._raw._protocol.bind_execute(prepared._state, values, '', 0, True, None)
        return Rows(rows, len(rows) if description else _rowcount(status.decode()), description)

    async def _prepare(self, sql: str, types: tuple[str, ...]) -> _Statement:
        name = None if self._cache_size else ''
        prepared = await self._raw.prepare(translate(sql, types), name=name)
        if TEXT in types:
            read = through_text(types, prepared.get_parameters())
            if read != types:
                prepared = await self._raw.prepare(translate(sql, read), name=name)
        return prepared, [(attribute.name,) for attribute in prepared.get_attributes()]

    def _keep(self, key: tuple[str, tuple[str, ...]], statement: _Statement) -> None:
        if self._cache_size:
            self._statements[key] = statement
            if len(self._statements) > self._cache_size:
                self._statements.popitem(last=False)

    async def _settle(self) -> None:
        """Wait until the server has ended the cancelled statement, so that what comes next finds it ended."""
        try:
            async with asyncio.timeout(CANCEL_SECONDS):
                await self._raw.execute('SELECT 1')
        except BaseException as exc:
            if getattr(exc, 'sqlstate', None) != IN_FAILED_TRANSACTION:
                self.terminate()


def _rowcount(status: str | None) -> int:
    count = (status or '').rpartition(' ')[2]
    return int(count) if count.isdigit() else -1


def _fileno(raw: Any) -> int | None:
    transport = getattr(raw, '_transport', None)
    sock = transport.get_extra_info('socket') if transport is not None else None
    return sock.fileno() if sock is not None else None
