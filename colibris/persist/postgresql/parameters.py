"""Parameters for asyncpg, with the types that psycopg would give them.

asyncpg leaves it to the server to guess a parameter's type from its place, and then wants exactly this type. Where the
place says nothing (``SUM(CASE … THEN %s)``) that is ``text``; psycopg tells the server the type of the value. So that a
query means the same with both, each placeholder here gets the type that psycopg gives the value, and a string given for
something else than text is read by the server, as every literal is.
"""

import datetime
import decimal
import enum
import json
import re
import uuid
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from peewee import ProgrammingError

__all__ = ['TEXT', 'UNTYPED', 'adapt', 'through_text', 'translate']

UNTYPED = ''
TEXT = '?'

_PLACEHOLDER = re.compile('%%|%s')
_INT4 = 2**31
_INT8 = 2**63
_READ_AS_TEXT = {'text', 'varchar', 'bpchar', 'name', 'unknown', 'json', 'jsonb', 'uuid', 'xml', 'citext'}

Adapter = Callable[[Any], tuple[str, Any]]


class _Types(NamedTuple):
    """The types of placeholders for values of some classes.

    They need no adapting if the integers are small, and the times have a zone.
    """

    types: tuple[str, ...]
    integers: tuple[int, ...]
    times: tuple[int, ...]

    def fit(self, params: Sequence[Any]) -> bool:
        """Whether values of these classes need no adapting."""
        for index in self.integers:
            if not -_INT4 <= params[index] < _INT4:
                return False
        return not self.times or all(params[index].tzinfo is not None for index in self.times)


def adapt(params: Sequence[Any]) -> tuple[tuple[str, ...], Sequence[Any]]:
    """The types that the placeholders get, and the values as asyncpg wants them."""
    known = _known_types(tuple(map(type, params))) if len(params) <= _FEW else None
    if known is not None and known.fit(params):
        return known.types, params
    types, values = [], []
    for value in params:
        adapter = _ADAPTERS.get(type(value)) or _find_adapter(type(value))
        kind, adapted = adapter(value)
        types.append(kind)
        values.append(adapted)
    return tuple(types), values


@lru_cache(maxsize=2048)
def translate(sql: str, types: tuple[str, ...]) -> str:
    """``sql`` with ``$1, $2 …``, each with its type, in place of ``%s``, and ``%`` in place of ``%%``.

    :raises ProgrammingError: the number of placeholders is not the number of values.
    """
    rest = iter(enumerate(types, 1))

    def replace(match: re.Match[str]) -> str:
        if match[0] == '%%':
            return '%'
        number, kind = next(rest, (0, UNTYPED))
        if not number:
            raise ProgrammingError(f'the query has more placeholders than the {len(types)} values given')
        return f'${number}::{kind}' if kind not in (UNTYPED, TEXT) else f'${number}'

    translated: str = _PLACEHOLDER.sub(replace, sql)
    if next(rest, None) is not None:
        raise ProgrammingError(f'the query has fewer placeholders than the {len(types)} values given')
    return translated


def through_text(types: tuple[str, ...], guessed: Sequence[Any]) -> tuple[str, ...]:
    """The types again, with those of strings that the server has guessed to be no text.

    :param guessed: asyncpg's description of the parameters.
    """
    return tuple(
        f'text::{_name(guess)}' if kind == TEXT and guess.name not in _READ_AS_TEXT else kind
        for kind, guess in zip(types, guessed, strict=True)
    )


def _name(guess: Any) -> str:
    name = guess.name.removesuffix('[]')
    quoted = '.'.join('"' + part.replace('"', '""') + '"' for part in (guess.schema, name))
    return f'{quoted}{guess.name[len(name) :]}'


def _as(kind: str) -> Adapter:
    return lambda value: (kind, value)


def _adapt_int(value: int) -> tuple[str, Any]:
    if -_INT4 <= value < _INT4:
        return 'int4', value
    if -_INT8 <= value < _INT8:
        return 'int8', value
    return 'numeric', decimal.Decimal(value)


def _adapt_datetime(value: datetime.datetime) -> tuple[str, Any]:
    return ('timestamptz' if value.tzinfo else 'timestamp'), value


def _adapt_time(value: datetime.time) -> tuple[str, Any]:
    return ('timetz' if value.tzinfo else 'time'), value


def _adapt_json(kind: str) -> Adapter:
    return lambda value: (kind, (value.dumps or json.dumps)(value.obj))


_ADAPTERS: dict[type, Adapter] = {
    type(None): _as(UNTYPED),
    str: _as(TEXT),
    bool: _as('bool'),
    int: _adapt_int,
    float: _as('float8'),
    decimal.Decimal: _as('numeric'),
    datetime.datetime: _adapt_datetime,
    datetime.date: _as('date'),
    datetime.time: _adapt_time,
    datetime.timedelta: _as('interval'),
    uuid.UUID: _as('uuid'),
    bytes: _as('bytea'),
    bytearray: _as('bytea'),
    memoryview: _as('bytea'),
    list: _as(UNTYPED),
    tuple: lambda value: (UNTYPED, list(value)),
    enum.Enum: lambda value: (TEXT, value.name),
}


# Of classes whose values are taken as they are.
_FIXED = {
    type(None): UNTYPED,
    str: TEXT,
    bool: 'bool',
    int: 'int4',
    float: 'float8',
    decimal.Decimal: 'numeric',
    datetime.date: 'date',
    datetime.datetime: 'timestamptz',
    uuid.UUID: 'uuid',
}
_FEW = 50  # clients choose how long lists are, and what is kept should be short


@lru_cache(maxsize=2048)
def _known_types(kinds: tuple[type, ...]) -> _Types | None:
    if not _FIXED.keys() >= set(kinds):
        return None
    integers, times = (
        tuple(index for index, kind in enumerate(kinds) if kind is sought) for sought in (int, datetime.datetime)
    )
    return _Types(tuple(_FIXED[kind] for kind in kinds), integers, times)


_WRAPPERS: dict[str, Adapter] = {
    'Json': _adapt_json('json'),
    'Jsonb': _adapt_json('jsonb'),
    'Binary': lambda value: ('bytea', value.obj),
}


def _find_adapter(kind: type) -> Adapter:
    """The adapter of a type's nearest base; psycopg's wrappers are known by their names, as it may not be there."""
    if kind.__module__.startswith('psycopg') and kind.__name__ in _WRAPPERS:
        found = _WRAPPERS[kind.__name__]
    else:
        found = next((_ADAPTERS[base] for base in kind.__mro__ if base in _ADAPTERS), _as(UNTYPED))
    _ADAPTERS[kind] = found
    return found
