"""Selecting rows: the cached ways against Peewee's general way."""

import concurrent.futures

import peewee
import pytest
from hypothesis import HealthCheck, given, settings
from peewee import fn

from colibris import persist

from .comparing import Shelf, Thing, bindings, compare, fill, outcome
from .generated import ask, queries

EXAMPLES = 800


@pytest.fixture
def filled(database):
    fill(database)
    return database


def test_generated_queries(filled):
    bound = []

    @settings(
        derandomize=True,
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(queries)
    def generated(recipe):
        bound.append(compare(filled, lambda which: ask(recipe, which)))

    generated()
    assert sum(number > 0 for number in bound) > EXAMPLES / 2


@pytest.mark.parametrize(
    'make',
    [
        lambda: Thing.select(Thing.name).distinct(),
        lambda: Thing.select(Thing.name).distinct(True),
        lambda: Thing.select(Thing.name).distinct().distinct(False),
        lambda: Thing.select().distinct(),
        lambda: Thing.select().columns(Thing.name),
        lambda: Thing.select().columns(*reversed(Thing._meta.sorted_fields)),
        lambda: Thing.select().select_extend(Thing.number.alias('other')),
        lambda: Thing.select().group_by(Thing.id),
        lambda: Thing.select().join(Shelf),
        lambda: Thing.select().from_(Thing.select().alias('t1')),
        lambda: Thing.select().alias('renamed'),
        lambda: Thing.select().order_by(Thing.id.desc(nulls='last')),
        lambda: Thing.select().order_by(Thing.name.collate('NOCASE')),
        lambda: Thing.alias('other').select(),
        lambda: Thing.noop(),
    ],
)
@pytest.mark.parametrize('is_first', [True, False])
def test_neighbours_of_the_plain_query_keep_their_own_sql(filled, make, is_first):
    def work(which):
        plain, other = (lambda: list(Thing.select()), lambda: list(make()))
        return (other(), plain()) if is_first else (plain(), other())

    compare(filled, work)


@pytest.mark.parametrize('default', [-1, 5])
def test_a_count_has_no_values_of_the_columns(filled, default):
    def work(which):
        value = (default, 3)[which]
        return Thing.select(fn.COALESCE(Thing.number, value)).offset(which + 1).count()

    compare(filled, work)


def test_fixed_chars_are_stripped(filled):
    filled.execute_sql("UPDATE compared_thing SET code = 'ab   '")
    compare(filled, lambda which: [list(Thing.select()), Thing.get(Thing.id == which + 1)])


def test_values_that_converters_refuse(filled):
    filled.execute_sql("UPDATE compared_thing SET key = 'no key', day = 'no day', price = 'no price', data = '{'")
    compare(filled, lambda which: list(Thing.select()))
    compare(filled, lambda which: Thing.get(Thing.id == 1 + which))


def test_rows_made_by_the_model_itself(filled):
    class Base(persist.Model):
        name = persist.CharField()

        class Meta:
            table_name = 'compared_shelf'

    class WithInit(Base):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.mark = 'init'

        class Meta:
            table_name = 'compared_shelf'

    class WithNew(Base):
        def __new__(cls, *args, **kwargs):
            made = super().__new__(cls)
            made.mark = sorted(kwargs)
            return made

        class Meta:
            table_name = 'compared_shelf'

    class WithSetting(Base):
        def __setattr__(self, name, value):
            super().__setattr__(name, value.upper() if name == 'name' else value)

        class Meta:
            table_name = 'compared_shelf'

    class WithProperty(Base):
        class Meta:
            table_name = 'compared_shelf'

    WithProperty.name = property(lambda self: 'mine', lambda self, value: None)

    def work(which):
        return [[model.get(model.id == 1 + which), *model.select()] for model in models]

    models = [Base, WithInit, WithNew, WithSetting, WithProperty]
    compare(filled, work)


def test_fields_that_are_added_and_removed(filled):
    class Growing(persist.Model):
        name = persist.CharField()

        class Meta:
            table_name = 'compared_shelf'

    def work(which):
        return [list(Growing.select()), Growing.get(Growing.id == which + 1)]

    assert compare(filled, work)
    query = Growing.select()
    Growing._meta.add_field('parent', persist.IntegerField(null=True, column_name='parent_id'))
    assert compare(filled, work)
    assert [row.name for row in query] == ['root', 'shelf 0', 'shelf 1', 'shelf 2']
    Growing._meta.remove_field('name')
    assert compare(filled, work)


def test_rows_of_an_answer_that_is_read_step_by_step(filled):
    query = Thing.select().order_by(Thing.id)
    rows = query.iterator()
    assert [next(rows).id, next(rows).id] == [1, 2]
    assert [thing.id for thing in rows] == list(range(3, 14))


def test_prefetched_rows(filled):
    def work(which):
        shelves = Shelf.select().where(Shelf.id > which + 1).prefetch(Thing.select().where(Thing.number > which))
        return [(shelf.name, [(thing.name, thing.shelf.name) for thing in shelf.things]) for shelf in shelves]

    assert compare(filled, work) == 2


def test_threads_ask_at_the_same_time_while_shapes_are_forgotten(filled, monkeypatch):
    monkeypatch.setattr('colibris.persist.shapes.MAX_SHAPES', 2)

    def ask_many(number):
        for turn in range(60):
            field = Thing._meta.sorted_fields[turn % 5]
            assert len(Thing.select(field).where(Thing.id == 1 + number)) == 1
            assert Thing.get(Thing.id == 1 + number).id == 1 + number
        filled.close()

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(ask_many, range(8)))


def test_other_databases_are_left_to_peewee(filled, tmp_path):
    other = peewee.SqliteDatabase(tmp_path / 'other.db')
    with other.bind_ctx([Thing, Shelf]):
        fill(other)
        with bindings() as bound:
            assert outcome(other, lambda: [Thing.get(Thing.id == 1).name, Thing.select().count()])[0][1]
        assert not bound
    other.close()
