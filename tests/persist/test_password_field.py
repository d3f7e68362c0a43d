"""The field that hashes."""

import json
import sys

import peewee
import pytest

from colibris import bridge, persist
from colibris.authentication import passwords
from colibris.authentication.passwords import HashedPassword
from colibris.errors import ConfigurationError
from colibris.persist.migrations import draft, migrate
from colibris.persist.tools import LoadError, Tables, dump, load
from colibris.schemas import ModelSchema, ValidationError
from colibris.schemas.converters import field_for
from colibris.test.passwords import QUICK_HASHER
from tests.views.serving import create_tables, database_on, engine

__all__ = ['engine']

MODELS = """
from colibris import persist


class Person(persist.Model):
    name = persist.CharField(max_length=50, unique=True)
    password = persist.PasswordField(null=True)


class Robot(persist.Model):
    maker = persist.ForeignKeyField(Person)
    password = persist.PasswordField(column_name='key')
"""


@pytest.fixture
async def models(project, engine):
    """The models, with empty tables on every engine."""
    name = project(settings=f'{database_on(engine)}PASSWORDS = {QUICK_HASHER!r}', models=MODELS)
    await bridge.run(create_tables, name)
    yield sys.modules[f'{name}.models']
    await persist.get_database().stop()


def stored(model):
    """What the database holds."""
    column = model._meta.fields['password'].column_name
    rows = persist.get_database().execute_sql(f'SELECT id, {quoted(column)} FROM {model._meta.table_name}').fetchall()
    return dict(rows)


def quoted(name):
    return f'`{name}`' if isinstance(persist.get_database(), peewee.MySQLDatabase) else f'"{name}"'


def fits(password, text):
    return text.startswith('$scrypt$') and password not in text and passwords.verify(password, text)


def test_every_way_to_write(models):
    """Plain code; the next test is the same in a loop."""
    write_in_every_way(models)


async def test_every_way_to_write_in_a_loop(models):
    await bridge.run(write_in_every_way, models)


def write_in_every_way(models):
    person = models.Person
    created = person.create(name='created', password='secret1')
    assert isinstance(created.password, HashedPassword)
    set_later = person(name='set')
    set_later.password = 'secret2'
    assert fits('secret2', set_later.password)
    set_later.save()
    updated = person.create(name='updated')
    person.update(password='secret3').where(person.name == 'updated').execute()
    inserted = person.insert(name='inserted', password='secret4').execute()
    person.insert_many([{'name': 'many1', 'password': 'secret5'}, {'name': 'many2', 'password': 'secret5'}]).execute()
    person.bulk_create([person(name='bulk', password='secret6')])
    got, _ = person.get_or_create(name='got', defaults={'password': 'secret7'})
    hashes = stored(person)
    assert fits('secret1', hashes[created.id])
    assert fits('secret2', hashes[set_later.id])
    assert fits('secret3', hashes[updated.id])
    assert fits('secret4', hashes[inserted])
    assert fits('secret7', hashes[got.id])
    by_name = {each.name: each.password for each in person.select()}
    assert fits('secret5', by_name['many1'])
    assert fits('secret5', by_name['many2'])
    assert by_name['many1'] != by_name['many2']
    assert fits('secret6', by_name['bulk'])


async def test_awaited_ways(models):
    created = await models.Person.acreate(name='created', password='secret1')
    assert passwords.HashedPassword is type(created.password)
    created.name = 'renamed'
    await created.asave()
    found = await models.Person.aget(name='renamed')
    assert found.password == created.password


async def test_reading_and_writing_back_changes_nothing(models):
    def run():
        hashed = models.Person.create(name='ada', password='secret').password
        found = models.Person.get(name='ada')
        assert found.password == hashed
        assert isinstance(found.password, HashedPassword)
        found.save()
        found.password = found.password
        found.save()
        models.Person.update(password=found.password).execute()
        assert stored(models.Person)[found.id] == hashed
        assert models.Person.get(models.Person.password == hashed) == found
        assert next(iter(models.Person.select().tuples()))[2] == hashed
        assert type(models.Person.select().dicts().get()['password']) is HashedPassword

    await bridge.run(run)


def test_null(models):
    person = models.Person.create(name='ada', password='secret')
    person.password = None
    person.save()
    assert stored(models.Person) == {person.id: None}
    assert models.Person.get().password is None
    assert models.Person.select().where(models.Person.password.is_null()).count() == 1


def test_a_password_that_looks_like_a_hash_is_hashed(models):
    """Otherwise whoever has stolen a hash, or made one that takes a week to verify, could write it."""
    hashed = str(passwords.hash('secret'))
    models.Person.create(name='ada', password=hashed)
    models.Person.insert(name='bob', password=hashed).execute()
    for person in models.Person.select():
        assert fits(hashed, person.password)
        assert not passwords.verify('secret', person.password)


@pytest.mark.parametrize('value', [1, b'secret', ['secret'], True])
def test_what_is_no_text(models, value):
    for write in (lambda: models.Person(password=value), lambda: models.Person.update(password=value).execute()):
        with pytest.raises(TypeError, match='a password is a text, not'):
            write()


def test_expressions_pass(models):
    models.Person.create(name='ada', password='secret')
    models.Person.update(password=peewee.fn.LOWER('X')).execute()
    assert models.Person.get().password == 'x'


def test_hashes_need_room():
    with pytest.raises(ConfigurationError, match='its max_length must be 128 or more'):
        persist.PasswordField(max_length=64)


def test_dump_leaves_it_out_and_load_does_without(models, tmp_path):
    ada = models.Person.create(name='ada', password='secret')
    models.Robot.create(maker=ada, password='oil')
    before = stored(models.Robot)
    tables = Tables(persist.get_database(), [models.Robot])  # which refers to the other
    text = ''.join(dump(tables))
    assert [json.loads(line) for line in text.splitlines()] == [
        {'table': 'person', 'row': {'id': ada.id, 'name': 'ada'}},
        {'table': 'robot', 'row': {'id': 1, 'maker_id': ada.id}},
    ]
    assert 'scrypt' not in text
    models.Robot.delete().execute()
    models.Person.delete().execute()

    assert load_text(tables, text, tmp_path) == 2
    assert stored(models.Person) == {ada.id: None}
    (unusable,) = stored(models.Robot).values()
    assert unusable not in before.values()
    assert len(unusable) > 40
    assert not passwords.verify('oil', unusable)
    assert not passwords.verify(unusable, unusable)
    models.Robot.delete().execute()
    models.Person.delete().execute()
    load_text(tables, text, tmp_path)
    assert stored(models.Robot)[1] != unusable  # tokens may be signed with it


def test_load_hashes(models, tmp_path):
    tables = Tables(persist.get_database(), [models.Person])
    hashed = str(passwords.hash('stolen'))
    rows = [{'id': 1, 'name': 'a', 'password': 'secret'}, {'id': 2, 'name': 'b', 'password': None}]
    rows.append({'id': 3, 'name': 'c', 'password': hashed})
    load_text(tables, ''.join(json.dumps({'table': 'person', 'row': row}) + '\n' for row in rows), tmp_path)
    found = stored(models.Person)
    assert fits('secret', found[1])
    assert found[2] is None
    assert fits(hashed, found[3])
    with pytest.raises(LoadError, match=r'line 1: person\.password: must be a text, not 1'):
        load_text(tables, '{"table": "person", "row": {"id": 4, "name": "d", "password": 1}}', tmp_path)


def load_text(tables, text, directory):
    path = directory / 'rows.jsonl'
    path.write_text(text)
    with path.open('rb') as file:
        return load(tables, file)


def test_migrations_have_a_char_field(models, tmp_path):
    class Person(peewee.Model):
        name = persist.CharField(max_length=50, unique=True)
        password = persist.CharField(null=True)

    directory = tmp_path / 'migrations'
    written = draft([models.Person], directory)
    assert 'password=CharField(max_length=255, null=True)' in written.source
    assert 'PasswordField' not in written.source
    written.write()
    assert draft([Person], directory) is None
    database = persist.get_database()
    database.drop_tables([models.Robot, models.Person])
    migrate(database, directory)
    models.Person.create(name='ada', password='secret')
    assert passwords.verify('secret', models.Person.get().password)


class TestSchema:
    @pytest.fixture
    def schema(self, models):
        class PersonSchema(ModelSchema):
            class Meta:
                model = models.Person

        return PersonSchema()

    def test_is_never_shown(self, models, schema):
        person = models.Person.create(name='ada', password='correct horse')
        assert schema.dump(person) == {'id': person.id, 'name': 'ada'}
        assert schema.load({'name': 'ada', 'password': 'correct horse'})['password'] == 'correct horse'

    @pytest.mark.parametrize(
        ('data', 'problem'),
        [
            ({'password': 'password123'}, 'Is too easy to guess: '),
            ({'password': 'short1x'}, 'Must have at least 10 characters.'),
            ({'password': 'x' * 257}, 'Must have at most 256 characters.'),
            ({'password': 12345678901}, 'Not a valid string.'),
            ({'password': 'kolibrie99', 'name': 'kolibrie'}, 'Is too easy to guess for those who know the account.'),
        ],
    )
    def test_rules(self, schema, data, problem):
        with pytest.raises(ValidationError) as caught:
            schema.load({'name': 'somebody', **data})
        assert [text.startswith(problem) for text in caught.value.messages['password']] == [True]

    def test_what_is_no_field_of_the_schema_is_not_looked_at(self, schema):
        with pytest.raises(ValidationError) as caught:
            schema.load(
                {'name': 'somebody', 'password': 'kolibrie99', **{f'kolibrie{n}': 'kolibrie' for n in range(9)}}
            )
        assert 'password' not in caught.value.messages

    def test_nothing_is_looked_up_by_it(self, models):
        with pytest.raises(ConfigurationError, match=r'Person\.password: nothing can be looked up by a password'):
            field_for(models.Person.password, from_text=True)
