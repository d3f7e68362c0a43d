"""Rows that become instances as soon as somebody looks at one."""

import pytest

from colibris.persist.instances import Instances
from colibris.persist.queries import instances_of

from .comparing import Shelf, Thing, fill


@pytest.fixture
def filled(database):
    fill(database)
    return database


def find():
    return instances_of(Thing.select().order_by(Thing.id))


def test_nothing_is_made_before_somebody_looks(filled):
    found = find()
    assert isinstance(found, Instances)
    assert len(found) == len(found.records) == Thing.select().count()
    assert len(found[1:3]) == 2
    assert found[1:3].records == found.records[1:3]
    assert bool(found)


def test_instances(filled):
    expected = list(Thing.select().order_by(Thing.id))
    found = find()
    assert list(found) == expected
    assert [thing.__data__ for thing in found] == [thing.__data__ for thing in expected]
    assert found[0] is next(iter(found))
    assert (found[-1], found[1:3], expected[1] in found) == (expected[-1], expected[1:3], True)
    assert repr(found) == repr(expected)
    assert len(found) == len(expected)


def test_who_has_seen_an_instance_may_have_changed_it(filled):
    found = find()
    found[0].name = 'changed'
    assert found.records is None
    assert found[0].name == 'changed'


def test_none(filled):
    found = instances_of(Thing.select().where(Thing.id == -1))
    assert not found
    assert list(found) == []


@pytest.mark.parametrize(
    'make',
    [
        lambda: Thing.select(Thing.name),
        lambda: Thing.select().dicts(),
        lambda: Thing.select().tuples(),
        lambda: Thing.select(Thing, Shelf).join(Shelf),
    ],
)
def test_other_queries(filled, make):
    found = instances_of(make().order_by(Thing.id))
    assert isinstance(found, list)
    assert list(map(repr, found)) == list(map(repr, make().order_by(Thing.id)))
