import gc

import pytest
from peewee import SQL, Value, fn

from colibris import persist
from colibris.persist import shapes

from .comparing import MODELS, Shelf, Thing, bindings, compare, compilations, fill, general


@pytest.fixture
def filled(database):
    fill(database)
    return database


def names(query):
    return [thing.name for thing in query]


def test_queries_of_the_same_shape_have_their_sql_written_once(filled):
    with compilations() as made, bindings() as bound:
        found = [names(Thing.select().where(Thing.number == number).order_by(Thing.id)) for number in range(3)]
    assert found == [['n_0%', 'n_1%'], ['n_1%', 'n_2%'], ['n_2%', 'n_3%']]
    assert (len(made), len(bound)) == (1, 3)


def test_values_are_converted_each_time(filled):
    assert [thing.note for thing in Thing.select().where(Thing.note == 'abc').limit(1)] == ['abc']
    assert not list(Thing.select().where(Thing.note == 'cba').limit(1))


def test_a_value_that_its_field_refuses(filled):
    assert not Thing.select().where(Thing.note == 'fine').count()
    with pytest.raises(ValueError, match=r'^it is refused$'):
        Thing.select().where(Thing.note == 'refused').count()
    assert not Thing.select().where(Thing.note == 'fine').count()


@pytest.mark.parametrize(
    'make',
    [
        lambda: Thing.select().where(Thing.lowered == 'X'),
        lambda: Thing.select().where(Thing.id.in_({1, 2})),
        lambda: Thing.select().where(Thing.id.in_([1, None])),
        lambda: Thing.select().where(Thing.name.coerce(False) == 5),
        lambda: Thing.select().where(Thing.shelf == Shelf(id=1)),
        lambda: Thing.select().where(SQL('number = ?', [1])),
        lambda: Thing.select().where(~(Thing.id == 1)),
        lambda: Thing.select().where(Thing.data['a'][0] == 1),
        lambda: Thing.select().where(fn.LOWER(Thing.name).filter(Thing.id > 1) == 'x'),
        lambda: Thing.select(fn.COUNT(Thing.id).filter(Thing.id > 1)),
        lambda: Thing.select().where(Thing.name == Value('a', converter=str.upper)),
        lambda: Thing.select().where(Thing.name << str),
        lambda: Thing.select().where(Thing.number == type('Whole', (int,), {})(1)),
        lambda: Thing.select().join(Shelf),
        lambda: Thing.select().group_by(Thing.id),
        lambda: Thing.select().distinct(),
        lambda: Thing.select().from_(Thing, Shelf),
        lambda: Thing.select().from_(Thing.alias()),
        lambda: Thing.select() | Thing.select(),
        lambda: Thing.select().with_cte(Shelf.select().cte('shelves')),
        lambda: Thing.update(number=1),
        lambda: Thing.delete(),
        lambda: Thing.insert_many([{'name': 'a'}]),
        lambda: Thing.insert(name='a').on_conflict_ignore(),
        lambda: Thing.insert(name='a'),
        lambda: Thing.insert(number=1, is_new=True, name=fn.LOWER('A')),
        lambda: Thing.raw('SELECT 1'),
        lambda: Thing.noop(),
        lambda: None,
    ],
)
def test_what_has_no_shape(filled, make):
    assert filled.shapes.sql(make()) is None


@pytest.mark.parametrize('length', [0, 1, 5, 150, 300, 900])
def test_lists(filled, length):
    with bindings() as bound:
        for _ in range(2):
            assert Thing.select().where(Thing.id.in_(list(range(length)))).count() == max(0, min(length - 1, 13))
    assert len(bound) == (0 if length > shapes.MAX_SIZE else 2)


def test_long_conditions_have_no_shape(filled):
    condition = Thing.id == 0
    for number in range(1, 60):
        condition |= Thing.id == number
    with bindings() as bound:
        assert Thing.select().where(condition).count() == 13
    assert not bound


def test_shapes_are_forgotten_when_there_are_too_many(filled, monkeypatch):
    monkeypatch.setattr(shapes, 'MAX_SHAPES', 20)
    for length in range(1, 100):
        assert Thing.select().where(Thing.id << list(range(length))).count() == min(length - 1, 13)
        assert len(filled.shapes._compiled) <= 20
    for model in MODELS:
        for field in model._meta.sorted_fields:
            model.get_or_none(field == 'x')
    for number in range(50):
        order = ['name', 'number', 'title', 'code', 'size']
        order = order[number % 5 :] + order[: number % 5]
        Thing(**dict.fromkeys(order[: 1 + number // 10])).save()
    assert len(filled.lookups._lookups._plans) <= 20
    assert len(filled.inserts._inserts) <= 20


def test_a_table_that_gets_another_name(filled):
    def work(which):
        return [Shelf.select().where(Shelf.id == 1 + which).count(), Shelf.get_or_none(Shelf.name == 'root')]

    assert compare(filled, work) == 2
    filled.execute_sql('CREATE TABLE renamed AS SELECT id, name, parent_id FROM compared_shelf WHERE id = 2')
    Shelf._meta.set_table_name('renamed')
    try:
        assert work(0) == [0, None]
        assert compare(filled, work) == 2
        with filled.atomic() as transaction:
            assert Shelf(name='inserted').save() == 1
            assert Shelf.select().count() == 2
            transaction.rollback()
    finally:
        Shelf._meta.set_table_name('compared_shelf')
    assert work(0)[0] == 1


def test_a_schema_that_is_set_later(filled):
    assert Shelf.select().count() == 4
    Shelf._meta.schema = 'temp'
    try:
        with pytest.raises(persist.OperationalError, match='no such table'):
            Shelf.select().count()
        with pytest.raises(persist.OperationalError, match='no such table'):
            Shelf.get(Shelf.id == 1)
    finally:
        Shelf._meta.schema = None
    assert Shelf.select().count() == 4


def make_model(number):
    class Again(persist.Model):
        name = persist.CharField(column_name='name' if number % 2 else 'id')

        class Meta:
            table_name = 'compared_shelf'
            primary_key = False

    return Again


def test_models_that_are_made_again_under_the_same_name(filled):
    for number in range(6):
        model = make_model(number)
        expected = ['root'] if number % 2 else ['1']
        assert [row.name for row in model.select().limit(1)] == expected
        assert [row.name for row in model.select().where(model.name == expected[0])] == expected
        assert model.get(model.name == expected[0]).name == expected[0]
        del model
        gc.collect()


def test_databases_do_not_share_shapes(filled, make_database):
    assert Shelf.select().count() == 4
    with general(filled):
        sql = Shelf.select().sql()
    assert filled.shapes.sql(Shelf.select()) == (sql[0], sql[1])
    assert type(filled)(filled.database).shapes._compiled == {}


def test_sql_that_counts(filled):
    def work(which):
        query = Thing.select(Thing.name).where(Thing.number > which).order_by(Thing.name)
        return [query.count(), query.limit(3 + which).count(), query.offset(2).count(), Thing.select().count()]

    assert compare(filled, work) == 3


NEIGHBOURS = [
    *[Thing.select().where(condition) for condition in (Thing.id == 2, Thing.id != 2, Thing.id > 2, Thing.number == 2)],
    *[Thing.select().where(condition) for condition in (Thing.name.is_null(), Thing.id << [2], Thing.id << [2, 3])],
    *[Thing.select().order_by(order) for order in (Thing.name, Thing.name.asc(), Thing.name.desc(), Thing.number)],
    *[Thing.select().order_by(Thing.name.desc(nulls=nulls)) for nulls in ('first', 'last')],
    *[Thing.select().where(call == 2) for call in (fn.ABS(Thing.id), fn.MAX(Thing.id, 2), fn.MIN(Thing.id, 2))],
    *[Thing.select(column) for column in (Thing.id, Thing.name, SQL('1'), SQL('2'), fn.COALESCE(Thing.name, 2))],
    *[Thing.select(), Thing.select().limit(2), Thing.select().limit(2).offset(2), Shelf.select()],
    *[Thing.select().where(Thing.id << Shelf.select(column)) for column in (Shelf.id, Shelf.parent)],
]


def test_queries_that_nearly_look_alike(filled):
    assert compare(filled, lambda which: [list(query.clone().dicts()) for query in NEIGHBOURS]) > 20
