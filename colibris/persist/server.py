"""What the backends for database servers share: servers restart, and connections to them are lost."""

import importlib
from abc import abstractmethod
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from peewee import DataError, InterfaceError, OperationalError
from playhouse.pwasyncio import CursorAdapter

from colibris import bridge
from colibris.errors import ConfigurationError, MissingDependencyError
from colibris.persist.base import DatabaseBackend
from colibris.persist.errors import DatabaseUnavailable
from colibris.persist.state import ConnectionState

__all__ = ['ServerBackend', 'check_address', 'check_options', 'lost_connection', 'require_drivers']

_MAX_PORT = 65535


class ServerBackend(DatabaseBackend):
    """A database of a server.

    Connections that were lost while idle are found before they are used, and replaced. A statement is never sent twice,
    for it may have been executed; only the beginning of a transaction is, which changes nothing.
    """

    _template: Any = None

    @abstractmethod
    def is_lost(self, raw: Any) -> bool:
        """Whether the idle connection of synchronous code was lost."""

    @abstractmethod
    def _restore(self, template: Any) -> bool:
        """Bring the database's rows back to what they were; ``False`` if its structure is another by now."""

    @abstractmethod
    def _rebuild(self, template: Any) -> None:
        """Make the database, which is not there, with the remembered content."""

    def create_from_template(self) -> None:
        """Give the database the remembered content: only tables that have changed are written, where that is enough."""
        self._close_everything()
        if self._template is None:
            raise OperationalError('there is no template; call save_template() first')
        if not self._restore(self._template):
            self.drop()
            self._rebuild(self._template)

    async def _execute_kept(self, state: ConnectionState, sql: str, params: Sequence[Any] | None) -> CursorAdapter:
        await self._replace_lost(state)
        return await super()._execute_kept(state, sql, params)

    async def _replace_lost(self, state: ConnectionState) -> None:
        if state.is_pinned and not (state.is_in_transaction or state.conn.is_usable):
            await self.aclose()
            await self.aconnect()

    def _execute_cursor(self, sql: str, params: Sequence[Any] | None, **options: Any) -> Any:
        state = self._state.of_thread
        if state.conn is not None and not state.transactions and self.is_lost(state.conn):
            self.close()
        try:
            return super()._execute_cursor(sql, params, **options)
        except (InterfaceError, OperationalError) as exc:
            if state.conn is not None and self.is_lost(state.conn):
                raise lost_connection(exc) from exc
            raise
        except UnicodeEncodeError as exc:
            raise DataError(exc, str(exc)) from exc

    def begin(self, mode: str | None = None) -> None:
        """Begin a transaction, on another connection if the one that was taken had been lost."""
        was_closed = self.is_closed()
        try:
            super().begin(mode)
        except DatabaseUnavailable:
            if not (bridge.is_driven() and was_closed and self.is_closed()):
                raise
            super().begin(mode)

    def rollback(self) -> None:
        """Roll the transaction back, unless it has ended by itself, as it does when the connection is lost."""
        conn = self._state.of_thread.conn
        if bridge.is_loop_running() or conn is None or not self.is_lost(conn):
            super().rollback()
        else:
            self.close()


def require_drivers(*packages: str, extra: str) -> None:
    """Check that the packages of an extra are installed.

    :raises MissingDependencyError: one is not.
    """
    for package in packages:
        try:
            importlib.import_module(package)
        except ImportError:
            raise MissingDependencyError(package, extra) from None


def check_address(name: Any, host: Any, port: Any) -> None:
    """Check what every server needs.

    :raises ConfigurationError: it is not usable.
    """
    if not name or not isinstance(name, str):
        raise ConfigurationError("'name' must be the name of a database")
    if not host or not isinstance(host, str):
        raise ConfigurationError("'host' must be the name or the address of a host")
    if not isinstance(port, int) or isinstance(port, bool) or not 0 < port <= _MAX_PORT:
        raise ConfigurationError(f"'port' must be a whole number from 1 to {_MAX_PORT}")


def check_options(options: Iterable[str], known: Collection[str]) -> None:
    """Check the names of further options.

    :raises ConfigurationError: one is not known.
    """
    unknown = sorted(set(options) - set(known))
    if unknown:
        raise ConfigurationError(f'unknown: {", ".join(unknown)}; known are also: {", ".join(sorted(known))}')


def lost_connection(error: BaseException) -> DatabaseUnavailable:
    """The error for a server that cannot be reached, or is reached no longer."""
    return DatabaseUnavailable(error, f'the database server is not available: {error or type(error).__name__}')
