"""How each kind of validator looks at a value: a function gives the condition under which it is unusual."""

import decimal
import math
from collections.abc import Callable
from typing import Any

from marshmallow import fields, validate

from colibris.utils.source import Source

__all__ = ['condition']

_CONTAINERS = (dict, frozenset, list, range, set, tuple)


def condition(validator: Any, value: str, kind: type, source: Source) -> str | None:
    """The condition under which a validator may refuse a value; ``None`` if only the validator itself can tell.

    It is empty if there is none.

    :param value: the name of the value.
    :param kind: the class of the field that read the value.
    """
    make = _CONDITIONS.get(type(validator))
    return make(validator, value, kind, source) if make else None


def _length(validator: validate.Length, value: str, kind: type, source: Source) -> str | None:
    limits = (validator.equal, validator.min, validator.max)
    if any(limit is not None and type(limit) is not int for limit in limits):
        return None
    equal, least, most = (None if limit is None else source.literal(limit) for limit in limits)
    if equal:
        return f'len({value}) != {equal}'
    if least and most:
        return f'not {least} <= len({value}) <= {most}'
    return f'len({value}) > {most}' if most else f'len({value}) < {least or 0}'


def _range(validator: validate.Range, value: str, kind: type, source: Source) -> str | None:
    conditions = []
    if validator.min is not None:
        sign = '<' if validator.min_inclusive else '<='
        conditions.append(f'{value} {sign} {source.literal(_limit(validator.min, kind))}')
    if validator.max is not None:
        sign = '>' if validator.max_inclusive else '>='
        conditions.append(f'{value} {sign} {source.literal(_limit(validator.max, kind))}')
    return ' or '.join(conditions)


def _limit(limit: Any, kind: type) -> Any:
    """The same number in the type that is compared faster."""
    is_float = issubclass(kind, fields.Decimal) and type(limit) is float and math.isfinite(limit)
    return decimal.Decimal(limit) if is_float else limit


def _one_of(validator: validate.OneOf, value: str, kind: type, source: Source) -> str | None:
    known = type(validator.choices) in _CONTAINERS
    return f'{value} not in {source.name(validator.choices)}' if known else None


def _none_of(validator: validate.NoneOf, value: str, kind: type, source: Source) -> str | None:
    known = type(validator.iterable) in _CONTAINERS
    return f'{value} in {source.name(validator.iterable)}' if known else None


def _contains_only(validator: validate.ContainsOnly, value: str, kind: type, source: Source) -> str | None:
    known = type(validator.choices) in _CONTAINERS
    choices = source.name(validator.choices)
    return f'not all([item in {choices} for item in {value}])' if known else None


def _regexp(validator: validate.Regexp, value: str, kind: type, source: Source) -> str | None:
    return f'{source.name(validator.regex.match)}({value}) is None'


def _equal(validator: validate.Equal, value: str, kind: type, source: Source) -> str | None:
    return f'{value} != {source.name(validator.comparable)}'


_CONDITIONS: dict[type, Callable[[Any, str, type, Source], str | None]] = {
    validate.Length: _length,
    validate.Range: _range,
    validate.OneOf: _one_of,
    validate.NoneOf: _none_of,
    validate.ContainsOnly: _contains_only,
    validate.Regexp: _regexp,
    validate.Equal: _equal,
}
