"""Statements that a piece of work repeats, which one statement could replace: the N+1 problem."""

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from types import FrameType
from typing import Any

import peewee

from colibris.errors import ColibrisError
from colibris.persist.lookups import Lookups

__all__ = ['RepeatedStatements', 'Repetition', 'StatementCounter', 'watch']

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
    """Counts statements by their text, within a ``with`` block and the tasks that are made there.

    :param limit: how many times a statement may be run.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._counts: Counter[str] = Counter()
        self._origins: dict[str, str | None] = {}
        self._is_open = False

    def __enter__(self) -> 'StatementCounter':
        self._is_open = True
        self._token = _counter.set(self)
        return self

    def __exit__(self, *exc_info: object) -> None:
        """End counting, also in tasks that go on."""
        self._is_open = False
        _counter.reset(self._token)

    def add(self, sql: str) -> None:
        """Count a statement; called where it is run."""
        if not self._is_open or _TRANSACTION.match(sql):
            return
        self._counts[sql] += 1
        if self._counts[sql] == self._limit + 1:
            self._origins[sql] = _origin(sys._getframe(1))

    def repetitions(self) -> list[Repetition]:
        """The statements that were run too often, worst first."""
        found = [Repetition(sql, self._counts[sql], origin) for sql, origin in self._origins.items()]
        return sorted(found, key=lambda repetition: -repetition.count)


_counter: ContextVar[StatementCounter | None] = ContextVar('colibris_statement_counter', default=None)


def watch(database: peewee.Database) -> None:
    """Have the database tell the :class:`StatementCounter` in whose block a statement is run about it."""
    if _count not in database.query_hooks:
        database.query_hooks.append(_count)


def _count(event: Any) -> None:
    counter = _counter.get()
    if counter is not None:
        counter.add(event.sql)


def _origin(frame: FrameType) -> str | None:
    """The foreign key whose lazy access runs the statement, or else what its query looks for."""
    subject = None
    for owner, variables in _owners(frame):
        if isinstance(owner, _ForeignKeyAccessor):
            return f'{owner.model.__name__}.{owner.name}'
        if subject is None and isinstance(owner, Lookups):
            subject = _name_of(variables['field'])
        if subject is None and isinstance(owner, peewee.BaseQuery) and hasattr(owner, 'model'):
            subject = _subject(owner)
    return subject


def _owners(frame: FrameType | None) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """The objects whose methods are running, innermost first, and the methods' variables."""
    while frame is not None:
        if frame.f_code.co_varnames[:1] == ('self',):
            yield frame.f_locals.get('self'), frame.f_locals
        frame = frame.f_back


def _subject(query: Any) -> str:
    field = getattr(getattr(query, '_where', None), 'lhs', None)
    return _name_of(field) if isinstance(field, peewee.Field) else str(query.model.__name__)


def _name_of(field: Any) -> str:
    return f'{field.model.__name__}.{field.name}'
