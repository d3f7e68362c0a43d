"""What is kept, but not without a limit."""

from collections.abc import Hashable
from typing import TypeVar

__all__ = ['MAX_SIZE', 'BoundedCache']

MAX_SIZE = 1024

T = TypeVar('T')


class BoundedCache(dict[tuple[Hashable, ...], T]):
    """Keeps a limited number of things: when it is full, it forgets them all."""

    def __setitem__(self, key: tuple[Hashable, ...], value: T) -> None:
        if len(self) >= MAX_SIZE:
            self.clear()
        super().__setitem__(key, value)
