"""How each kind of field writes a value: a function gives the expression for it.

A value of exactly the type that the field is made for is written in place; for any other the expression calls the
field's own ``_serialize``, which for these kinds looks at nothing but the value.
"""

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from marshmallow import fields as plain

from colibris.schemas import fields
from colibris.schemas.compiled.kinds import ISO, General
from colibris.utils.times import utc_text

if TYPE_CHECKING:
    from colibris.schemas.compiled.writing import Writing

__all__ = ['WRITERS']

_FEW_PLACES = -6  # with which ``str`` writes a decimal without an exponent


def _exactly(expected: type, written: str, field: Any, value: str, to: 'Writing') -> str:
    return f'{written} if {to.is_exactly(value, expected)} else {to.unusual(field, value)}'


def _string(field: Any, value: str, to: 'Writing') -> str:
    return _exactly(str, value, field, value, to)


def _integer(field: Any, value: str, to: 'Writing') -> str:
    return _exactly(int, f'str({value})' if field.as_string else value, field, value, to)


def _float(field: Any, value: str, to: 'Writing') -> str:
    return _exactly(float, f'str({value})' if field.as_string else value, field, value, to)


def _decimal(field: Any, value: str, to: 'Writing') -> str:
    number = value
    if field.places is not None:
        number = f'{value}.quantize({to.name(field.places)}, {to.literal(field.rounding)})'
    written = f"f'{{{number}:f}}'" if field.as_string else number
    is_plain = f'{to.is_exactly(value, Decimal)} and {value}.is_finite()'
    general = f'{written} if {is_plain} else {to.unusual(field, value)}'
    if field.places is None or not _FEW_PLACES <= field.places.as_tuple().exponent <= 0:
        return general
    has_places = f'{to.is_exactly(value, Decimal)} and {value}.same_quantum({to.name(field.places)})'
    return f'{f"str({value})" if field.as_string else value} if {has_places} else {general}'


def _unusual(field: Any, value: str, to: 'Writing') -> str:
    return to.unusual(field, value)


def _unchanged(field: Any, value: str, to: 'Writing') -> str:
    return value


def _uuid(field: Any, value: str, to: 'Writing') -> str:
    return _exactly(uuid.UUID, f'str({value})', field, value, to)


def _temporal(field: Any, value: str, to: 'Writing') -> str:
    if (field.format or field.DEFAULT_FORMAT) not in ISO:
        return to.unusual(field, value)
    return _exactly(getattr(dt, field.OBJ_TYPE), f'{value}.isoformat()', field, value, to)


def _utc(field: Any, value: str, to: 'Writing') -> str:
    if (field.format or field.DEFAULT_FORMAT) not in ISO:
        return to.unusual(field, value)
    is_in_utc = f'{to.is_exactly(value, dt.datetime)} and {value}.tzinfo in {to.name((dt.UTC, None))}'
    return f'{to.name(utc_text)}({value}) if {is_in_utc} else {to.unusual(field, value)}'


def _enum(field: Any, value: str, to: 'Writing') -> str:
    if not isinstance(field.by_value, bool):
        raise General('a field writes its values')
    return _exactly(field.enum, f'{value}.value' if field.by_value else f'{value}.name', field, value, to)


def _list(field: Any, value: str, to: 'Writing') -> str:
    item = to.variable()
    return _exactly(list, f'[{to.value(field.inner, item)} for {item} in {value}]', field, value, to)


def _dict(field: Any, value: str, to: 'Writing') -> str:
    if field.key_field or field.value_field:
        return to.unusual(field, value)
    return _exactly(dict, f'dict({value})', field, value, to)


def _nested(field: Any, value: str, to: 'Writing') -> str:
    try:
        write, many = to.writer(field, dict)
    except General as reason:
        to.explain(reason)
        return to.unusual(field, value)
    if not many:
        return f'None if {value} is None else {write}({value})'
    item = to.variable()
    return _exactly(list, f'[{write}({item}) for {item} in {value}]', field, value, to)


WRITERS: dict[type, Callable[[Any, str, 'Writing'], str]] = {
    fields.String: _string,
    fields.Integer: _integer,
    fields.StrictInteger: _integer,
    fields.TextInteger: _integer,
    fields.Float: _float,
    fields.StrictFloat: _float,
    fields.TextFloat: _float,
    fields.Decimal: _decimal,
    fields.ExactDecimal: _decimal,
    fields.Boolean: _unchanged,
    fields.StrictBoolean: _unchanged,
    fields.UUID: _uuid,
    fields.Date: _temporal,
    fields.Time: _temporal,
    fields.LocalTime: _temporal,
    fields.DateTime: _temporal,
    fields.NaiveDateTime: _temporal,
    fields.Timestamp: _temporal,
    fields.AwareDateTime: _temporal,
    fields.UTCDateTime: _utc,
    fields.TimeDelta: _unusual,
    plain.Email: _string,
    plain.Url: _string,
    fields.Email: _string,
    fields.Url: _string,
    fields.IP: _unusual,
    fields.IPv4: _unusual,
    fields.IPv6: _unusual,
    fields.IPv4Text: _string,
    fields.Raw: _unchanged,
    fields.Enum: _enum,
    plain.List: _list,
    fields.List: _list,
    plain.Dict: _dict,
    fields.Dict: _dict,
    plain.Nested: _nested,
    fields.Nested: _nested,
}
