"""JSON as RFC 8259 has it: no NaN, no broken text, and the types that models hold.

Where the package orjson is installed, it does what it does exactly like the standard library, only faster. The rest is
left to the standard library: what orjson refuses, and the few numbers that it reads or writes differently: small ones
get another exponent, and those that are not finite would become ``null``.
"""

import json
import math
import re
from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from itertools import chain
from typing import Any, cast
from uuid import UUID

orjson: Any
try:
    import orjson
except ImportError:
    orjson = None

__all__ = ['JSONError', 'dumps', 'has_more_values', 'loads']


MAX_DEPTH = 100
TOO_DEEP = 'it is nested too deep'

_DIGITS_ALIKE = bytes.maketrans(b'123456789', b'000000000')
_LONG_NUMBER = b'0' * 19  # which orjson may read as a float

_SMALL = 1e-4
_WITHOUT_FLOATS = frozenset({str, int, bool, type(None), Decimal, datetime, date, time, UUID})

_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)


class JSONError(ValueError):
    """A text is no JSON."""


def dumps(value: Any) -> bytes:
    """``value`` as compact UTF-8 JSON. Dates are written in ISO 8601, decimals and UUIDs as text.

    :raises TypeError: something in it has no form in JSON.
    :raises ValueError: a number is not finite.
    """
    if orjson is None:
        return _dumps(value)
    try:
        text = orjson.dumps(value, _convert, _ORJSON_OPTIONS)
    except TypeError:
        return _dumps(value)
    find = text.find  # takes half the time of the operator ``in``
    has_suspects = find(b'null') >= 0 or find(b'e-') >= 0 or find(b'0.0000') >= 0
    return _dumps(value) if has_suspects and not _is_written_alike(value) else text


def loads(data: bytes) -> Any:
    """What UTF-8 JSON says.

    :raises JSONError: it is broken, holds NaN or infinite numbers or lone surrogates, or is nested more than 100 deep.
    """
    if orjson is None or _LONG_NUMBER in data.translate(_DIGITS_ALIKE):
        return _loads(data)
    try:
        value = orjson.loads(data)
    except ValueError:
        return _loads(data)
    _check_depth(data, value)
    return value


def has_more_values(data: bytes, limit: int) -> bool:
    """Whether there are more than ``limit`` values in a text, should it be JSON; the names of members count too.

    The text is not parsed for that: what it takes to parse it is to be limited.
    """
    if _count_marks(data) <= limit:
        return False
    texts = (data.count(b'"') - data.count(b'\\"')) // 2
    return texts > limit or _count_marks(_TEXTS.sub(b'', data)) > limit


def _dumps(value: Any) -> bytes:
    text = json.dumps(value, default=_convert, ensure_ascii=False, allow_nan=False, separators=(',', ':'))
    return text.encode('utf-8', 'replace')


def _loads(data: bytes) -> Any:
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
    _check_depth(data, value)
    if b'\\u' in data:
        _refuse_surrogates(value)
    return value


def _is_written_alike(value: Any) -> bool:
    """Whether there is no float in ``value`` that is small, or not finite."""
    if isinstance(value, dict):
        return _are_written_alike(value.values())
    if isinstance(value, list | tuple | set | frozenset):
        return _are_written_alike(value)
    if isinstance(value, Enum):
        return _is_written_alike(value.value)
    return not isinstance(value, float) or value == 0 or _SMALL <= abs(value) < math.inf


def _are_written_alike(values: Collection[Any]) -> bool:
    kinds = set(map(type, values))
    if kinds == {dict}:
        return _are_written_alike(list(chain.from_iterable(map(dict.values, cast('Any', values)))))
    return kinds <= _WITHOUT_FLOATS or all(map(_is_written_alike, values))


def _count_marks(data: bytes) -> int:
    """How many values there are, if no text holds what could stand between two values."""
    return 1 + sum(map(data.count, (b'[', b'{', b',', b':')))


def _check_depth(data: bytes, value: Any) -> None:
    if data.count(b'[') + data.count(b'{') > MAX_DEPTH and _is_too_deep(value):
        raise JSONError(TOO_DEEP)


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
    if value.__class__ in _CONVERSIONS:
        return _CONVERSIONS[value.__class__](value)
    if isinstance(value, Enum):
        return value.value
    for cls in type(value).__mro__:
        if cls in _CONVERSIONS:
            return _CONVERSIONS[cls](value)
    raise TypeError(f'{type(value).__name__} has no form in JSON')


_ORJSON_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS if orjson else 0
