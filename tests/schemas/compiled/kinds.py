"""The kinds of fields, and values for them."""

import enum
import uuid
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_DOWN, ROUND_UP, Decimal

from hypothesis import strategies as st
from marshmallow import ValidationError, missing, validate
from marshmallow import fields as plain

from colibris.schemas import fields


class Colour(enum.Enum):
    red = 'r'
    green = 'g'


class Loud(fields.String):
    """A field of a project."""

    def _serialize(self, value, attr, obj, **kwargs):
        return f'{attr}: {value}'

    def _deserialize(self, value, attr, data, **kwargs):
        if not isinstance(value, str):
            raise ValidationError('not loud')
        return f'{attr} {len(data or ())} {kwargs}: {value}'


class Price(fields.ExactDecimal):
    """A field of a project that only sets options."""

    def __init__(self, **options):
        super().__init__(places=2, as_string=True, **options)


def even(value):
    """A validator of a project."""
    text = repr(value)
    if len(text) % 2:
        raise ValidationError({'length': ['is odd']} if len(text) > 5 else ['is odd'])


# Not st.text of all characters: for its tables hypothesis takes seconds.
texts = st.text('ab1\'"\\\n\x00ü\u2028\ud800😀', max_size=6) | st.sampled_from(['', 'ab', 'x' * 300])
integers = st.integers(-5, 12) | st.integers() | st.sampled_from([2**63, 10**40])
floats = st.floats(-100, 100) | st.floats() | st.sampled_from([0.0, -0.0, 1e308, *map(float, ('nan', 'inf', '-inf'))])
decimals = st.decimals(-100, 100, places=1) | st.decimals(-100, 100, places=2) | st.decimals()
zones = st.sampled_from(
    [None, None, UTC, *(timezone(timedelta(hours=hours, minutes=30)) for hours in (-11, -1, 0, 13))]
)
moments = st.datetimes(timezones=zones) | st.sampled_from(
    [datetime.min, datetime.max, datetime.min.replace(tzinfo=UTC)]
)
moment_texts = moments.map(datetime.isoformat)
keys = st.sampled_from(['a', 'b', "it's", '0', '1', '12', '', 'x' * 50])
anything = st.one_of(
    *(
        st.none(),
        st.booleans(),
        integers,
        floats,
        texts,
        decimals,
        decimals.map(str),
        st.dates().map(str),
        moment_texts,
    ),
    st.lists(integers | texts, max_size=3),
    st.dictionaries(keys, integers | texts, max_size=3),
    st.sampled_from([[], {}, [[]], [{}], [None], {'a': None}, b'a', b'\xff', uuid.UUID(int=0), Colour.red, 'red']),
    st.sampled_from([datetime(2026, 1, 31), datetime(2026, 1, 31).date(), Decimal('sNaN'), object, (1, 2), {1}]),
)

KINDS = {
    'String': (fields.String, texts, texts),
    'Integer': (fields.Integer, integers, integers),
    'Integer, strict': (lambda **o: fields.Integer(strict=True, **o), integers, integers),
    'Integer, as text': (lambda **o: fields.Integer(as_string=True, **o), integers, integers),
    'StrictInteger': (fields.StrictInteger, integers | st.just(1.0), integers),
    'TextInteger': (fields.TextInteger, integers.map(str), integers),
    'Float': (fields.Float, floats | integers, floats),
    'Float, NaN': (lambda **o: fields.Float(allow_nan=True, as_string=True, **o), floats | integers, floats),
    'StrictFloat': (fields.StrictFloat, floats | integers, floats),
    'Decimal': (fields.Decimal, decimals.map(str) | floats, decimals),
    'Decimal, 1': (lambda **o: fields.Decimal(1, ROUND_UP, allow_nan=True, **o), decimals.map(str) | floats, decimals),
    'ExactDecimal': (lambda **o: fields.ExactDecimal(as_string=True, **o), decimals.map(str) | integers, decimals),
    'ExactDecimal, 1': (lambda **o: fields.ExactDecimal(1, ROUND_DOWN, **o), decimals.map(str) | integers, decimals),
    'Price': (Price, decimals.map(str), decimals),
    'Boolean': (fields.Boolean, st.booleans() | st.sampled_from(['on', 0, 1, 'x']), st.booleans()),
    'StrictBoolean': (fields.StrictBoolean, st.booleans(), st.booleans()),
    'UUID': (fields.UUID, st.uuids().map(str), st.uuids()),
    'Date': (fields.Date, st.dates().map(str), st.dates()),
    'Time': (fields.Time, st.times(timezones=zones).map(str), st.times(timezones=zones)),
    'LocalTime': (fields.LocalTime, st.times(timezones=zones).map(str), st.times()),
    'DateTime': (fields.DateTime, moment_texts, moments),
    'DateTime, a format': (lambda **o: fields.DateTime(format='%Y', **o), st.integers(1, 9999).map(str), moments),
    'NaiveDateTime': (fields.NaiveDateTime, moment_texts, moments),
    'NaiveDateTime, UTC': (lambda **o: fields.NaiveDateTime(timezone=UTC, **o), moment_texts, moments),
    'AwareDateTime': (fields.AwareDateTime, moment_texts, moments),
    'AwareDateTime, UTC': (lambda **o: fields.AwareDateTime(default_timezone=UTC, **o), moment_texts, moments),
    'UTCDateTime': (fields.UTCDateTime, moment_texts, moments),
    'Timestamp': (fields.Timestamp, moment_texts, moments),
    'Email': (
        fields.Email,
        st.sampled_from(['ada@shop.example', 'a@localhost', 'ada', '@', 'a' * 300 + '@x.de']),
        texts,
    ),
    "marshmallow's Email": (plain.Email, st.sampled_from(['ada@shop.example', 'ada', '"a b"@x.de']), texts),
    'Url': (fields.Url, st.sampled_from(['https://shop.example/', 'shop', '', 'https://x.de/' + 'a' * 9000]), texts),
    'IPv4Text': (fields.IPv4Text, st.sampled_from(['127.0.0.1', '127.00.0.1', '::1', '']), texts),
    'Raw': (fields.Raw, anything, anything),
    'Constant': (lambda **o: fields.Constant('c', **o), anything, anything),
    'Enum': (lambda **o: fields.Enum(Colour, **o), st.sampled_from(['red', 'green', 'r']), st.sampled_from(Colour)),
    'Enum, by value': (
        lambda **o: fields.Enum(Colour, by_value=True, **o),
        st.sampled_from(['r', 'g', 'red']),
        st.sampled_from(Colour),
    ),
    'Enum, by field': (
        lambda **o: fields.Enum(Colour, by_value=Loud, **o),
        st.sampled_from(['r', 'g', 'red']),
        st.sampled_from(Colour),
    ),
    'Loud': (Loud, texts, texts),
}
SIMPLE = ('String', 'Integer', 'StrictInteger', 'Price', 'StrictBoolean', 'UTCDateTime', 'UUID', 'Date')
"""What most fields are."""

VALIDATORS = [
    *(validate.Length(1, 5), validate.Length(max=3), validate.Length(equal=2), validate.Range(0, 10), even),
    *(validate.Range(min=-1.5, min_inclusive=False), validate.Range(max=100, max_inclusive=False)),
    *(validate.Range(Decimal('0.1'), error='{input} {min}'), validate.OneOf(['', 'ab', 1, 2, True])),
    *(validate.NoneOf(['ab', 0]), validate.Regexp('[a-z0-9]*$'), validate.ContainsOnly(['a', 'b', 1, None])),
    *(validate.ContainsNoneOf('a'), validate.Equal('ab'), validate.And(validate.Length(max=9), even)),
]

DEFAULTS = [missing, None, 'd', 0, [], Decimal('1.0'), list, lambda: 'made', lambda: missing]
