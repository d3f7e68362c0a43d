import contextlib
import sys
from collections import OrderedDict
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum, IntEnum
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from colibris.utils.json import MAX_DEPTH, JSONError, dumps, loads


class Color(Enum):
    RED = 'red'


class Level(IntEnum):
    HIGH = 2


class SpecialDate(datetime):
    pass


@pytest.mark.parametrize(
    ('value', 'text'),
    [
        ({'a': [1, 2.5, None, True]}, '{"a":[1,2.5,null,true]}'),
        ('ä€😀', '"ä€😀"'),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), '"2026-01-02T03:04:05+00:00"'),
        (SpecialDate(2026, 1, 2, tzinfo=UTC), '"2026-01-02T00:00:00+00:00"'),
        (date(2026, 1, 2), '"2026-01-02"'),
        (time(3, 4), '"03:04:00"'),
        (Decimal('1.10'), '"1.10"'),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        ({1}, '[1]'),
        (frozenset(), '[]'),
        ([Color.RED, Level.HIGH], '["red",2]'),
        (OrderedDict(a=1), '{"a":1}'),
        ('half \ud800', '"half ?"'),
    ],
)
def test_dumps(value, text):
    assert dumps(value).decode() == text


@pytest.mark.parametrize(
    ('value', 'kind'), [(object(), TypeError), (float('nan'), ValueError), (float('inf'), ValueError)]
)
def test_dumps_refuses(value, kind):
    with pytest.raises(kind):
        dumps(value)


@pytest.mark.parametrize(
    ('data', 'message'),
    [
        (b'', 'Expecting value (line 1, column 1)'),
        (b'{"a":\n1', "Expecting ',' delimiter (line 2, column 2)"),
        (b'\xff', 'the text is not UTF-8'),
        (b'\xef\xbb\xbf{}', 'Unexpected UTF-8 BOM (decode using utf-8-sig) (line 1, column 1)'),
        ('{}'.encode('utf-16'), 'the text is not UTF-8'),
        (b'NaN', 'NaN is no JSON number'),
        (b'[-Infinity]', '-Infinity is no JSON number'),
        (b'1e999', 'a number is too large'),
        (b'9' * 5000, 'a number has too many digits'),
        (b'"\\ud800"', 'a text holds half of a surrogate pair'),
        (b'{"\\udc00": 1}', 'a text holds half of a surrogate pair'),
        (b'[' * (MAX_DEPTH + 1) + b']' * (MAX_DEPTH + 1), 'it is nested too deep'),
        (b'[' * 10**6, 'it is nested too deep'),
        (b'{"a":' * 990 + b'"\\u0041"' + b'}' * 990, 'it is nested too deep'),
    ],
)
def test_loads_refuses(data, message):
    with pytest.raises(JSONError) as caught:
        loads(data)
    assert str(caught.value) == message


def test_loads_as_deep_as_allowed():
    nested = b'[' * MAX_DEPTH + b'1' + b']' * MAX_DEPTH
    assert dumps(loads(nested)) == nested
    flat = b'[' + b'{},' * 1000 + b'[[]]]'
    assert len(loads(flat)) == 1001


def test_loads_whole_surrogate_pairs():
    assert loads(b'"\\ud83d\\ude00"') == '😀'


def test_loads_near_the_end_of_the_stack():
    """What could be read can be written, however deep the caller is."""

    def descend(depth):
        if depth:
            return descend(depth - 1)
        nested = b'{"a":' * MAX_DEPTH + b'"\\u0041"' + b'}' * MAX_DEPTH
        return dumps(loads(nested))

    assert descend(sys.getrecursionlimit() // 2).startswith(b'{"a":{')


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()


@given(st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_round_trip(value):
    assert loads(dumps(value)) == value


@given(st.binary() | st.text(alphabet='[]{}":,\\u0d8e1N').map(str.encode))
def test_any_bytes(data):
    with contextlib.suppress(JSONError):
        dumps(loads(data))


@pytest.fixture
def plainly(monkeypatch):
    """The functions as they are where orjson is not installed."""

    def call(function, value):
        with monkeypatch.context() as without:
            without.setattr('colibris.utils.json.orjson', None)
            return outcome(function, value)

    return call


def outcome(function, value):
    try:
        return repr(function(value))
    except (ValueError, TypeError, RecursionError) as exc:
        return type(exc), str(exc)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.floats(-1e-3, 1e-3)
    | st.text()
    | st.text(st.characters(categories=('Cs', 'Ll')), max_size=3)
    | st.decimals()
    | st.datetimes(timezones=st.none() | st.timezones())
    | st.dates()
    | st.times()
    | st.uuids()
    | st.sampled_from([Color.RED, Level.HIGH, object, SpecialDate(2026, 1, 2)])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner)
        | st.dictionaries(st.text() | st.integers() | st.none() | st.floats(), inner)
        | st.frozensets(st.integers())
    ),
)


@given(VALUES)
@settings(derandomize=True, max_examples=500, database=None, deadline=None, suppress_health_check=list(HealthCheck))
def test_dumps_like_the_standard_library(plainly, value):
    assert outcome(dumps, value) == plainly(dumps, value)


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(derandomize=True, max_examples=1000, database=None, deadline=None, suppress_health_check=list(HealthCheck))
def test_floats_like_the_standard_library(plainly, number):
    text = dumps([number])
    assert repr(text) == plainly(dumps, [number])
    assert outcome(loads, text) == plainly(loads, text)


TOKENS = [b'[', b']', b'{', b'}', b',', b':', b'"a"', b'"\\ud83d\\ude00"', b'"\\ud83d"', b'"\xff"', b'1', b'-', b'0']
TOKENS += [b'1.5', b'e', b'9' * 18, b'9' * 19, b'true', b'null', b'NaN', b' ', b'\n', b'"\t"', b'\xef\xbb\xbf']
TEXTS = VALUES.filter(lambda value: isinstance(outcome(dumps, value), str)).map(dumps)


@given(st.lists(st.sampled_from(TOKENS)).map(b''.join) | st.binary() | TEXTS)
@settings(derandomize=True, max_examples=800, database=None, deadline=None, suppress_health_check=list(HealthCheck))
def test_loads_like_the_standard_library(plainly, data):
    assert outcome(loads, data) == plainly(loads, data)
