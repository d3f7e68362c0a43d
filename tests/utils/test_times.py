"""Times as texts."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colibris.utils import times

WAYS = [times.utc_text, times._utc_text]


@given(st.datetimes(timezones=st.just(UTC)) | st.datetimes())
def test_both_ways_write_the_same(time):
    written = time.replace(tzinfo=None).isoformat() + 'Z'
    assert [way(time) for way in WAYS] == [written, written]


@pytest.mark.parametrize('way', WAYS)
def test_fractions(way):
    assert way(datetime(2026, 1, 2, 3, 4, 5)) == '2026-01-02T03:04:05Z'
    assert way(datetime(1, 1, 1, microsecond=10, tzinfo=UTC)) == '0001-01-01T00:00:00.000010Z'
