import contextlib
from unittest import mock

import peewee
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from colibris import persist
from colibris.persist.repetition import StatementCounter, watch

from .comparing import Shelf, Thing, bindings, compare, compilations, fill, outcome
from .generated import FIELDS, VALUES, wrong


@pytest.fixture
def filled(database):
    fill(database)
    return database


def is_looked_up(model, *conditions, **filters):
    """Whether ``get`` finds the row without making a query."""
    with contextlib.suppress(peewee.PeeweeException):
        model.get_or_none(*conditions, **filters)
    without_queries = mock.patch.object(peewee.Select, 'clone', side_effect=ArithmeticError)
    with bindings() as bound, without_queries, contextlib.suppress(ArithmeticError, peewee.PeeweeException):
        model.get_or_none(*conditions, **filters)
    return len(bound) == 1


def test_generated_lookups(filled):
    looked_up = []

    @settings(derandomize=True, max_examples=250, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(FIELDS).flatmap(lambda field: st.tuples(st.just(field), *[VALUES[field] | wrong] * 2)))
    def generated(drawn):
        field, *values = drawn
        looked_up.append(compare(filled, lambda which: Thing.get(field == values[which])))

    generated()
    assert sum(looked_up) > 180


@pytest.mark.parametrize('field', [field for field in FIELDS if field is not Thing.lowered])
def test_every_field_is_looked_up_once_it_is_known(filled, field):
    Thing.get_or_none(field == 1)
    with compilations() as compiled, bindings() as bound:
        Thing.get_or_none(field == 2)
        Thing.get_or_none(field == 3)
    assert (len(compiled), len(bound)) == (0, 2)


@pytest.mark.parametrize(
    ('conditions', 'expected'),
    [
        ((Thing.id == 1,), True),
        ((Thing.shelf == 1,), True),
        ((Thing.shelf_id == 1,), True),
        ((Thing.title == 'b\\c',), True),
        ((1,), False),
        ((), False),
        ((Thing.id.is_null(),), False),
        ((Thing.id != 1,), False),
        ((Thing.id == 1, Thing.number == 0), False),
        (((Thing.id == 1) & (Thing.number == 0),), False),
        ((Thing.id == Thing.number,), False),
        ((Thing.id == Shelf(id=1),), False),
        ((Thing.shelf == Shelf(id=1),), False),
        ((Thing.id == [1, 2],), False),
        ((Thing.name.coerce(False) == 'n_1%',), False),
        ((Thing.lowered == 'X',), False),
        ((Thing.data == {'a': [1]},), False),
        ((peewee.fn.LOWER(Thing.name) == 'n_1%',), False),
        ((peewee.SQL('number') == 1,), False),
        ((peewee.Expression(5, peewee.OP.EQ, Thing.number),), False),
        ((Shelf.name == 'root',), False),
        ((Thing.alias().number == 1,), False),
        ((True,), False),
    ],
)
def test_conditions(filled, conditions, expected):
    compare(filled, lambda which: Thing.get(*conditions))
    compare(filled, lambda which: Thing.get_or_none(*conditions))
    assert is_looked_up(Thing, *conditions) == expected


def test_other_ways_to_get_a_row(filled):
    ways = [
        lambda number: Thing.get_by_id(number),
        lambda number: Thing[number],
        lambda number: Thing.get(number),
        lambda number: Thing.get(id=number),
        lambda number: Thing.get(Thing.id > 0, id=number),
        lambda number: Thing.get_or_create(id=number)[0],
        lambda number: Thing.get_by_id(number).shelf.parent,
        lambda number: Thing.get_by_id(str(number)).shelf.things.count(),
        lambda number: Shelf.get_by_id(1 + number).children[0].parent,
    ]
    for way in ways:
        compare(filled, lambda which, way=way: way(1 + which))


class Caseless(persist.CharField):
    """Compares in a way of its own."""

    def __eq__(self, other):
        return peewee.fn.LOWER(self) == other.lower()

    __hash__ = persist.CharField.__hash__


def test_a_field_that_compares_in_its_own_way(database):
    class Member(persist.Model):
        name = Caseless()

    database.create_tables([Member])
    Member.create(name='ada')
    assert Member.get(Member.name == 'ADA').name == 'ada'
    assert Member.get(name='ADA').name == 'ada'


def test_a_row_that_is_not_there(filled):
    for number in (77, 78):
        with pytest.raises(Thing.DoesNotExist, match=f'^there is no Thing with id = {number}$'):
            Thing.get(Thing.id == number)
        assert Thing.get_or_none(Thing.id == number) is None
    compare(filled, lambda which: Thing(shelf=77 + which).shelf)


def test_a_value_that_its_field_refuses(filled):
    for _ in range(2):
        with pytest.raises(ValueError, match=r'^it is refused$'):
            Thing.get(Thing.note == 'refused')


def test_the_first_of_several_rows(filled):
    compare(filled, lambda which: Thing.get(Thing.number == which))


def test_models_that_select_otherwise(filled):
    limits = [2]

    class Some(Shelf):
        @classmethod
        def select(cls, *fields):
            return super().select(*fields).where(cls.id < limits[0])

        class Meta:
            table_name = 'compared_shelf'

    assert Some.get(Some.id == 1).name == 'root'
    assert Some.get_or_none(Some.id == 3) is None
    limits[0] = 4
    assert Some.get(Some.id == 3).name == 'shelf 1'
    assert not is_looked_up(Some, Some.id == 3)


def test_models_with_another_key(filled):
    class Pair(persist.Model):
        one = persist.IntegerField()
        two = persist.CharField()

        class Meta:
            primary_key = persist.CompositeKey('one', 'two')
            table_name = 'compared_pair'

    class Keyless(persist.Model):
        one = persist.IntegerField()

        class Meta:
            primary_key = False
            table_name = 'compared_pair'

    filled.create_tables([Pair])
    Pair.create(one=1, two='a')
    Pair.create(one=2, two='b')
    keys = [(1, 'a'), (2, 'b')]
    compare(filled, lambda which: Pair.get_by_id(keys[which]))
    assert compare(filled, lambda which: Pair.get(Pair.one == which + 1)) == 1
    assert compare(filled, lambda which: Keyless.get(Keyless.one == which + 1)) == 1


def test_a_database_that_is_not_one_of_colibris(filled, tmp_path):
    other = peewee.SqliteDatabase(tmp_path / 'other.db')
    with other.bind_ctx([Thing, Shelf]):
        fill(other)
        Thing.update(name='other').execute()
        assert outcome(other, lambda: Thing.get(Thing.id == 1).name)[0] == (str, 'other')
    other.close()
    assert Thing.get(Thing.id == 1).name == 'n_0%'


def test_repeated_lookups_are_told_by_their_field(filled):
    watch(filled)
    with StatementCounter(3) as counter:
        for number in range(1, 6):
            Thing.get(Thing.id == number)
        for thing in Thing.select():
            assert thing.shelf is None or thing.shelf.name
    assert [repetition.origin for repetition in counter.repetitions()] == ['Thing.shelf', 'Thing.id']
