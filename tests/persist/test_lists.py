"""Queries that are the same for many requests: the cached ways against Peewee's general way."""

import peewee
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from colibris.persist.queries import SharedSelect, slice_of

from .comparing import Shelf, Thing, compare, fill
from .generated import FIELDS

orders = st.lists(st.sampled_from(FIELDS).flatmap(lambda field: st.sampled_from([field, field.desc()])), max_size=3)


@pytest.fixture
def filled(database):
    fill(database)
    return database


def whole(query, limit, offset):
    """All that a page shows."""
    return query.count(), list(slice_of(query, limit, offset))


def test_generated_lists(filled):
    found = []

    @settings(derandomize=True, max_examples=150, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(orders, st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15)), min_size=2, max_size=2))
    def generated(order, slices):
        query = Thing.select().order_by(*order, Thing.id)
        found.append(compare(filled, lambda which: whole(SharedSelect.copy_of(query), *slices[which])))

    generated()
    assert min(found) >= 2


@pytest.mark.parametrize(
    ('query', 'expected'),
    [
        (Thing.select(), True),
        (Thing.select().order_by(Thing.name.desc(nulls='last'), Thing.id), True),
        (Thing.select().where(Thing.number.is_null()), True),
        (Shelf.select().order_by(Shelf.name), True),
        (Thing.select().where(Thing.number == 1), False),
        (Thing.select().order_by(peewee.fn.COALESCE(Thing.number, 0), Thing.id), False),
        (Thing.select(Thing.name), False),
        (Thing.select().distinct(), False),
        (Thing.select().dicts(), False),
        (Thing.select().tuples(), False),
        (Thing.select().join(Shelf), False),
        (Thing.select().limit(3), False),
        (Thing.alias().select(), False),
    ],
)
def test_lists(filled, query, expected):
    compare(filled, lambda which: whole(SharedSelect.copy_of(query), 4, which))
    assert (filled.lists.count(query) is not None, filled.lists.rows(query, 4, 1) is not None) == (expected, expected)


@pytest.mark.parametrize(
    'change',
    [
        lambda query: query.where(Thing.number == 1),
        lambda query: query.order_by(Thing.name, Thing.id),
        lambda query: query.limit(2),
        lambda query: query.join(Shelf).where(Shelf.name == 'root'),
        lambda query: query.select(Thing.name),
        lambda query: query.clone(),
        lambda query: query.paginate(2, 3),
    ],
)
def test_a_changed_copy_is_another_query(filled, change):
    source = Thing.select().order_by(Thing.id)
    compare(filled, lambda which: whole(change(SharedSelect.copy_of(source)), 5, which))
    compare(filled, lambda which: list(change(SharedSelect.copy_of(source))))
    compare(filled, lambda which: whole(SharedSelect.copy_of(source), 5, which))


def test_a_copy_is_a_query_like_others(filled):
    source = Thing.select().order_by(Thing.id)
    for use in (list, len, lambda query: query[2], lambda query: query.first(), lambda query: query.get().name):
        compare(filled, lambda which, use=use: use(SharedSelect.copy_of(source)))
    query = SharedSelect.copy_of(source)
    assert [thing.id for thing in query] == [thing.id for thing in query]
    assert query.count(filled, clear_limit=True) == 13
    assert Thing.select().where(Thing.id.in_(query.select(Thing.id))).count() == 13


def test_each_copy_sees_the_rows_of_its_time(filled):
    source = Thing.select().order_by(Thing.id)
    assert whole(SharedSelect.copy_of(source), 50, 0)[0] == 13
    Thing.delete().where(Thing.id > 2).execute()
    count, rows = whole(SharedSelect.copy_of(source), 50, 0)
    assert (count, [row.id for row in rows]) == (2, [1, 2])


def test_a_model_that_changes(filled):
    source = Thing.select()
    whole(SharedSelect.copy_of(source), 3, 0)
    Thing._meta.set_table_name('compared_shelf')
    try:
        with pytest.raises(peewee.OperationalError, match='no such column'):
            whole(SharedSelect.copy_of(source), 3, 0)
    finally:
        Thing._meta.set_table_name('compared_thing')
    assert whole(SharedSelect.copy_of(source), 3, 0)[0] == 13


def test_a_database_that_is_not_one_of_colibris(filled, tmp_path):
    other = peewee.SqliteDatabase(tmp_path / 'other.db')
    with other.bind_ctx([Thing, Shelf]):
        fill(other)
        Thing.delete().where(Thing.id > 2).execute()
        assert whole(SharedSelect.copy_of(Thing.select()), 9, 0)[0] == 2
    other.close()
    assert whole(SharedSelect.copy_of(Thing.select()), 9, 0)[0] == 13
