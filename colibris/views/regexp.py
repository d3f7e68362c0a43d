r"""Regular expressions from clients, matched in time that grows only with the length of pattern and text.

Python's :mod:`re` may need years for a hostile pattern such as ``(a+)+$``, and stops the whole process meanwhile. So
SQLite, which has no regular expressions of its own, gets these; other databases bring theirs, which share this syntax:
characters, ``.``, ``[…]``, ``\d``, ``\w``, ``\s`` and their opposites, groups, ``|``, ``*``, ``+``, ``?``,
``{2,5}``, ``^`` and ``$``.
"""

import functools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

__all__ = ['check_regexp', 'matches']

_MAX_STEPS = 1000
_MAX_DEPTH = 20

_ATOM = re.compile(r'\\[dDwWsSntr\W_]|\[\^?\]?(?:\\.|[^\]\\])*\]|[^\\\[(){}|*+?]', re.DOTALL)
_REPEAT = re.compile(r'(?:[*+?]|\{(?P<low>\d{1,3})(?P<comma>,(?P<high>\d{0,3}))?\})\??')
_SET_OPERATORS = re.compile(r'(?<!\\)(?:[\[&~|]|-(?=-))')
_SIMPLE_REPEATS: dict[str, tuple[int, int | None]] = {'*': (0, None), '+': (1, None), '?': (0, 1)}


def check_regexp(pattern: str) -> None:
    """Check a pattern.

    :raises ValidationError: it is no regular expression, or too long a one.
    """
    try:
        _compile(pattern)
    except (ValueError, re.error) as exc:
        raise ValidationError(f'Not a valid regular expression: {exc}.') from None


def matches(pattern: str, text: Any) -> bool:
    """Whether a part of ``text`` matches; never for what is no text, and never a pattern that is not valid."""
    if not isinstance(text, str):
        return False
    try:
        return _search(_compile(pattern), text)
    except (ValueError, re.error):
        return False


@dataclass(frozen=True)
class _Step:
    """A step of a compiled pattern: test a character, be ``at`` an end of the text, or go on ``to`` other steps."""

    test: Callable[[str], Any] | None = None
    at: str = ''
    to: tuple[int, ...] = ()


Program = list[_Step]
Emit = Callable[[Program], None]


@functools.lru_cache(maxsize=256)
def _compile(pattern: str) -> Program:
    parser = _Parser(pattern)
    emit = parser.alternatives(0)
    if parser.position < len(pattern):
        raise ValueError(f'there is nothing that {pattern[parser.position]!r} could belong to')
    program: Program = []
    emit(program)
    return program


class _Parser:
    """Reads a pattern into functions that append its steps to a program."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.position = 0

    def alternatives(self, depth: int) -> Emit:
        if depth > _MAX_DEPTH:
            raise ValueError('groups are nested too deep')
        branches = [self._sequence(depth)]
        while self._take('|'):
            branches.append(self._sequence(depth))
        return functools.reduce(_either, branches)

    def _sequence(self, depth: int) -> Emit:
        parts: list[Emit] = []
        while self.position < len(self.pattern) and self.pattern[self.position] not in '|)':
            parts.append(self._repeated(self._atom(depth)))
        return _in_order(parts)

    def _atom(self, depth: int) -> Emit:
        if self._take('('):
            if self._take('?') and not self._take(':'):
                raise ValueError('groups that start with (? are not known')
            group = self.alternatives(depth + 1)
            if not self._take(')'):
                raise ValueError('a group is not closed')
            return group
        match = _ATOM.match(self.pattern, self.position)
        if match is None:
            raise ValueError(f'{self.pattern[self.position : self.position + 2]!r} cannot stand there')
        self.position = match.end()
        return _one(_Step(at=match[0]) if match[0] in '^$' else _Step(re.compile(_plain(match[0]), re.DOTALL).match))

    def _repeated(self, emit: Emit) -> Emit:
        match = _REPEAT.match(self.pattern, self.position)
        if match is None:
            return emit
        self.position = match.end()
        low, high = _SIMPLE_REPEATS.get(match[0][0], (0, 0))
        if match['low']:
            low = int(match['low'])
            high = low if match['comma'] is None else int(match['high']) if match['high'] else None
        if high is not None and high < low:
            raise ValueError('the end of a repetition is before its start')
        return _repeat(emit, low, high)

    def _take(self, text: str) -> bool:
        found = self.pattern.startswith(text, self.position)
        self.position += len(text) * found
        return found


def _plain(atom: str) -> str:
    """The atom without what :mod:`re` may give another meaning one day, and warns of."""
    return atom[:1] + _SET_OPERATORS.sub(r'\\\g<0>', atom[1:]) if atom[0] == '[' else atom


def _append(program: Program, step: _Step) -> int:
    if len(program) >= _MAX_STEPS:
        raise ValueError('it is too long')
    program.append(step)
    return len(program) - 1


def _one(step: _Step) -> Emit:
    def emit(program: Program) -> None:
        _append(program, step)

    return emit


def _in_order(parts: Iterable[Emit]) -> Emit:
    def emit(program: Program) -> None:
        for part in parts:
            part(program)

    return emit


def _either(first: Emit, second: Emit) -> Emit:
    def emit(program: Program) -> None:
        fork = _append(program, _Step())
        first(program)
        leap = _append(program, _Step())
        program[fork] = _Step(to=(fork + 1, len(program)))
        second(program)
        program[leap] = _Step(to=(len(program),))

    return emit


def _repeat(part: Emit, low: int, high: int | None) -> Emit:
    def emit(program: Program) -> None:
        for _ in range(low):
            part(program)
        if high is None:
            _loop(program, part)
        for _ in range((high or low) - low):
            _maybe(program, part)

    return emit


def _loop(program: Program, part: Emit) -> None:
    fork = _append(program, _Step())
    part(program)
    _append(program, _Step(to=(fork,)))
    program[fork] = _Step(to=(fork + 1, len(program)))


def _maybe(program: Program, part: Emit) -> None:
    fork = _append(program, _Step())
    part(program)
    program[fork] = _Step(to=(fork + 1, len(program)))


def _search(program: Program, text: str) -> bool:
    states: set[int] = set()
    for position in range(len(text) + 1):
        states = _closure(program, {*states, 0}, is_start=position == 0, is_end=position == len(text))
        if len(program) in states:
            return True
        if position < len(text):
            states = {state + 1 for state in states if _accepts(program[state], text[position])}
    return False


def _accepts(step: _Step, character: str) -> bool:
    return step.test is not None and step.test(character) is not None


def _closure(program: Program, states: set[int], *, is_start: bool, is_end: bool) -> set[int]:
    """Every state that is reached from these without a character."""
    waiting, found = list(states), set(states)
    while waiting:
        state = waiting.pop()
        if state < len(program):
            step = program[state]
            is_there = (step.at == '^' and is_start) or (step.at == '$' and is_end)
            fresh = {*step.to, *({state + 1} if is_there else ())} - found
            found |= fresh
            waiting += fresh
    return found
