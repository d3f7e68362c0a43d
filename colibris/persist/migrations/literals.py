"""Python values as source text: what a migration file can spell, and how."""

import datetime
import decimal
import enum
import sys
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

_FACTORIES: tuple[tuple[Callable[..., Any], str, str | None], ...] = (
    (datetime.datetime.now, 'datetime.datetime.now', 'datetime'),
    (datetime.datetime.today, 'datetime.datetime.today', 'datetime'),
    (datetime.datetime.utcnow, 'datetime.datetime.utcnow', 'datetime'),
    (datetime.date.today, 'datetime.date.today', 'datetime'),
    (time.time, 'time.time', 'time'),
    (dict, 'dict', None),
    (list, 'list', None),
    (bytes, 'bytes', None),
    (str, 'str', None),
    (int, 'int', None),
)
_PLAIN = (bool, int, float, str, bytes)
_MODULED: tuple[type, ...] = (datetime.datetime, datetime.date, datetime.time, datetime.timedelta)


@dataclass(frozen=True)
class Literal:
    """A value with the source text that makes it; two are equal when their texts are."""

    source: str
    modules: frozenset[str] = frozenset()
    value: Any = field(default=None, compare=False, repr=False)


class UnspeakableError(ValueError):
    """The value cannot be written as plain source text."""


def literal(value: Any) -> Literal:
    """Spell `value`; raise `UnspeakableError` for values that need the application's own code."""
    if isinstance(value, enum.Enum):
        return literal(value.value)
    if callable(value):
        return _factory(value)
    if value is None or isinstance(value, _PLAIN):
        return _plain(value)
    if isinstance(value, decimal.Decimal):
        return Literal(f'decimal.Decimal({str(value)!r})', frozenset({'decimal'}), value)
    if isinstance(value, uuid.UUID):
        return Literal(f'uuid.UUID({str(value)!r})', frozenset({'uuid'}), value)
    if isinstance(value, _MODULED):
        return _moment(value)
    return _container(value)


def is_speakable(value: Any) -> bool:
    """Whether `literal(value)` would succeed."""
    try:
        literal(value)
    except UnspeakableError:
        return False
    return True


def _plain(value: Any) -> Literal:
    kind: Any = next(each for each in (*_PLAIN, type(None)) if isinstance(value, each))
    value = value if type(value) is kind else kind(value)
    if isinstance(value, float) and (value != value or abs(value) == float('inf')):
        return Literal(f'float({str(value)!r})', value=value)
    return Literal(_quoted(value) if isinstance(value, str) else repr(value), value=value)


def _quoted(text: str) -> str:
    # repr() escapes a single quote only when the text holds both kinds; the formatter agrees with that.
    return repr(text)


def _moment(value: Any) -> Literal:
    zone = getattr(value, 'tzinfo', None)
    if zone not in (None, datetime.UTC):
        raise UnspeakableError(f'{value!r} has a time zone other than UTC')
    return Literal(repr(value), frozenset({'datetime'}), value)


def _container(value: Any) -> Literal:
    if type(value) is dict:
        keys, values = [literal(key) for key in value], [literal(item) for item in value.values()]
        body = ', '.join(f'{key.source}: {item.source}' for key, item in zip(keys, values, strict=True))
        return Literal(f'{{{body}}}', _modules([*keys, *values]), value)
    if type(value) is list:
        items = [literal(item) for item in value]
        return Literal(f'[{_joined(items)}]', _modules(items), value)
    if type(value) is tuple:
        items = [literal(item) for item in value]
        return Literal(f'({_joined(items)}{"," if len(items) == 1 else ""})', _modules(items), value)
    raise UnspeakableError(f'{value!r} cannot be written into a migration file')


def _joined(items: Iterable[Literal]) -> str:
    return ', '.join(item.source for item in items)


def _modules(items: Iterable[Literal]) -> frozenset[str]:
    return frozenset().union(*(item.modules for item in items))


def _factory(function: Callable[..., Any]) -> Literal:
    for known, source, module in _FACTORIES:
        if function == known:
            return Literal(source, frozenset({module} if module else ()), function)
    module = getattr(function, '__module__', None) or ''
    name = getattr(function, '__qualname__', '')
    if module.partition('.')[0] in sys.stdlib_module_names and _resolves(module, name, function):
        return Literal(f'{module}.{name}', frozenset({module}), function)
    raise UnspeakableError(f'{function!r} belongs to the application')


def _resolves(module: str, name: str, expected: object) -> bool:
    found: Any = sys.modules.get(module)
    for part in name.split('.'):
        found = getattr(found, part, None)
    return found is expected
