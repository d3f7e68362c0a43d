"""How a filter compares a model's field with a value."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import peewee
from marshmallow import ValidationError, missing, validate
from marshmallow.fields import Field

from colibris.errors import ConfigurationError
from colibris.persist.regexp import compile_regexp
from colibris.schemas import fields
from colibris.schemas.converters import field_for
from colibris.views.like import check_like, ilike, like

__all__ = [
    'BETWEEN',
    'CONTAINS',
    'EQ',
    'GE',
    'GT',
    'ILIKE',
    'IN',
    'IS_NULL',
    'LE',
    'LIKE',
    'LT',
    'NOT',
    'REGEXP',
    'STARTSWITH',
    'Operator',
]


@dataclass(frozen=True)
class Operator:
    """A comparison.

    ``suffix`` follows the field's name in the query parameter, ``make_field`` makes the marshmallow field that reads
    the value, ``compare`` the Peewee expression. Some take a list of values.
    """

    suffix: str
    make_field: Callable[[Any], Field[Any]]
    compare: Callable[[Any, Any], Any]
    takes_several: bool = False

    def parameter(self, field_name: str) -> str:
        """The name of the query parameter."""
        return f'{field_name}__{self.suffix}' if self.suffix else field_name

    def make_parameter(self, model_field: Any) -> Field[Any]:
        """The query parameter that compares a model's field."""
        field = self.make_field(model_field)
        field.metadata = {**field.metadata, 'field': model_field.name, 'operator': self}
        return field


def _one(model_field: Any) -> Field[Any]:
    return field_for(model_field, from_text=True, **_OPTIONAL)


def _several(model_field: Any) -> Field[Any]:
    return fields.Delimited(_one(model_field), validate=validate.Length(1, 100))


def _pair(model_field: Any) -> Field[Any]:
    return fields.Delimited(_one(model_field), validate=validate.Length(equal=2))


def _flag(model_field: Any) -> Field[Any]:
    return fields.Boolean(truthy={'true', '1'}, falsy={'false', '0'})


def _text(model_field: Any, *checks: Callable[[str], Any], max_length: int = 1000) -> Field[Any]:
    if not isinstance(model_field, peewee.CharField | peewee.TextField):
        raise ConfigurationError(f'{model_field.model.__name__}.{model_field.name} is no text, and cannot be searched')
    return fields.String(validate=[validate.Length(max=max_length), *checks])


def _like_pattern(model_field: Any) -> Field[Any]:
    return _text(model_field, check_like)


def _pattern(model_field: Any) -> Field[Any]:
    compile_regexp('')
    return _text(model_field, _check_pattern, max_length=200)


def _check_pattern(pattern: str) -> None:
    try:
        compile_regexp(pattern)
    except ValueError as exc:
        raise ValidationError(f'Not a valid regular expression: {exc}.') from None


_OPTIONAL = {'dump_only': False, 'required': False, 'load_default': missing, 'attribute': None}

EQ = Operator('', _one, lambda field, value: field == value)
NOT = Operator('not', _one, lambda field, value: field != value)
GT = Operator('gt', _one, lambda field, value: field > value)
GE = Operator('ge', _one, lambda field, value: field >= value)
LT = Operator('lt', _one, lambda field, value: field < value)
LE = Operator('le', _one, lambda field, value: field <= value)
LIKE = Operator('like', _like_pattern, like)
ILIKE = Operator('ilike', _like_pattern, ilike)
REGEXP = Operator('regexp', _pattern, lambda field, value: field.regexp(value))
IN = Operator('in', _several, lambda field, value: field.in_(value), takes_several=True)
IS_NULL = Operator('is_null', _flag, lambda field, value: field.is_null(value))
BETWEEN = Operator('between', _pair, lambda field, value: field.between(*value), takes_several=True)
CONTAINS = Operator('contains', _text, lambda field, value: field.contains(value))
STARTSWITH = Operator('startswith', _text, lambda field, value: field.startswith(value))
