"""How each kind of field reads a value: a function writes the lines that check and convert it.

What is not plainly valid leaves the generated function by ``return UNUSUAL``, or by an exception, which counts as that.
"""

import ipaddress
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from marshmallow import fields as plain

from colibris.schemas import fields
from colibris.schemas.compiled.kinds import ISO, General
from colibris.schemas.relations import Related

if TYPE_CHECKING:
    from colibris.schemas.compiled.reading import Reading

__all__ = ['MOST_ITEMS', 'READERS']

MOST_ITEMS = 100
"""Longer lists are left to those who let others have a turn meanwhile."""

_DATES = tuple(datetime(*day) for day in ((1970, 1, 2), (9999, 12, 30)))


def _string(field: Any, value: str, to: 'Reading') -> None:
    to.refuse(f'type({value}) is not str')


def _integer(field: Any, value: str, to: 'Reading') -> None:
    to.refuse(f'type({value}) is not int')


def _text_integer(field: Any, value: str, to: 'Reading') -> None:
    if field.strict:
        raise General('strict takes no text')
    to.refuse(f'type({value}) is not str or not ({value}.isascii() and {value}.isdecimal()) or len({value}) > 18')
    to.line(f'{value} = int({value})')


def _float(field: Any, value: str, to: 'Reading') -> None:
    with to.block(f'if type({value}) is int:'):
        to.line(f'{value} = float({value})')
    with to.block(f'elif type({value}) is not float:'):
        to.line('return UNUSUAL')
    if field.allow_nan is False:
        to.refuse(f'not {to.name(float("-inf"))} < {value} < {to.name(float("inf"))}')


def _decimal(field: Any, value: str, to: 'Reading') -> None:
    to.line(f'{value} = {to.name(Decimal)}(str({value}))')
    if field.places is not None:
        to.line(f'{value} = {value}.quantize({to.name(field.places)}, {to.literal(field.rounding)})')
    to.refuse(f'not {value}.is_finite()')


def _exact_decimal(field: Any, value: str, to: 'Reading') -> None:
    places = None if field.places is None else -int(field.places.as_tuple().exponent)
    if places is not None and places < 0:
        raise General('places is negative')
    fraction = '' if places == 0 else r'(?:\.[0-9]+)?' if places is None else rf'(?:\.[0-9]{{1,{places}}})?'
    matches = re.compile(f'[+-]?[0-9]+{fraction}').fullmatch
    with to.block(f'if type({value}) is str:'):
        to.refuse(f'{to.name(matches)}({value}) is None')
    with to.block(f'elif type({value}) is not int and type({value}) is not float:'):
        to.line('return UNUSUAL')
    _decimal(field, value, to)


def _boolean(field: Any, value: str, to: 'Reading') -> None:
    if True not in field.truthy or False in field.truthy or False not in field.falsy:
        raise General('it takes other values than true and false')
    _strict_boolean(field, value, to)


def _strict_boolean(field: Any, value: str, to: 'Reading') -> None:
    to.refuse(f'type({value}) is not bool')


def _uuid(field: Any, value: str, to: 'Reading') -> None:
    to.refuse(f'type({value}) is not str')
    to.line(f'{value} = {to.name(uuid.UUID)}({value})')


def _temporal(field: Any, value: str, to: 'Reading') -> None:
    text_format = field.format or field.DEFAULT_FORMAT
    if text_format not in ISO:
        raise General('it has a format of its own')
    to.refuse(f'type({value}) is not str')
    to.line(f'{value} = {to.name(field.DESERIALIZATION_FUNCS[text_format])}({value})')


def _naive(field: Any, value: str, to: 'Reading') -> None:
    _temporal(field, value, to)
    to.refuse(f'{value}.tzinfo is not None')


def _timestamp(field: Any, value: str, to: 'Reading') -> None:
    _naive(field, value, to)
    to.refuse(f'not {to.name(_DATES[0])} <= {value} <= {to.name(_DATES[1])}')


def _aware(field: Any, value: str, to: 'Reading') -> None:
    _temporal(field, value, to)
    if field.default_timezone is None:
        to.refuse(f'{value}.tzinfo is None')
    else:
        with to.block(f'if {value}.tzinfo is None:'):
            to.line(f'{value} = {value}.replace(tzinfo={to.name(field.default_timezone)})')


def _utc(field: Any, value: str, to: 'Reading') -> None:
    in_utc = f'{value} = {value}.astimezone({to.name(UTC)}).replace(tzinfo=None)'
    if field.default_timezone is not UTC:
        _aware(field, value, to)
        to.line(in_utc)
        return
    _temporal(field, value, to)
    with to.block(f'if {value}.tzinfo is not None:'):
        to.line(in_utc)


def _bounded(field: Any, value: str, to: 'Reading') -> None:
    _string(field, value, to)
    to.refuse(f'len({value}) > {to.literal(field.longest)}')


def _ipv4_text(field: Any, value: str, to: 'Reading') -> None:
    to.refuse(f'type({value}) is not str')
    to.line(f'{value} = str({to.name(ipaddress.IPv4Address)}({value}))')


def _raw(field: Any, value: str, to: 'Reading') -> None:
    if not field.allow_none:
        to.refuse(f'{value} is None')


def _constant(field: Any, value: str, to: 'Reading') -> None:
    _raw(field, value, to)
    to.line(f'{value} = {to.name(field.constant)}')


def _enum(field: Any, value: str, to: 'Reading') -> None:
    if not isinstance(field.by_value, bool):
        raise General('a field reads its values')
    members = to.name(field.enum)
    to.line(f'{value} = {members}({value})' if field.by_value else f'{value} = {members}[{value}]')


def _list(field: Any, value: str, to: 'Reading') -> None:
    to.refuse(f'type({value}) is not list or len({value}) > {MOST_ITEMS}')
    item, found = to.variable(), to.variable()
    to.line(f'{found} = []')
    with to.block(f'for {item} in {value}:'):
        to.value(field.inner, item)
        to.line(f'{found}.append({item})')
    to.line(f'{value} = {found}')


def _dict(field: Any, value: str, to: 'Reading') -> None:
    to.refuse(f'type({value}) is not dict or len({value}) > {MOST_ITEMS}')
    if not field.key_field and not field.value_field:
        to.line(f'{value} = dict({value})')
        return
    key, item, found = to.variable(), to.variable(), to.variable()
    to.line(f'{found} = {{}}')
    with to.block(f'for {key}, {item} in {value}.items():'):
        if field.key_field:
            to.value(field.key_field, key)
        if field.value_field:
            to.value(field.value_field, item)
        to.line(f'{found}[{key}] = {item}')
    to.line(f'{value} = {found}')


def _nested(field: Any, value: str, to: 'Reading') -> None:
    read, many = to.reader(field)
    if not many:
        to.line(f'{value} = {read}({value})')
        to.refuse(f'{value} is UNUSUAL')
        return
    to.refuse(f'type({value}) is not list or len({value}) > {MOST_ITEMS}')
    to.line(f'{value} = [{read}(item) for item in {value}]')
    to.refuse(f'UNUSUAL in {value}')


def _related(field: Any, value: str, to: 'Reading') -> None:
    to.known_value(field.key, value)


READERS: dict[type, Callable[[Any, str, 'Reading'], None]] = {
    fields.String: _string,
    fields.Integer: _integer,
    fields.StrictInteger: _integer,
    fields.TextInteger: _text_integer,
    fields.Float: _float,
    fields.StrictFloat: _float,
    fields.Decimal: _decimal,
    fields.ExactDecimal: _exact_decimal,
    fields.Boolean: _boolean,
    fields.StrictBoolean: _strict_boolean,
    fields.UUID: _uuid,
    fields.Date: _temporal,
    fields.Time: _temporal,
    fields.LocalTime: _naive,
    fields.DateTime: _temporal,
    fields.NaiveDateTime: _naive,
    fields.Timestamp: _timestamp,
    fields.AwareDateTime: _aware,
    fields.UTCDateTime: _utc,
    plain.Email: _string,
    plain.Url: _string,
    fields.Email: _bounded,
    fields.Url: _bounded,
    fields.IPv4Text: _ipv4_text,
    fields.Raw: _raw,
    fields.Constant: _constant,
    fields.Enum: _enum,
    plain.List: _list,
    fields.List: _list,
    plain.Dict: _dict,
    fields.Dict: _dict,
    plain.Nested: _nested,
    fields.Nested: _nested,
    Related: _related,
}
