"""Values come back as they were."""

import itertools
import math
from collections import OrderedDict, namedtuple
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colibris import cache
from colibris.cache.serializers import JSONSerializer, PickleSerializer

json = JSONSerializer()

VALUES = [
    None,
    True,
    5,
    -(10**50),
    1.5,
    math.inf,
    'ä\udfff\0',
    b'\x00\xff',
    b'',
    date(2020, 2, 29),
    datetime(2020, 2, 29, 1, 2, 3, 4),
    datetime(2020, 2, 29, tzinfo=UTC),
    datetime(2020, 2, 29, 12, tzinfo=timezone(timedelta(hours=5, minutes=45))),
    time(1, 2, 3, 4),
    time(1, tzinfo=UTC),
    timedelta(days=-1, microseconds=1),
    timedelta.max,
    Decimal('1.10'),
    Decimal('-Infinity'),
    Decimal('1E+500'),
    UUID('12345678123456781234567812345678'),
    (),
    (1, (2, [3])),
    {1, 'a', (2, None)},
    frozenset({Decimal(1)}),
    {},
    {'$': 1},
    {'$': ['uuid', 'x']},
    {'a': {'$': ['decimal', '1']}},
    {1: 'a', '1': 'b', None: 'c', (1, 2): date(2020, 1, 1), False: 1},
    [{'a': [Decimal(1), {'b': (date(2020, 1, 1),)}]}],
    '{"$":["uuid","x"]}',
    '2020-01-01',
]


def same(one, other):
    """Equality that tells ``1`` from ``True`` and ``1.0``."""
    return repr(one) == repr(other) and one == other


@pytest.mark.parametrize('value', VALUES, ids=itertools.count())
def test_round_trip(value):
    found = json.loads(json.dumps(value))
    assert found == value
    assert type(found) is type(value)


def test_nan():
    assert math.isnan(json.loads(json.dumps(math.nan)))
    assert json.loads(json.dumps(Decimal('NaN'))).is_nan()


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=()))
    | st.binary()
    | st.dates()
    | st.datetimes()
    | st.times()
    | st.timedeltas()
    | st.decimals(allow_nan=False)
    | st.uuids()
)
KEYS = st.sampled_from(['$', 'a', '']) | st.integers() | st.dates() | st.tuples(st.text(), st.integers())


@given(st.recursive(SCALARS, lambda items: st.lists(items) | st.lists(items).map(tuple) | st.dictionaries(KEYS, items)))
def test_round_trip_of_anything(value):
    assert same(json.loads(json.dumps(value)), value)


class Colour(Enum):
    RED = 1


class Number(IntEnum):
    ONE = 1


class Text(StrEnum):
    A = 'a'


class Name(str):
    pass


Point = namedtuple('Point', 'x y')


@pytest.mark.parametrize(
    'value',
    [Colour.RED, Number.ONE, Text.A, Name('a'), Point(1, 2), OrderedDict(a=1), object(), 1j, bytearray(b'a'), range(3)],
    ids=lambda value: type(value).__name__,
)
def test_what_would_come_back_as_something_else_is_refused(value):
    for holder in (value, [value], {'a': value}, {'$': value}, (value,)):
        with pytest.raises(TypeError, match=type(value).__name__) as refusal:
            json.dumps(holder)
        assert "CACHE['serializer'] = 'pickle'" in str(refusal.value)


def test_subclasses_of_dates_and_the_like_are_as_good_as_these():
    class DriversUUID(UUID):
        pass

    class FrozenDatetime(datetime):
        pass

    assert json.loads(json.dumps([DriversUUID(int=5), FrozenDatetime(2020, 1, 1)])) == [
        UUID(int=5),
        datetime(2020, 1, 1),
    ]


def test_values_that_contain_themselves_are_refused():
    loop = []
    loop.append(loop)
    deep = []
    for _ in range(100_000):
        deep = [deep]
    for value in (loop, deep):
        with pytest.raises(ValueError, match='contains itself, or is nested too deep'):
            json.dumps(value)


@pytest.mark.parametrize(
    'data', [b'', b'{', b'\xff', b'\x80\x04N.', b'{"$":1}', b'{"$":["spam",1]}', b'{"$":["date","x"]}', b'[' * 100_000]
)
def test_other_bytes_are_no_values(data):
    with pytest.raises(ValueError):
        json.loads(data)


@pytest.mark.parametrize('data', [b'', b'abc', b'\x80\x04', b'\x80\x04cspam\nSpam\n.', b'\x01\x02'])
def test_other_bytes_are_no_pickles(data):
    with pytest.raises(ValueError):
        PickleSerializer().loads(data)


def test_pickle():
    pickle = PickleSerializer()
    for value in [Colour.RED, Point(1, 2), True, 5, None, Name('a')]:
        assert same(pickle.loads(pickle.dumps(value)), value)
    assert pickle.dumps(5) == b'5'
    with pytest.raises(TypeError, match='function cannot be pickled'):
        pickle.dumps(lambda: 1)


@pytest.mark.parametrize('data', [b'{', b'\x80\x04N.', b'\x01', b'\x01' + b'\0' * 8 + b'{'])
def test_what_cannot_be_read_is_missing(on_redis, client, data):
    client.set('colibris:1:key', data)
    assert cache.get('key', default='other') == 'other'
    assert cache.get_many(['key']) == {}
    assert cache.get_or_set('key', lambda: 'computed') == 'computed'
    assert cache.get('key') == 'computed'
