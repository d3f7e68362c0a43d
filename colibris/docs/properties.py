"""What apispec says about a marshmallow field, made exact."""

import math
import re
from collections.abc import Callable
from typing import Any

from marshmallow import fields, validate
from marshmallow.fields import Field

from colibris.docs.patterns import ecma_pattern

__all__ = ['refine', 'refine_from_model']

Property = dict[str, Any]

_INPUT_RULES = (
    'default',
    'maxItems',
    'maxLength',
    'maximum',
    'exclusiveMaximum',
    'minItems',
    'minLength',
    'minimum',
    'exclusiveMinimum',
    'pattern',
)
_TIME = r'^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$'
_NAIVE_DATETIME = r'^[1-9]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$'
_USER = r"(?:[A-Za-z0-9._~!$&'()*+,;=:-]+@)?"
_LABEL = r'[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?'
_ADDRESS = r'[0-9]{1,3}(?:\.[0-9]{1,3}){3}|\[[A-Fa-f0-9]*:[A-Fa-f0-9:]+\]'
_HOST = rf'(?:localhost|{_ADDRESS}|(?:{_LABEL}\.)+[A-Za-z]{{2,}}\.?)'
_ANYTHING_BUT_NULL = ['object', 'array', 'string', 'number', 'boolean']


def refine(field: Field[Any], schema: Property, *, is_request: bool) -> Property:
    """The JSON schema of a field's values, given what apispec says of them.

    Nothing checks answers for the rules that input has to follow, and so they are not promised there.
    """
    schema = {name: value for name, value in schema.items() if value is not None or name in ('default', 'example')}
    for field_class, refinement in _REFINEMENTS:
        if isinstance(field, field_class):
            refinement(field, schema, is_request)
    _move_choices_to_items(schema)
    if is_request:
        _add_pattern(field, schema)
        _add_range(field, schema)
    else:
        _remove_input_rules(field, schema)
    return make_nullable(schema) if field.allow_none else schema


def refine_from_model(field: Field[Any], model_field: Any, schema: Property) -> Property:
    """The JSON schema of what answers hold, given the field of the model that it comes from.

    Databases hold times without an offset, and so they are not what ``date-time`` stands for.
    """
    if schema.get('format') == 'date-time' and not isinstance(field, fields.AwareDateTime):
        schema['format'] = 'date-time-local'
    return make_nullable(schema) if model_field.null else schema


def make_nullable(schema: Property) -> Property:
    """The JSON schema that allows null as well."""
    if '$ref' in schema:
        reference = {'$ref': schema.pop('$ref')}
        return {**schema, 'anyOf': [reference, {'type': 'null'}]}
    if 'type' in schema:
        kinds = schema['type'] if isinstance(schema['type'], list) else [schema['type']]
        schema['type'] = kinds if 'null' in kinds else [*kinds, 'null']
    if 'enum' in schema and None not in schema['enum']:
        schema['enum'] = [*schema['enum'], None]
    return schema


def _add_pattern(field: Field[Any], schema: Property) -> None:
    if 'pattern' in field.metadata or 'pattern' not in schema:
        return
    validator = next((item for item in field.validators if isinstance(getattr(item, 'regex', None), re.Pattern)), None)
    if isinstance(validator, validate.Regexp):
        del schema['pattern']
        pattern = ecma_pattern(validator.regex) if isinstance(validator.regex.pattern, str) else None
        schema.update({'pattern': pattern} if pattern else {})


def _add_range(field: Field[Any], schema: Property) -> None:
    """Mend the limits that are no longer part of the range; apispec takes every one as if it were."""
    for validator in field.validators:
        if isinstance(validator, validate.Range):
            _exclude(schema, 'minimum', 'exclusiveMinimum', validator.min, validator.min_inclusive)
            _exclude(schema, 'maximum', 'exclusiveMaximum', validator.max, validator.max_inclusive)


def _exclude(schema: Property, name: str, exclusive_name: str, limit: Any, inclusive: bool) -> None:
    if limit is not None and not inclusive and name in schema:
        schema[exclusive_name] = schema.pop(name)


def _remove_input_rules(field: Field[Any], schema: Property) -> None:
    for name in (*_INPUT_RULES, 'x-minimum', 'x-maximum'):
        if name not in field.metadata:
            schema.pop(name, None)
    if isinstance(field, fields.Email | fields.Url) and 'format' not in field.metadata:
        schema.pop('format', None)


def _move_choices_to_items(schema: Property) -> None:
    if 'items' in schema and 'enum' in schema:
        schema['items'] = {**schema['items'], 'enum': schema.pop('enum')}


def _refine_url(field: Any, schema: Property, is_request: bool) -> None:
    """Say exactly what is accepted: it is both more and less than the format ``uri``, which is not claimed for it."""
    validator = next((item for item in field.validators if isinstance(item, validate.URL)), None)
    if is_request and validator and not field.relative:
        host = _HOST if field.require_tld else rf'(?:{_LABEL}|{_HOST})'
        schemes = '|'.join(sorted(validator.schemes))
        schema.setdefault('pattern', rf'^(?:{schemes})://{_USER}{host}(?::[0-9]+)?(?:[/?#]\S*)?$')


def _refine_number(field: Any, schema: Property, is_request: bool) -> None:
    for name in ('minimum', 'maximum'):
        if not isinstance(schema.get(name, 0), int | float):
            schema[name] = _number(schema[name])
    if field.as_string and not is_request and 'type' not in field.metadata:
        schema['type'] = 'string'


def _refine_decimal(field: Any, schema: Property, is_request: bool) -> None:
    """Decimals are answered as text, which keeps their digits, and taken as text or numbers."""
    if 'type' in field.metadata:
        return
    schema.update(type=['number', 'string'] if is_request else 'string', format='decimal')
    if is_request:
        limit = max((abs(schema[name]) for name in ('minimum', 'maximum') if name in schema), default=None)
        digits = f'{{1,{max(len(str(math.ceil(limit))) - 1, 1)}}}' if limit else '+'
        places = getattr(field, 'places', None)
        fraction = f'{{1,{-places.as_tuple().exponent}}}' if places is not None and places != 1 else '+'
        schema.setdefault('pattern', rf'^-?[0-9]{digits}(\.[0-9]{fraction})?$')


def _number(value: Any) -> int | float:
    number = float(value)
    return int(number) if number.is_integer() else number


def _refine_datetime(field: Any, schema: Property, is_request: bool) -> None:
    if str(field.format or '').startswith('timestamp'):
        schema.pop('min', None)
        schema.pop('example', None)
    elif isinstance(field, fields.NaiveDateTime) and schema.get('format') == 'date-time':
        takes_offset = is_request and field.timezone is not None
        schema['format'] = 'date-time' if takes_offset else 'date-time-local'
        if is_request and not takes_offset:
            schema.setdefault('pattern', _NAIVE_DATETIME)


def _refine_time(field: Any, schema: Property, is_request: bool) -> None:
    if is_request and field.format in (None, 'iso', 'iso8601'):
        schema.setdefault('pattern', _TIME)


def _refine_ip(field: Any, schema: Property, is_request: bool) -> None:
    if schema.get('format') == 'ip':
        del schema['format']
        schema['anyOf'] = [{'format': 'ipv4'}, {'format': 'ipv6'}]


def _refine_raw(field: Any, schema: Property, is_request: bool) -> None:
    if is_request and not field.allow_none and not field.metadata.get('type'):
        schema['type'] = list(_ANYTHING_BUT_NULL)


def _refine_enum(field: Any, schema: Property, is_request: bool) -> None:
    if isinstance(field.field, fields.Raw):
        schema.pop('type', None)


def _refine_constant(field: Any, schema: Property, is_request: bool) -> None:
    schema.setdefault('const', field.constant)


# The more general class comes first, so that the more exact one has the last word.
_REFINEMENTS: tuple[tuple[type[Any], Callable[[Any, Property, bool], None]], ...] = (
    (fields.Raw, _refine_raw),
    (fields.Enum, _refine_enum),
    (fields.Constant, _refine_constant),
    (fields.Url, _refine_url),
    (fields.Number, _refine_number),
    (fields.Decimal, _refine_decimal),
    (fields.Time, _refine_time),
    (fields.DateTime, _refine_datetime),
    (fields.IP, _refine_ip),
)
