"""Laying out calls as the formatter would."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 120


@dataclass(frozen=True)
class Call:
    """A call; an argument is a text or another call, with a name if it is a keyword argument."""

    name: str
    arguments: Sequence[tuple[str | None, 'str | Call']]
    exploded: bool = False

    def flat(self) -> str:
        """The call on one line."""
        return f'{self.name}({", ".join(_labelled(name, _flat(value)) for name, value in self.arguments)})'

    def lines(self, indent: int = 0, prefix: str = '', suffix: str = '') -> list[str]:
        """The call as lines, on one if it fits into `WIDTH` columns."""
        space = ' ' * indent
        line = f'{space}{prefix}{self.flat()}{suffix}'
        if not self.arguments or (len(line) <= WIDTH and not self.exploded):
            return [line]
        body = [text for name, value in self.arguments for text in _argument(indent + 4, name, value)]
        return [f'{space}{prefix}{self.name}(', *body, f'{space}){suffix}']


def _argument(indent: int, name: str | None, value: str | Call) -> list[str]:
    if isinstance(value, Call):
        return value.lines(indent, _labelled(name, ''), ',')
    return [f'{" " * indent}{_labelled(name, value)},']


def _flat(value: str | Call) -> str:
    return value.flat() if isinstance(value, Call) else value


def _labelled(name: str | None, text: str) -> str:
    return text if name is None else f'{name}={text}'
