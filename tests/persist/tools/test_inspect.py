import sys
import types

import pytest

from colibris import persist
from colibris.persist.migrations.models import state_of
from colibris.persist.tools import ToolError, inspect_database

from .conftest import make_structure
from .models import MODELS


@pytest.fixture
def load_source():
    """Import the source of a module, and give its models by table."""
    before = set(sys.modules)

    def load(source, name='inspected'):
        module = types.ModuleType(name)
        sys.modules[name] = module
        exec(compile(source, name, 'exec'), vars(module))
        models = [value for value in vars(module).values() if isinstance(value, type)]
        return {model._meta.table_name: model for model in models if issubclass(model, persist.Model)}

    yield load
    for name in set(sys.modules) - before:
        if name.startswith('inspected'):
            del sys.modules[name]


@pytest.fixture
def make_schema(database, tmp_path):
    """Put the tables of other models into the database, in place of those that are there."""

    def make(models):
        database.drop()
        database.create()
        if models:
            make_structure(database, tmp_path, models)

    return make


def test_every_table_is_described(database, load_source):
    models = load_source(inspect_database(database))
    assert models.keys() == {model._meta.table_name for model in MODELS}
    for model in MODELS:
        found = models[model._meta.table_name]
        assert set(found._meta.columns) == set(model._meta.columns)
        for column, field in model._meta.columns.items():
            assert found._meta.columns[column].null == field.null, (model, column)
        assert found._meta.composite_key == model._meta.composite_key


def test_the_models_can_be_used(database, load_source):
    models = load_source(inspect_database(database))
    person, thing, membership = models['person'], models['thing'], models['membership']
    with database.bind_ctx(list(models.values())):
        ada = person.create(name='Ada', made='2020-01-01')
        bob = person.create(name='Bob', made='2020-01-01', boss=ada)
        team = models['team'].create(lead=ada, size=3)
        person.update(team=team).execute()
        made = thing.create(owned_by=bob)
        membership.create(person=ada, thing=made, rank=1)
        models['everything'].create(json={'a': [1]}, boolean=True, blob=b'\0')
        assert thing.get().owned_by.boss.team.lead.name == 'Ada'
        found = models['everything'].get()
        assert bool(found.boolean) is True
        assert bytes(found.blob) == b'\0'
        with pytest.raises(persist.IntegrityError), database.atomic():
            person.create(name='Ada', made='2020-01-01')


def test_the_models_make_the_same_tables_again(make_schema, database, load_source, tmp_path):
    """What was inspected, made anew, and inspected again, is the same."""
    source = inspect_database(database)
    models = load_source(source)
    make_schema(list(models.values()))
    assert sorted(inspect_database(database).splitlines()) == sorted(source.splitlines())
    again = load_source(inspect_database(database), 'inspected_again')
    assert state_of(models.values()).same_as(state_of(again.values()))


def test_names_that_python_or_peewee_have_taken(make_schema, database, load_source):
    class Odd(persist.Model):
        class_ = persist.IntegerField(column_name='class')
        save_ = persist.IntegerField(column_name='save')
        first = persist.IntegerField(column_name='1st thing')
        camel = persist.IntegerField(column_name='camelCase')

        class Meta:
            table_name = 'odd table'
            indexes = ((('first', 'camel'), True), (('save_', 'camel'), False))

    make_schema([Odd])
    (model,) = load_source(inspect_database(database)).values()
    with database.bind_ctx([model]):
        model.create(**{name: 1 for name in model._meta.fields if name != 'id'})
        assert model.get().class_ == model.get().save_ == 1
        with pytest.raises(persist.IntegrityError), database.atomic():
            model.create(**{name: 1 for name in model._meta.fields if name != 'id'})
    assert {unique for _, unique in model._meta.indexes} == {True, False}


def test_options_of_columns(make_schema, database):
    class Choosy(persist.Model):
        code = persist.CharField(max_length=7, unique=True)
        price = persist.DecimalField(max_digits=8, decimal_places=2, index=True)
        level = persist.IntegerField(constraints=[persist.SQL('DEFAULT 3')])

    class Part(persist.Model):
        choosy = persist.ForeignKeyField(Choosy, on_delete='CASCADE', null=True)

    make_schema([Choosy, Part])
    source = inspect_database(database)
    assert source.startswith('"""The models."""\n\nfrom colibris import persist\n\n\nclass Choosy(persist.Model):\n')
    assert '    code = persist.CharField(max_length=7, unique=True)\n' in source
    assert '    price = persist.DecimalField(decimal_places=2, index=True, max_digits=8)\n' in source
    assert "    level = persist.IntegerField(constraints=[persist.SQL('DEFAULT 3')])\n" in source.replace('"', "'")
    assert "    choosy = persist.ForeignKeyField(Choosy, null=True, on_delete='CASCADE')\n" in source
    assert 'id =' not in source


def test_chosen_tables(database, load_source):
    models = load_source(inspect_database(database, ['code', 'note']))
    assert models.keys() == {'code', 'note'}
    assert 'person' in load_source(inspect_database(database, ['thing']), 'inspected_more')
    with pytest.raises(ToolError, match='there is no table nothing'):
        inspect_database(database, ['nothing'])


def test_nothing_to_describe(make_schema, database):
    make_schema([])
    assert inspect_database(database) == '"""The models."""\n\nfrom colibris import persist\n'


@pytest.mark.parametrize('engine', ['sqlite'], indirect=True)
def test_types_that_peewee_does_not_know(database, load_source):
    database.execute_sql('CREATE TABLE strange (id INTEGER PRIMARY KEY, place GEOMETRY NOT NULL, free)')
    database.execute_sql('CREATE INDEX part ON strange (place) WHERE place > 1')
    source = inspect_database(database, ['strange'])
    assert '    place = persist.TextField()  # in the database: GEOMETRY\n' in source
    assert '    free = persist.TextField(null=True)  # in the database: no type\n' in source
    assert '# an index over an expression or a part of the rows: CREATE INDEX part' in source
    assert 'strange' in load_source(source)
