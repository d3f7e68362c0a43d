"""Transactions for plain and async code."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

from playhouse.pwasyncio import async_atomic

__all__ = ['Atomic']

F = TypeVar('F', bound=Callable[..., Any])


class Atomic(async_atomic):  # type: ignore[misc]  # playhouse is untyped
    """A transaction, or a savepoint inside of one.

    Usable with ``with`` and ``async with``, and as a decorator of plain and async functions. It is committed when the
    block ends, and rolled back when an exception leaves it.
    """

    def __call__(self, function: F) -> F:
        """Run each call of ``function`` in a transaction of its own."""
        if not inspect.iscoroutinefunction(function):
            return cast('F', super().__call__(function))

        @functools.wraps(function)
        async def inner(*args: Any, **kwargs: Any) -> Any:
            async with self._build_ctx():
                return await function(*args, **kwargs)

        return cast('F', inner)
