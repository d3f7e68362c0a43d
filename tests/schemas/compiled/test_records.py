"""Rows that are written as the database has given them."""

import uuid
from datetime import UTC, date, datetime, time
from decimal import Decimal

import peewee
import pytest

from colibris.schemas import ModelSchema, Schema, fields
from colibris.schemas.compiled import compile_dump

from .comparing import check_record
from .test_models import ODD, Wide, loaded_settings

__all__ = ['loaded_settings']

# What drivers give for the types that a database does not have.
GIVEN = [
    *ODD,
    *(b'\x12' * 16, memoryview(b'a'), '12345678123456781234567812345678', uuid.UUID(int=5)),
    *('2026-01-31 12:00:00.5', '2026-01-31T12:00:00+02:00', '12:30:01', 'text', '[1, 2]', '1.50', 1769860800),
    *(date(2026, 1, 31), datetime(2026, 1, 31), datetime(1, 1, 1, tzinfo=UTC), time(1, 2, 3, 4), Decimal('1.005')),
    *(Decimal('0.10'), Decimal('-0.00'), Decimal('NaN'), Decimal('1e3'), Decimal('1e-8'), Decimal('Infinity')),
]


class WideSchema(ModelSchema):
    class Meta:
        model = Wide


NAMES = Wide._meta.sorted_field_names
PLAIN = {
    'id': 1,
    'integer': 2,
    'small': None,
    'choice': 2,
    'truth': True,
    'real': 1.5,
    'price': Decimal('12.5'),
    'name': 'a name',
    'text': None,
    'key': uuid.UUID(int=1),
    'moment': datetime(2026, 1, 31, 12, tzinfo=UTC),
    'day': date(2026, 1, 31),
    'hour': time(12, 30),
    'stamp': 1769860800,
    'address': 2130706433,
    'json': '{"a": [1]}',
    'team': 5,
}
RECORD = tuple(map(PLAIN.get, NAMES))


@pytest.mark.parametrize('name', NAMES)
def test_whatever_a_driver_gives(name):
    for value in GIVEN:
        check_record(WideSchema(), Wide, tuple({**PLAIN, name: value}.get(one) for one in NAMES))


def test_many_rows():
    write = compile_dump(WideSchema(), Wide).dump_records
    first, second = write([RECORD, RECORD])
    assert first == second
    assert {name: first[name] for name in ('id', 'small', 'truth', 'price', 'moment', 'address', 'team')} == {
        'id': 1,
        'small': None,
        'truth': True,
        'price': '12.50',
        'moment': '2026-01-31T12:00:00Z',
        'address': '127.0.0.1',
        'team': 5,
    }
    assert write([]) == []


def test_some_columns():
    class Some(ModelSchema):
        text = fields.String(attribute='name', dump_only=True)

        class Meta:
            model = Wide
            fields = ('text', 'name', 'id')

    assert compile_dump(Some(), Wide).dump_records([RECORD]) == [{'text': 'a name', 'name': 'a name', 'id': 1}]


def test_a_model_with_one_field():
    class Word(peewee.Model):
        word = peewee.CharField(primary_key=True)

    schema = Schema.from_dict({'word': fields.String(), 'constant': fields.Constant(1)})()
    assert compile_dump(schema, Word).dump_records([('a',)]) == [{'word': 'a', 'constant': 1}]


class Shouted(peewee.CharField):
    def python_value(self, value):
        return value and value.upper()


class Own(peewee.Model):
    shouted = Shouted()
    fixed = peewee.FixedCharField()
    flag = peewee.BooleanField()

    @property
    def short(self):
        return self.shouted[:1]


def test_fields_of_a_model_that_convert_in_their_own_way():
    schema = Schema.from_dict({'shouted': fields.String(), 'fixed': fields.String(), 'flag': fields.Raw()})()
    write = compile_dump(schema, Own).dump_records
    assert write([(1, 'a', 'b  ', 0)]) == [{'shouted': 'A', 'fixed': 'b', 'flag': False}]
    assert write([(1, None, None, None)]) == [{'shouted': None, 'fixed': None, 'flag': None}]


class Made(peewee.Model):
    name = peewee.CharField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.name = 'made'


class Changed(Schema):
    name = fields.String()

    def get_attribute(self, obj, attr, default):
        return 'changed'


class Nesting(WideSchema):
    team = fields.Nested({'name': fields.String()})


@pytest.mark.parametrize(
    ('schema', 'model'),
    [
        (Nesting, Wide),
        (Schema.from_dict({'short': fields.String()}), Own),
        (Schema.from_dict({'name': fields.String()}), Made),
        (Changed, Wide),
    ],
)
def test_what_takes_instances(schema, model):
    assert compile_dump(schema(), model).dump_records is None
