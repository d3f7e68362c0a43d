"""Putting something around what is there, for a while."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

__all__ = ['added', 'wrapped']

T = TypeVar('T')


@contextmanager
def wrapped(owner: Any, name: str, wrap: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Iterator[None]:
    """Have ``wrap(method)`` in place of an object's method; others of its class are left alone."""
    before = vars(owner).get(name)
    setattr(owner, name, wrap(getattr(owner, name)))
    try:
        yield
    finally:
        if before is None:
            delattr(owner, name)
        else:
            setattr(owner, name, before)


@contextmanager
def added(hooks: list[T], hook: T) -> Iterator[None]:
    """Have a hook in a list."""
    hooks.append(hook)
    try:
        yield
    finally:
        hooks.remove(hook)
