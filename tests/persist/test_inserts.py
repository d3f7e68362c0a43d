import uuid
from functools import partial

import peewee
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from colibris import persist

from .comparing import Shelf, Thing, attempt, bindings, compare, compilations, fill, undone
from .generated import rows


class ByUuid(persist.Model):
    id = persist.UUIDField(primary_key=True, default=lambda: uuid.UUID(int=9))
    name = persist.CharField(default='new')


class ByName(persist.Model):
    name = persist.CharField(primary_key=True)
    number = persist.IntegerField(null=True)


class ByShelf(persist.Model):
    shelf = persist.ForeignKeyField(Shelf, primary_key=True)
    number = persist.IntegerField(null=True)


class ByPair(persist.Model):
    one = persist.IntegerField()
    two = persist.CharField()

    class Meta:
        primary_key = persist.CompositeKey('one', 'two')


class Keyless(persist.Model):
    one = persist.IntegerField()

    class Meta:
        primary_key = False


class Careful(persist.Model):
    name = persist.CharField(null=True)
    number = persist.IntegerField(null=True, default=4)

    class Meta:
        only_save_dirty = True


class Strict(persist.Model):
    name = persist.CharField(unique=True)
    number = persist.IntegerField()


class Nothing(persist.Model):
    pass


KINDS = [ByUuid, ByName, ByShelf, ByPair, Keyless, Careful, Strict, Nothing]


@pytest.fixture
def filled(database):
    fill(database)
    database.create_tables(KINDS)
    return database


def test_generated_rows(filled):
    bound = []

    @settings(derandomize=True, max_examples=200, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(rows, st.booleans())
    def generated(values, is_forced):
        def work(which):
            thing = Thing(**values[which])
            saved = attempt(lambda: thing.save(force_insert=is_forced))
            stored = list(Thing.select().where(Thing.id == 14).tuples())
            return saved, thing, thing.is_dirty(), stored

        bound.append(compare(filled, undone(filled, work)))

    generated()
    assert sum(number > 1 for number in bound) > 80


def test_rows_with_the_same_fields_have_their_sql_written_once(filled):
    with compilations() as compiled:
        ByName(name='a').save(force_insert=True)
    assert len(compiled) == 1
    with compilations() as compiled, bindings() as bound:
        Shelf.create(name='x')
        Shelf.create(name='y')
        assert Shelf(name='z').save() == 1
        Shelf.insert(name='w').execute()
    assert (len(compiled), len(bound)) == (0, 4)
    assert [shelf.name for shelf in Shelf.select().where(Shelf.id > 4)] == ['x', 'y', 'z', 'w']


MAKES = {
    'nothing given': lambda which: Thing(),
    'an instance': lambda which: Thing(shelf=Shelf.get_by_id(1 + which)),
    'an instance of another model': lambda which: Thing(shelf=Thing(id=1)),
    'an id': lambda which: Thing(shelf_id=1 + which),
    'an id as text': lambda which: Thing(shelf=str(1 + which)),
    'a key': lambda which: Thing(id=50 + which),
    'a key as text': lambda which: Thing(id=str(50 + which)),
    'a key that is taken': lambda which: Thing(id=1 + which),
    'no defaults': lambda which: Thing(__no_default__=True, name=str(which)),
    'sql': lambda which: Thing(name=peewee.fn.UPPER('abc'), number=peewee.Value(which) + 1),
    'sql of the field': lambda which: Thing(lowered=f'ABC{which}'),
    'json text': lambda which: Thing(data='text'),
    'json': lambda which: Thing(data={'a': which}),
    'a refused value': lambda which: Thing(note='refused'),
    'a class': lambda which: Thing(name=str),
    'an unknown name': lambda which: Thing(unknown=which),
    'uuid': lambda which: ByUuid(),
    'another uuid': lambda which: ByUuid(id=uuid.UUID(int=which).hex),
    'name': lambda which: ByName(name=f'a{which}'),
    'no name': lambda which: ByName(number=which),
    'number as name': lambda which: ByName(name=which),
    'shelf': lambda which: ByShelf(shelf=Shelf.get_by_id(1 + which), number=1),
    'shelf id': lambda which: ByShelf(shelf_id=1 + which),
    'new shelf': lambda which: ByShelf(shelf=Shelf(name='new')),
    'pair': lambda which: ByPair(one=which, two='a'),
    'half a pair': lambda which: ByPair(one=which),
    'keyless': lambda which: Keyless(one=which),
    'careful': lambda which: Careful(name=f'a{which}'),
    'careful without anything': lambda which: Careful(__no_default__=True),
    'strict': lambda which: Strict(name='a', number=which),
    'strict without number': lambda which: Strict(name='a'),
    'nothing at all': lambda which: Nothing(),
}
SAVES = {
    'save': lambda row: row.save(),
    'forced': lambda row: row.save(force_insert=True),
    'only': lambda row: row.save(only=[row._meta.sorted_fields[-1]]),
    'only nothing': lambda row: row.save(only=[]),
    'forced only': lambda row: row.save(True, [row._meta.sorted_fields[0].name]),
    'twice': lambda row: [row.save(), row.is_dirty(), row.save()],
    'twice forced': lambda row: [row.save(force_insert=True), row.save(force_insert=True)],
    'related later': lambda row: [[other.save() for other in row.__rel__.values()], row.save()],
    'create': lambda row: type(row).create(**row.__data__),
    'insert': lambda row: type(row).insert(**row.__data__).execute(),
    'replace': lambda row: type(row).replace(**row.__data__).execute(),
    'bulk': lambda row: type(row).bulk_create([row]),
}


@pytest.mark.parametrize('save', SAVES.values(), ids=SAVES)
def test_ways_to_save(filled, save):
    def work(which, make):
        row = make(which)
        done = attempt(lambda: save(row))
        stored = [list(model.select().tuples()) for model in (type(row), Shelf)]
        return done, row, row.is_dirty(), row.dirty_field_names, stored

    for make in MAKES.values():
        compare(filled, undone(filled, partial(work, make=make)))


def test_models_that_insert_otherwise(filled):
    class Noting(Shelf):
        @classmethod
        def insert(cls, *args, **values):
            return super().insert(*args, **{**values, 'name': values['name'].upper()})

        class Meta:
            table_name = 'compared_shelf'

    for name in ('a', 'b'):
        assert Shelf.get_by_id(Noting.create(name=name).id).name == name.upper()
