"""Statements that a piece of work repeats, which one statement could replace: the N+1 problem."""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

import peewee

from colibris import bridge
from colibris.errors import ColibrisError

__all__ = ['RepeatedStatements', 'Repetition', 'StatementCounter', 'watch']

_KEY = 'colibris.persist.repetition'

_TRANSACTION = re.compile(r'\s*(BEGIN|START|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|PRAGMA)\b', re.IGNORECASE)

_ForeignKeyAccessor: Any = vars(peewee)['ForeignKeyAccessor']


class RepeatedStatements(ColibrisError):
    """A request repeats a statement more often than N_PLUS_ONE_LIMIT allows."""


@dataclass(frozen=True)
class Repetition:
    """A statement that was repeated.

    :param sql: its text, without parameters.
    :param count: how many times it was run.
    :param origin: the model and the field that it was run for, where they can be told.
    """

    sql: str
    count: int
    origin: str | None

    def __str__(self) -> str:
        return f'{self.count} times {f"for {self.origin}: " if self.origin else ""}{self.sql}'


class StatementCounter:
    """Counts the statements of the driven coroutine in which it is made, by their text.

    :param limit: how many times a statement may be run.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._counts: Counter[str] = Counter()
        self._origins: dict[str, str | None] = {}
        scope = bridge.current_scope()
        if scope is not None:
            scope.values[_KEY] = self

    def add(self, sql: str) -> None:
        """Count a statement; called where it is run."""
        self._counts[sql] += 1
        if self._counts[sql] == self._limit + 1 and not _TRANSACTION.match(sql):
            self._origins[sql] = _origin(sys._getframe(1))

    def repetitions(self) -> list[Repetition]:
        """The statements that were run too often, worst first."""
        found = [Repetition(sql, self._counts[sql], origin) for sql, origin in self._origins.items()]
        return sorted(found, key=lambda repetition: -repetition.count)


def watch(database: peewee.Database) -> None:
    """Have the database tell the counter of the running coroutine, if it has one, about each statement."""
    if _count not in database.query_hooks:
        database.query_hooks.append(_count)


def _count(event: Any) -> None:
    scope = bridge.current_scope()
    counter: StatementCounter | None = scope.values.get(_KEY) if scope else None
    if counter is not None:
        counter.add(event.sql)


def _origin(frame: FrameType) -> str | None:
    """The foreign key whose lazy access runs the statement, or else what its query looks for."""
    query = None
    for owner in _owners(frame):
        if isinstance(owner, _ForeignKeyAccessor):
            return f'{owner.model.__name__}.{owner.name}'
        if query is None and isinstance(owner, peewee.BaseQuery) and hasattr(owner, 'model'):
            query = owner
    return _subject(query) if query is not None else None


def _owners(frame: FrameType | None) -> Iterator[Any]:
    while frame is not None:
        if frame.f_code.co_varnames[:1] == ('self',):
            yield frame.f_locals.get('self')
        frame = frame.f_back


def _subject(query: Any) -> str:
    field = getattr(getattr(query, '_where', None), 'lhs', None)
    if isinstance(field, peewee.Field):
        return f'{field.model.__name__}.{field.name}'
    return str(query.model.__name__)
