"""Schemas that are made from models."""

import uuid
from datetime import UTC, date, datetime, time
from decimal import Decimal

import peewee
import pytest

from colibris import persist
from colibris.schemas import ModelSchema, fields
from colibris.schemas.compiled import compile_dump, compile_load

from .comparing import check_dump, check_load, is_plain


class Team(peewee.Model):
    name = peewee.CharField()


class Wide(peewee.Model):
    integer = peewee.IntegerField()
    small = peewee.SmallIntegerField(null=True)
    choice = peewee.IntegerField(choices=[(1, 'one'), (2, 'two')])
    truth = peewee.BooleanField()
    real = peewee.FloatField()
    price = peewee.DecimalField(10, 2)
    name = peewee.CharField(max_length=10)
    text = peewee.TextField(null=True)
    key = peewee.UUIDField()
    moment = peewee.DateTimeField()
    day = peewee.DateField()
    hour = peewee.TimeField()
    stamp = peewee.TimestampField(default=datetime(2026, 1, 31))
    address = peewee.IPField()
    json = peewee.JSONField(null=True)
    team = peewee.ForeignKeyField(Team, null=True)


class Everything(Wide):
    big = peewee.BigIntegerField(default=7)
    password = persist.PasswordField()
    mentor = peewee.ForeignKeyField('self', null=True)


class EverythingSchema(ModelSchema):
    class Meta:
        model = Everything


class NestingSchema(EverythingSchema):
    team = fields.Nested({'name': fields.String()})


BODY = {
    'integer': 1,
    'small': None,
    'choice': 2,
    'truth': True,
    'real': 1.5,
    'price': '12.50',
    'name': 'a name',
    'key': '12345678-1234-5678-1234-567812345678',
    'moment': '2026-01-31T12:00:00+02:00',
    'day': '2026-01-31',
    'hour': '12:30',
    'stamp': '2026-01-31T12:00:00',
    'address': '127.0.0.1',
    'json': {'a': [1]},
    'password': 'correct horse battery',
    'team': 5,
    'mentor': None,
}


@pytest.fixture(autouse=True)
def loaded_settings(project, clean_settings):
    """New passwords are checked by rules, which are a setting."""
    project()


ODD = [None, '', 'x' * 11, 0, 3, 2**40, -1.5, 1e300, True, '1', '1.505', '99999999.999', '2026-01-31', [], {}]
PASSWORD = ('password: NewPassword overrides _deserialize',)


@pytest.mark.parametrize('partial', [False, True])
@pytest.mark.parametrize('schema_class', [EverythingSchema, NestingSchema])
def test_loading(schema_class, partial):
    schema = schema_class(partial=partial)
    assert compile_load(schema).reasons == PASSWORD
    assert is_plain(schema, BODY)
    check_load(schema, BODY)
    for name in [*BODY, 'id', 'unknown']:
        check_load(schema, {key: value for key, value in BODY.items() if key != name})
        for value in ODD:
            check_load(schema, {**BODY, name: value})


def row(**values):
    return Everything(
        id=1,
        integer=1,
        choice=2,
        truth=True,
        real=1.5,
        price=Decimal('12.5'),
        name='a name',
        key=uuid.UUID(BODY['key']),
        moment=datetime(2026, 1, 31, 12),
        day=date(2026, 1, 31),
        hour=time(12, 30),
        stamp=datetime(2026, 1, 31, 12),
        address='127.0.0.1',
        json={'a': [1]},
        **values,
    )


def test_dumping():
    schema = EverythingSchema()
    dumper = compile_dump(schema, Everything)
    assert dumper.reasons == ()
    for team in (None, 5, Team(id=6, name='A team')):
        check_dump(schema, Everything, row(team=team, mentor=team and 3))
    for name in Everything._meta.sorted_field_names:
        for value in [*ODD, datetime(2026, 1, 31, tzinfo=UTC), Decimal('1e5')]:
            obj = row(team=5)
            obj.__data__[name] = value
            check_dump(schema, Everything, obj)


def test_dumping_what_is_nested():
    schema = NestingSchema()
    dumper = compile_dump(schema, Everything)
    assert dumper.reasons == ()
    for team in (None, Team(id=6, name='A team')):
        check_dump(schema, Everything, row(team=team))
