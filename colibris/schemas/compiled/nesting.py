"""How far schemas nest others."""

import itertools
from collections.abc import Iterator

from colibris.schemas.compiled.kinds import General

__all__ = ['Nesting']

_DEEPEST = 4
_MOST = 40


class Nesting:
    """The place of a schema within others; they may nest each other for ever, but are not compiled for ever."""

    def __init__(self, depth: int = 0, numbers: Iterator[int] | None = None) -> None:
        self._depth = depth
        self._numbers = numbers or itertools.count(1)

    def inner(self) -> 'Nesting':
        """The place of a schema within this one.

        :raises General: there are enough.
        """
        if self._depth == _DEEPEST or next(self._numbers) > _MOST:
            raise General('too many schemas are nested')
        return Nesting(self._depth + 1, self._numbers)
