"""The cached ways against Peewee's general way, on database servers."""

import pytest
from hypothesis import HealthCheck, given, settings

from ..comparing import MODELS, Shelf, Thing, attempt, compare, fill, undone
from ..generated import ask, queries, rows

FEW = settings(derandomize=True, max_examples=50, database=None, deadline=None, suppress_health_check=list(HealthCheck))
pytestmark = pytest.mark.parametrize('engine', ['postgresql', 'mysql'])


@pytest.fixture
def filled(database):
    database.drop_tables(MODELS)
    fill(database)
    yield database
    database.drop_tables(MODELS)
    database.close()


def test_generated_queries(filled, run):
    bound = []

    @FEW
    @given(queries)
    def generated(recipe):
        bound.append(compare(filled, lambda which: ask(recipe, which)))

    run(generated)
    assert sum(number > 0 for number in bound) > 20


def test_generated_rows(filled, run):
    bound = []

    @FEW
    @given(rows)
    def generated(values):
        def work(which):
            thing = Thing(**values[which])
            saved = attempt(thing.save)
            stored = Thing.select().order_by(Thing.id.desc()).dicts().limit(1)[0] if saved == (int, 1) else {}
            ids = type(thing.id), thing.id == stored.pop('id', thing.id)
            thing.__data__.pop('id', None)
            return saved, ids, thing, thing.is_dirty(), stored

        bound.append(compare(filled, undone(filled, work)))

    run(generated)
    assert sum(number > 0 for number in bound) > 20


def test_rows_of_keys_that_the_database_makes(filled, run):
    def work():
        shelf = Shelf.create(name='new')
        assert (shelf.id, shelf.is_dirty()) == (5, False)
        assert Shelf.create(name='newer', id='70').id == 70
        assert [Shelf.get(Shelf.id == key).name for key in (5, 70)] == ['new', 'newer']

    run(work)


def test_a_row_that_the_database_swallows(filled, run, engine):
    if engine == 'mysql':
        return  # it has no triggers that do
    filled.execute_sql("CREATE FUNCTION swallow() RETURNS trigger AS 'BEGIN RETURN NULL; END' LANGUAGE plpgsql")
    filled.execute_sql('CREATE TRIGGER t BEFORE INSERT ON compared_shelf FOR EACH ROW EXECUTE FUNCTION swallow()')

    def work():
        shelf = Shelf(name='swallowed')
        assert (shelf.save(), shelf.id, Shelf.select().count()) == (1, None, 4)

    try:
        run(work)
    finally:
        filled.execute_sql('DROP FUNCTION swallow() CASCADE')
