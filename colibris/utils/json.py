"""JSON as RFC 8259 has it: no NaN, no broken text, and the types that models hold."""

import json
import math
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

__all__ = ['JSONError', 'dumps', 'has_more_values', 'loads']


MAX_DEPTH = 100
TOO_DEEP = 'it is nested too deep'

_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)


class JSONError(ValueError):
    """A text is no JSON."""


def dumps(value: Any) -> bytes:
    """``value`` as compact UTF-8 JSON. Dates are written in ISO 8601, decimals and UUIDs as text.

    :raises TypeError: something in it has no form in JSON.
    :raises ValueError: a number is not finite.
    """
    text = json.dumps(value, default=_convert, ensure_ascii=False, allow_nan=False, separators=(',', ':'))
    return text.encode('utf-8', 'replace')


def loads(data: bytes) -> Any:
    """What UTF-8 JSON says.

    :raises JSONError: it is broken, holds NaN or infinite numbers or lone surrogates, or is nested more than 100 deep.
    """
    try:
        value = json.loads(data.decode('utf-8'), parse_constant=_refuse_constant, parse_float=_parse_float)
    except UnicodeDecodeError:
        raise JSONError('the text is not UTF-8') from None
    except RecursionError:
        raise JSONError(TOO_DEEP) from None
    except JSONError:
        raise
    except json.JSONDecodeError as exc:
        raise JSONError(f'{exc.msg} (line {exc.lineno}, column {exc.colno})') from None
    except ValueError:
        raise JSONError('a number has too many digits') from None
    if data.count(b'[') + data.count(b'{') > MAX_DEPTH and _is_too_deep(value):
        raise JSONError(TOO_DEEP)
    if b'\\u' in data:
        _refuse_surrogates(value)
    return value


def has_more_values(data: bytes, limit: int) -> bool:
    """Whether there are more than ``limit`` values in a text, should it be JSON; the names of members count too.

    The text is not parsed for that: what it takes to parse it is to be limited.
    """
    if _count_marks(data) <= limit:
        return False
    texts = (data.count(b'"') - data.count(b'\\"')) // 2
    return texts > limit or _count_marks(_TEXTS.sub(b'', data)) > limit


def _count_marks(data: bytes) -> int:
    """How many values there are, if no text holds what could stand between two values."""
    return 1 + sum(map(data.count, (b'[', b'{', b',', b':')))


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for item in level for child in _children(item)]
    return any(isinstance(item, dict | list) for item in level)


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _refuse_constant(name: str) -> Any:
    raise JSONError(f'{name} is no JSON number')


def _parse_float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise JSONError('a number is too large')
    return number


def _refuse_surrogates(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise JSONError('a text holds half of a surrogate pair') from None


_CONVERSIONS: dict[type, Callable[[Any], Any]] = {
    datetime: datetime.isoformat,
    date: date.isoformat,
    time: time.isoformat,
    Decimal: str,
    UUID: str,
    set: list,
    frozenset: list,
}


def _convert(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    for cls in type(value).__mro__:
        if cls in _CONVERSIONS:
            return _CONVERSIONS[cls](value)
    raise TypeError(f'{type(value).__name__} has no form in JSON')
