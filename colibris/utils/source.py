"""The text of functions that are made while the program runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ['Source']

_LITERALS = (str, bool, type(None))


class Source:
    """Lines of Python, and the objects that they name.

    Nothing that somebody wrote gets into the lines as it is: an object has a name made here, a text or a number may
    stand as the literal that ``repr`` makes of it.

    :param names: objects that have the names which the lines use for them.
    """

    def __init__(self, **names: Any) -> None:
        self._lines: list[str] = []
        self._depth = 0
        self._names = names
        self._known: dict[int, str] = {}
        self._variables = 0

    def line(self, text: str) -> None:
        """Add a line, as deep as the blocks around it."""
        self._lines.append('    ' * self._depth + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """What is added inside of the ``with`` block belongs to ``head``."""
        self.line(head)
        length = len(self._lines)
        self._depth += 1
        try:
            yield
            if len(self._lines) == length:
                self.line('pass')
        finally:
            self._depth -= 1

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Take back the lines that were added if what is in the ``with`` block fails."""
        length = len(self._lines)
        try:
            yield
        except BaseException:
            del self._lines[length:]
            raise

    @contextmanager
    def aside(self) -> Iterator[list[str]]:
        """What is added goes into a list, for :meth:`extend`."""
        lines, self._lines = self._lines, []
        try:
            yield self._lines
        finally:
            self._lines = lines

    def extend(self, lines: list[str]) -> None:
        """Add lines that were put aside."""
        self._lines += lines

    def name(self, value: Any) -> str:
        """The name by which the lines can have an object."""
        name = self._known.get(id(value))
        if name is None:
            name = self._known[id(value)] = f'k{len(self._names)}'
            self._names[name] = value  # which keeps it alive, and its id its own
        return name

    def literal(self, value: Any) -> str:
        """A text or a number as it is written in Python; a name for anything else."""
        is_plain = type(value) in _LITERALS or (type(value) is int and abs(value) < 2**63)
        return repr(value) if is_plain else self.name(value)

    def variable(self) -> str:
        """A name that no other variable has."""
        self._variables += 1
        return f'v{self._variables}'

    def defined(self, name: str, title: str) -> Callable[..., Any]:
        """The function of this name, which the lines define.

        :param title: what tracebacks name as the file.
        """
        code = compile('\n'.join(self._lines), f'<{title}>', 'exec')
        names = dict(self._names)
        exec(code, names)  # noqa: S102 - the lines are ours
        function: Callable[..., Any] = names[name]
        return function
