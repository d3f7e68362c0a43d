"""Schemas that come from models."""

import datetime
import decimal
import enum
import uuid

import pytest

from colibris import persist
from colibris.errors import ConfigurationError
from colibris.schemas import ModelSchema, Schema, ValidationError, fields, schema_instance, validate
from colibris.schemas.converters import field_for


class Group(persist.Model):
    name = persist.CharField(primary_key=True)


class Thing(persist.Model):
    name = persist.CharField(max_length=5, help_text='What it is called.')
    group = persist.ForeignKeyField(Group, null=True)
    text = persist.TextField(default='')
    small = persist.SmallIntegerField(default=0)
    big = persist.BigIntegerField(default=0)
    colour = persist.IntegerField(choices=[(1, 'red'), (2, 'blue')], default=1)
    price = persist.DecimalField(max_digits=4, decimal_places=1, null=True)
    made = persist.DateTimeField(default=datetime.datetime.now)


class Key(persist.Model):
    id = persist.UUIDField(primary_key=True, default=uuid.uuid4)


class ThingSchema(ModelSchema):
    class Meta:
        model = Thing


def problems(schema, data, **options):
    with pytest.raises(ValidationError) as caught:
        schema().load(data, **options)
    return caught.value.messages


def test_what_the_model_says():
    loaded = ThingSchema().load({'name': 'x'})
    made = loaded.pop('made')
    assert datetime.datetime.now() - made < datetime.timedelta(minutes=1)
    assert loaded == {'name': 'x', 'group_id': None, 'text': '', 'small': 0, 'big': 0, 'colour': 1, 'price': None}
    assert ThingSchema().fields['name'].metadata == {'description': 'What it is called.'}


@pytest.mark.parametrize('base', [enum.Enum, enum.StrEnum])
def test_choices_of_an_enum(base):
    sizes = base('Sizes', {'SMALL': 's', 'LARGE': 'l'})

    class Shirt(persist.Model):
        size = persist.CharField(choices=sizes, default='s')

    class ShirtSchema(ModelSchema):
        class Meta:
            model = Shirt

    assert ShirtSchema().load({'size': 'l'}) == {'size': 'l'}
    assert ShirtSchema().load({}) == {'size': 's'}
    assert problems(ShirtSchema, {'size': 'SMALL'}) == {'size': ['Must be one of: s, l.']}
    assert ShirtSchema().dump(Shirt(id=1, size='l')) == {'id': 1, 'size': 'l'}


def test_partial_loads_nothing_else():
    assert ThingSchema().load({'small': 1}, partial=True) == {'small': 1}


def test_limits():
    wrong = {
        'name': 'x' * 6,
        'small': 2**15,
        'big': 2**63,
        'colour': 3,
        'price': '1000.0',
        'group': 5,
        'text': None,
        'id': 1,
    }
    assert set(problems(ThingSchema, wrong)) == set(wrong)
    right = {
        'name': 'x' * 5,
        'small': -(2**15),
        'big': 2**63 - 1,
        'colour': 2,
        'price': '-999.9',
        'group': 'g',
        'text': '',
    }
    loaded = ThingSchema().load(right)
    assert loaded['price'] == decimal.Decimal('-999.9')
    assert loaded['group_id'] == 'g'


@pytest.mark.parametrize('value', [True, False])
def test_a_boolean_is_no_integer(value):
    for name in ('small', 'big', 'colour'):
        assert problems(ThingSchema, {'name': 'x', name: value})[name] == ['Not a valid integer.']


def test_dump_reads_no_other_table():
    thing = Thing(id=1, name='x', group_id='nowhere', price=decimal.Decimal(3), made=datetime.datetime(2020, 1, 1))
    assert ThingSchema().dump(thing) == {
        'id': 1, 'name': 'x', 'group': 'nowhere', 'text': '', 'small': 0, 'big': 0, 'colour': 1, 'price': '3.0',
        'made': '2020-01-01T00:00:00Z',
    }  # fmt: skip


def test_meta_chooses():
    class Chosen(ModelSchema):
        class Meta:
            model = Thing
            fields = ('id', 'name', 'text')
            dump_only = ('text',)

    class Rest(ModelSchema):
        class Meta:
            model = Thing
            exclude = ('name', 'made')
            load_only = ('small',)

    assert set(Chosen().fields) == {'id', 'name', 'text'}
    assert problems(Chosen, {'name': 'x', 'text': 'y'}) == {'text': ['Unknown field.']}
    assert 'name' not in Rest().fields
    assert 'small' not in Rest().dump(Thing())
    assert Rest().load({'small': 3})['small'] == 3


def test_declared_fields_replace_the_models():
    class Own(ThingSchema):
        name = fields.String(validate=validate.Length(min=2))
        more = fields.Integer()

    assert Own().load({'more': 1}, partial=True) == {'more': 1}
    assert set(problems(Own, {'name': 'x'}, partial=True)) == {'name'}
    assert Own().load({'name': 'far too long'}, partial=True) == {'name': 'far too long'}


def test_keys():
    class KeySchema(ModelSchema):
        class Meta:
            model = Key

    class GroupSchema(ModelSchema):
        class Meta:
            model = Group

    assert problems(KeySchema, {'id': str(uuid.uuid4())}) == {'id': ['Unknown field.']}
    assert GroupSchema().load({'name': 'x'}) == {'name': 'x'}


def test_fields_that_nothing_is_known_for():
    class Blob(persist.Model):
        data = persist.BlobField()

    with pytest.raises(ConfigurationError, match=r'Blob\.data: nothing is known for BlobField'):
        field_for(Blob.data)


@pytest.mark.parametrize(
    ('field', 'text', 'value'),
    [
        (Thing.small, '-5', -5),
        (Thing.price, '1.5', decimal.Decimal('1.5')),
        (Thing.made, '2020-01-01', datetime.datetime(2020, 1, 1)),
        (Key.id, '0' * 32, uuid.UUID(int=0)),
    ],
)
def test_fields_for_text(field, text, value):
    assert field_for(field, from_text=True, dump_only=False).deserialize(text) == value


def test_instances_are_shared():
    assert schema_instance(ThingSchema) is schema_instance(ThingSchema)
    assert schema_instance(ThingSchema, partial=True) is not schema_instance(ThingSchema)
    assert isinstance(schema_instance(ThingSchema), Schema)
