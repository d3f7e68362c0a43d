"""Each kind of field reads what it reads in marshmallow; the generated function itself reads the plain values."""

import enum
import itertools
import uuid
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import ROUND_UP, Decimal

import pytest
from marshmallow import EXCLUDE, INCLUDE, RAISE, Schema, ValidationError, validate
from marshmallow import fields as plain

from colibris.schemas import fields
from colibris.schemas.compiled import compile_load

from .comparing import check_load, is_plain

KEY = uuid.UUID('12345678123456781234567812345678')


class Colour(enum.Enum):
    red = 'r'
    green = 'g'


class Level(enum.IntEnum):
    low = 1
    high = 2


class Inner(Schema):
    number = fields.StrictInteger(required=True)
    text = fields.String()


class Loose(Schema):
    text = fields.String(required=True)

    class Meta:
        unknown = INCLUDE


class Elsewhere(fields.UTCDateTime):
    """Takes what has no offset as the time of another place."""

    def __init__(self, **options):
        super().__init__(**options)
        self.default_timezone = timezone(timedelta(hours=-5))


TEXTS = ['', 'a', 'ü', "it's", '"', 'a\x00b', 'x' * 1000, '\ud800']
NUMBERS = [0, 1, -1, 5, 10**30, 0.0, -0.0, 1.5, 1e300, 10**4000]
ODD = [
    *(None, True, False, [], {}, [1], ['a'], {'a': 1}, b'bytes', b'\xff', float('nan'), float('inf'), float('-inf')),
    *(Decimal('1.5'), KEY, date(2026, 1, 31), datetime(2026, 1, 31, 12), time(12), Colour.red, Level.low, object),
]
TIMES = [
    *('2026-01-31', '2026-01-31T12:00:00', '2026-01-31T12:00:00.123456+02:00', '2026-01-31T12:00:00Z', '12:30'),
    *('12:30:15.5', '12:30+01:00', '0001-01-01T00:00:00+14:00', '9999-12-31T23:59:59-12:00', '1969-12-31T00:00:00'),
    *('20260131', '2026-W05-6', '31.01.2026', 'Sat, 31 Jan 2026 12:00:00 GMT', '1970-01-02T00:00:00'),
]
OTHERS = [
    *(
        str(KEY),
        KEY.hex,
        '12',
        '+12',
        '-0',
        '\uff11\uff12',
        '1.50',
        '1.505',
        '1e3',
        'NaN',
        'Infinity',
        '-sNaN',
        ' 1',
        '1_000',
    ),
    *('true', 'on', '0', 'red', 'r', 'ada@shop.example', 'ada', 'https://shop.example/', '127.0.0.1', '127.00.0.1'),
    *({'number': 1}, {'number': 1, 'text': 'a'}, {'number': 1, 'more': 2}, [{'number': 1}], [{'number': 'a'}]),
    *(['a', 'b'], [1, 2], [[1], [2]], [None], list(range(101)), {'a': 'b'}, {1: 2}, {'text': 'a', 'more': 1}),
    {str(number): number for number in range(101)},
]
VALUES = [*TEXTS, *NUMBERS, *ODD, *TIMES, *OTHERS]

KINDS = {
    'String': (lambda **o: fields.String(**o), ['', 'ü']),
    'Integer': (lambda **o: fields.Integer(**o), [0, -1]),
    'Integer, strict': (lambda **o: fields.Integer(strict=True, **o), [0, 10**30]),
    'StrictInteger': (lambda **o: fields.StrictInteger(**o), [0, 5]),
    'TextInteger': (lambda **o: fields.TextInteger(**o), ['12', '0']),
    'Float': (lambda **o: fields.Float(**o), [0, 1.5, -0.0]),
    'Float, with NaN': (lambda **o: fields.Float(allow_nan=True, **o), [1.5, float('nan'), float('-inf')]),
    'StrictFloat': (lambda **o: fields.StrictFloat(**o), [1, 1.5]),
    'Decimal': (lambda **o: fields.Decimal(**o), ['1.50', 1, 1.5, '1e3']),
    'Decimal, places': (lambda **o: fields.Decimal(places=2, rounding=ROUND_UP, **o), ['1.501', 1]),
    'Decimal, with NaN': (lambda **o: fields.Decimal(places=1, allow_nan=True, **o), ['1.55']),
    'ExactDecimal': (lambda **o: fields.ExactDecimal(**o), ['1.505', '12', 1.5]),
    'ExactDecimal, 2': (lambda **o: fields.ExactDecimal(places=2, **o), ['1.50', '12', 1.505]),
    'ExactDecimal, 0': (lambda **o: fields.ExactDecimal(places=0, **o), ['12', 3]),
    'Boolean': (lambda **o: fields.Boolean(**o), [True, False]),
    'Boolean, few': (lambda **o: fields.Boolean(truthy={True}, falsy={False}, **o), [True, False]),
    'StrictBoolean': (lambda **o: fields.StrictBoolean(**o), [True, False]),
    'UUID': (lambda **o: fields.UUID(**o), [str(KEY), KEY.hex]),
    'Date': (lambda **o: fields.Date(**o), ['2026-01-31']),
    'Time': (lambda **o: fields.Time(**o), ['12:30', '12:30+01:00']),
    'LocalTime': (lambda **o: fields.LocalTime(**o), ['12:30']),
    'DateTime': (lambda **o: fields.DateTime(**o), ['2026-01-31T12:00:00', '2026-01-31T12:00:00Z']),
    'NaiveDateTime': (lambda **o: fields.NaiveDateTime(**o), ['2026-01-31T12:00:00']),
    'NaiveDateTime, zone': (lambda **o: fields.NaiveDateTime(timezone=UTC, **o), ['2026-01-31T12:00:00']),
    'AwareDateTime': (lambda **o: fields.AwareDateTime(**o), ['2026-01-31T12:00:00Z']),
    'AwareDateTime, zone': (
        lambda **o: fields.AwareDateTime(default_timezone=timezone(timedelta(hours=2)), **o),
        ['2026-01-31T12:00:00'],
    ),
    'UTCDateTime': (lambda **o: fields.UTCDateTime(**o), ['2026-01-31T12:00:00', '2026-01-31T12:00:00.123456+02:00']),
    'UTCDateTime, zone': (lambda **o: Elsewhere(**o), ['2026-01-31T12:00:00', '2026-01-31T12:00:00+02:00']),
    'Timestamp': (lambda **o: fields.Timestamp(**o), ['2026-01-31T12:00:00', '1970-01-02T00:00:00']),
    'Email': (lambda **o: fields.Email(**o), ['ada@shop.example']),
    'Url': (lambda **o: fields.Url(**o), ['https://shop.example/']),
    "marshmallow's Email": (lambda **o: plain.Email(**o), ['ada@shop.example']),
    "marshmallow's Url": (lambda **o: plain.Url(relative=True, **o), ['https://shop.example/']),
    'IPv4Text': (lambda **o: fields.IPv4Text(**o), ['127.0.0.1']),
    'Raw': (lambda **o: fields.Raw(**o), [0, 'a', [1], {'a': 1}]),
    'Constant': (lambda **o: fields.Constant('c', **o), [1, 'a']),
    'Enum': (lambda **o: fields.Enum(Colour, **o), ['red']),
    'Enum, by value': (lambda **o: fields.Enum(Level, by_value=True, **o), [1]),
    'List': (lambda **o: fields.List(fields.String(), **o), [[], ['a', 'b']]),
    "marshmallow's List": (lambda **o: plain.List(fields.Integer(allow_none=True), **o), [[1, 2], [None]]),
    'List of lists': (lambda **o: fields.List(fields.List(fields.Raw()), **o), [[[1], [2]]]),
    'Dict': (lambda **o: fields.Dict(**o), [{}, {'a': 'b'}]),
    'Dict, values': (lambda **o: fields.Dict(values=fields.String(), **o), [{}, {'a': 'b'}]),
    'Dict, keys': (lambda **o: fields.Dict(keys=fields.Integer(), **o), [{}, {1: 2}]),
    "marshmallow's Dict": (lambda **o: plain.Dict(fields.String(), fields.Raw(), **o), [{'a': 1}]),
    'Nested': (lambda **o: fields.Nested(Inner, **o), [{'number': 1}, {'number': 1, 'text': 'a'}]),
    'Nested, many': (lambda **o: fields.Nested(Inner, many=True, **o), [[], [{'number': 1}]]),
    'Nested, instance': (lambda **o: fields.Nested(Inner(many=True), **o), [[{'number': 1}]]),
    'Nested, unknown': (lambda **o: fields.Nested(Inner, unknown=EXCLUDE, **o), [{'number': 1, 'more': 2}]),
    "marshmallow's Nested": (lambda **o: plain.Nested(Loose(), **o), [{'text': 'a', 'more': 1}]),
}
OPTIONS = {
    'required': {'required': True},
    'optional': {},
    'null': {'allow_none': True},
    'default': {'load_default': None},
    'callable': {'load_default': lambda: ['made']},
    'checked': {'validate': [validate.Length(max=3), validate.NoneOf(['a', 1])]},
    'other names': {'data_key': '"\'\\\n{}', 'attribute': "it's"},
}


@pytest.mark.parametrize('options', OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize('kind', KINDS)
def test_every_kind_reads_as_marshmallow_does(kind, options):
    make, _ = KINDS[kind]
    schema = Schema.from_dict({'value': make(**options)})()
    key = options.get('data_key', 'value')
    for data in [{}, *({key: value} for value in VALUES)]:
        check_load(schema, data)


@pytest.mark.parametrize('kind', KINDS)
def test_every_kind_reads_plain_values_by_itself(kind):
    make, values = KINDS[kind]
    schema = Schema.from_dict({'value': make(required=True)})()
    assert compile_load(schema).reasons == ()
    for value in values:
        assert is_plain(schema, {'value': value})
        assert check_load(schema, {'value': value}) == 'result'


VALIDATORS = {
    'Length': (validate.Length(1, 3), 'ab', 'abcd'),
    'Length, least': (validate.Length(min=2), 'ab', 'a'),
    'Length, most': (validate.Length(max=2), 'ab', 'abc'),
    'Length, equal': (validate.Length(equal=2), 'ab', 'a'),
    'Length, none': (validate.Length(), 'ab', None),
    'Range': (validate.Range(1, 3), 3, 4),
    'Range, open': (validate.Range(1, 3, min_inclusive=False, max_inclusive=False), 2, 3),
    'Range, open below': (validate.Range(1, min_inclusive=False), 2, 1),
    'Range, none': (validate.Range(), 2, None),
    'Range of dates': (validate.Range(date(2026, 1, 1)), date(2026, 1, 2), date(2025, 1, 1)),
    'OneOf': (validate.OneOf([1, 'a']), 'a', 'b'),
    'OneOf, a set': (validate.OneOf({1, 'a'}), 'a', ['a']),
    'NoneOf': (validate.NoneOf([1, 'a']), 'b', 'a'),
    'ContainsOnly': (validate.ContainsOnly(['a', 'b']), ['a', 'a'], ['a', 'c']),
    'ContainsNoneOf': (validate.ContainsNoneOf(['a', 'b']), ['c'], ['c', 'a']),
    'Regexp': (validate.Regexp('a+$'), 'aa', 'ab'),
    'Equal': (validate.Equal('a'), 'a', 'b'),
    'Predicate': (validate.Predicate('isdigit'), '1', 'a'),
    'And': (validate.And(validate.Length(max=3), validate.OneOf(['a'])), 'a', 'b'),
}


@pytest.mark.parametrize('name', VALIDATORS)
def test_validators(name):
    validator, right, wrong = VALIDATORS[name]
    schema = Schema.from_dict({'value': fields.Raw(validate=validator)})()
    assert is_plain(schema, {'value': right})
    assert check_load(schema, {'value': right}) == 'result'
    for value in VALUES:
        check_load(schema, {'value': value})
    if wrong is not None:
        assert check_load(schema, {'value': wrong}) == 'invalid'


def refuse(value):
    raise ValidationError({'part': ['is refused']})


def test_a_validator_of_the_project():
    schema = Schema.from_dict({'value': fields.String(validate=refuse), 'other': fields.Integer(required=True)})()
    assert compile_load(schema).reasons == ()
    assert check_load(schema, {'value': 'a', 'other': 1}) == 'invalid'


def test_what_a_project_wrote_is_called_last_and_once():
    calls = []
    declared = {
        'value': fields.String(validate=calls.append),
        'items': fields.List(fields.String(validate=calls.append)),
        'nested': fields.Nested({'inner': fields.String(validate=calls.append)}),
        'made': fields.Raw(load_default=lambda: calls.append('made')),
        'last': fields.Integer(),
    }
    load = compile_load(Schema.from_dict(declared)()).load
    data = {'value': 'a', 'items': ['b'], 'nested': {'inner': 'c'}, 'last': 1}
    load(data)
    assert calls == ['a', 'b', 'c', 'made']
    for wrong in ({'unknown': 1}, {'last': 'wrong'}):
        calls.clear()
        with pytest.raises(ValidationError):
            load({**data, **wrong})
        assert calls == ['a', 'b', 'c', 'made'], 'by marshmallow only'


def test_decimals_are_compared_with_the_limit_itself():
    schema = Schema.from_dict({'value': fields.Decimal(validate=validate.Range(max=0.1))})()
    for text in ('0.1', '0.1000000000000000055511151231257827', '0.10000000000000000555111512312578271', '0.2'):
        check_load(schema, {'value': text})


@pytest.mark.parametrize('unknown', [RAISE, EXCLUDE, INCLUDE])
@pytest.mark.parametrize('data', [{'a': 1}, {'a': 1, 'b': 2}, {'b': 2}, {'a': 1, 'c': 3, 'z': 4, 5: 6}, {}, {'c': 1}])
def test_unknown_fields(unknown, data):
    schema = Schema.from_dict({'a': fields.Raw(required=True), 'b': fields.Raw()})(unknown=unknown)
    check_load(schema, data)


class Outer(Schema):
    a = fields.String(required=True)
    b = fields.String(load_default='b')
    inner = fields.Nested(Inner, required=True)
    many = fields.List(fields.Nested(Inner(partial=True)), required=True)


@pytest.mark.parametrize(
    'partial', [None, False, True, ('a',), ('inner', 'many'), ('inner.number',), ['many.number'], []]
)
def test_partial(partial):
    schema = Outer(partial=partial)
    full = {'a': 'a', 'b': 'c', 'inner': {'number': 1, 'text': 'a'}, 'many': [{'number': 1}, {'text': 'a'}]}
    for count in range(len(full) + 1):
        for names in itertools.combinations(full, count):
            for inner in (full['inner'], {'text': 'a'}, {'number': 1}, {}):
                check_load(
                    schema, {**{name: full[name] for name in names}, **({'inner': inner} if 'inner' in names else {})}
                )


@pytest.mark.parametrize('options', [{'only': ('b',)}, {'exclude': ('inner', 'many')}, {'only': ('a', 'inner.text')}])
def test_some_of_the_fields(options):
    schema = Outer(**options)
    for data in ({'a': 'a'}, {'b': 'b'}, {'a': 'a', 'inner': {'text': 'a'}}, {'a': 'a', 'inner': {'number': 1}}):
        check_load(schema, data)


@pytest.mark.parametrize('data', [None, [], 'text', 1, [{'a': 1}], (('a', 'a'),)])
def test_what_is_no_object(data):
    check_load(Outer(), data)


def test_other_mappings_are_left_to_marshmallow():
    class Mapping(dict):
        def get(self, key, default=None):
            return 'always'

    schema = Schema.from_dict({'a': fields.String()})()
    assert compile_load(schema).load(Mapping()) == schema.load(Mapping()) == {'a': 'always'}
