"""What Peewee keeps for each connection: transactions, contexts, callbacks.

A driven coroutine has a state of its own, so that two requests never share a transaction. Elsewhere the state belongs
to the thread, as in synchronous Peewee.
"""

import threading
from collections.abc import Awaitable, Callable
from typing import Any

from colibris import bridge
from colibris.persist.pool import Pool

__all__ = ['ConnectionState', 'ScopedState']


class ConnectionState:
    """The state of one connection, under the attribute names that Peewee uses."""

    conn: Any
    pool: Pool[Any] | None

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the connection and all that happened on it."""
        self.detach()
        self.ctx: list[Any] = []
        self.transactions: list[Any] = []
        self.commit_callbacks: list[Callable[[], Any]] = []

    def set_connection(self, conn: Any, pool: Pool[Any] | None = None) -> None:
        """Start with a new connection, and the pool to which it has to return."""
        self.reset()
        self.conn = conn
        self.pool = pool
        self.closed = False

    def detach(self) -> None:
        """Have no connection any more; what has to be done after a commit stays known."""
        self.conn = None
        self.pool = None
        self.closed = True
        self.is_pinned = False

    @property
    def is_in_use(self) -> bool:
        """Whether the connection has to be kept between two statements."""
        return self.is_pinned or self.is_in_transaction

    @property
    def is_in_transaction(self) -> bool:
        """Whether a transaction is open, begun through Peewee or not."""
        return bool(self.transactions) or (self.conn is not None and self.conn.in_transaction)


class _ThreadState(ConnectionState, threading.local):
    pass


class ScopedState:
    """Looks like one connection's state, and is the one of the running code.

    :param release: awaited with the state of a driven coroutine when that has ended.
    """

    def __init__(self, release: Callable[[ConnectionState], Awaitable[None]]) -> None:
        self._release = release
        self.of_thread = _ThreadState()

    def existing(self, scope: bridge.Scope) -> ConnectionState | None:
        """The state of a driven coroutine if it has one already."""
        return scope.values.get(self)

    def scoped(self) -> ConnectionState | None:
        """The state of the driven coroutine, or ``None`` where nothing is driven."""
        scope = bridge.current_scope()
        if scope is None:
            return None
        state: ConnectionState | None = scope.values.get(self)
        if state is None:
            new = scope.values[self] = ConnectionState()
            scope.on_exit(lambda: self._release(new))
            return new
        return state

    @property
    def has_transaction(self) -> bool:
        """Whether the running code has begun a transaction."""
        scope = bridge.current_scope()
        state = self.of_thread if scope is None else scope.values.get(self)
        return state is not None and bool(state.transactions)

    def current(self) -> ConnectionState:
        """The state of the running code."""
        return self.scoped() or self.of_thread

    def reset(self) -> None:
        """Forget the connection of the running code."""
        self.current().reset()

    def set_connection(self, conn: Any) -> None:
        """Start with a new connection."""
        self.current().set_connection(conn)

    @property
    def conn(self) -> Any:
        """The connection, if there is one."""
        return self.current().conn

    @property
    def closed(self) -> bool:
        """Whether there is no connection."""
        return self.current().closed

    @property
    def ctx(self) -> list[Any]:
        """The connection contexts that have been entered."""
        return self.current().ctx

    @property
    def transactions(self) -> list[Any]:
        """The transactions that have begun, outermost first."""
        return self.current().transactions

    @property
    def commit_callbacks(self) -> list[Callable[[], Any]]:
        """What runs after the outermost transaction's commit."""
        return self.current().commit_callbacks
