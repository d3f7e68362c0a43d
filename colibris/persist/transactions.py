"""Transactions for plain and async code."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

from playhouse.pwasyncio import async_atomic, async_savepoint, async_transaction

from colibris import bridge

__all__ = ['Atomic', 'Savepoint', 'Transaction']

F = TypeVar('F', bound=Callable[..., Any])


class _Driven:
    """``async with`` for a plain context manager; what it begins has to last, so only driven code can use it."""

    async def __aenter__(self) -> Any:
        if not bridge.is_driven():
            raise bridge.BridgeError
        return self.__enter__()

    async def __aexit__(self, *exc_info: Any) -> Any:
        return self.__exit__(*exc_info)

    def __enter__(self) -> Any:
        return super().__enter__()  # type: ignore[misc]  # playhouse's class comes next

    def __exit__(self, *exc_info: Any) -> Any:
        return super().__exit__(*exc_info)  # type: ignore[misc]  # playhouse's class comes next


class Transaction(_Driven, async_transaction):  # type: ignore[misc]  # playhouse is untyped
    """A transaction."""


class Savepoint(_Driven, async_savepoint):  # type: ignore[misc]  # playhouse is untyped
    """A savepoint inside of a transaction. Rolled back, it takes its after-commit callbacks with it."""

    def __enter__(self) -> 'Savepoint':
        super().__enter__()
        self._callbacks = len(self.db._state.commit_callbacks)
        return self

    def rollback(self, begin: bool = True) -> None:
        """Roll back to the savepoint, unless the whole transaction has ended, as when the connection is lost."""
        del self.db._state.commit_callbacks[self._callbacks :]
        if getattr(self.db._state.conn, 'in_transaction', True):
            super().rollback(begin)


class Atomic(_Driven, async_atomic):  # type: ignore[misc]  # playhouse is untyped
    """A transaction, or a savepoint inside of one.

    Usable with ``with`` and ``async with``, and as a decorator of plain and async functions. It is committed when the
    block ends, and rolled back when an exception leaves it.
    """

    def __call__(self, function: F) -> F:
        """Run each call of ``function`` in a transaction of its own.

        :raises TypeError: it is a generator, whose body would run after the transaction.
        """
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError('atomic() cannot decorate a generator')
        if not inspect.iscoroutinefunction(function):
            return cast('F', super().__call__(function))

        @functools.wraps(function)
        async def inner(*args: Any, **kwargs: Any) -> Any:
            async with self._build_ctx():
                return await function(*args, **kwargs)

        return cast('F', inner)
