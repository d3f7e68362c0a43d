"""Each kind of field writes what it writes in marshmallow."""

import enum
import ipaddress
import sys
import uuid
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import ROUND_UP, Decimal

import peewee
import pytest
from marshmallow import Schema
from marshmallow import fields as plain

from colibris.schemas import ModelSchema, fields
from colibris.schemas.compiled import compile_dump

from .comparing import check_dump

KEY = uuid.UUID('12345678123456781234567812345678')
NAIVE = datetime(2026, 1, 31, 12, 30, 15, 123456)


class Colour(enum.Enum):
    red = 'r'


class Text(str):
    __slots__ = ()


class Number(int):
    def __str__(self):
        return 'number'


class Proxy:
    """Says that it is what it stands for."""

    def __init__(self, value):
        self._value = value

    @property
    def __class__(self):
        return type(self._value)

    def __str__(self):
        return f'<{self._value}>'


VALUES = [
    *(None, True, False, '', 'ü', Text('a'), b'bytes', b'\xff', 0, -5, 10**30, Number(3), 1.5, -0.0, float('nan')),
    *(float('inf'), Decimal('1.505'), Decimal('1E+3'), Decimal('NaN'), Decimal('sNaN'), Decimal('-Infinity')),
    *(Decimal('1' * 40), KEY, date(2026, 1, 31), NAIVE, NAIVE.replace(tzinfo=UTC), NAIVE.replace(fold=1)),
    *(NAIVE.replace(tzinfo=timezone(timedelta(hours=-5, minutes=30))), time(12, 30), time(12, tzinfo=UTC)),
    *(
        timedelta(days=1),
        Colour.red,
        ipaddress.ip_address('127.0.0.1'),
        [],
        ['a', 1, None],
        ('a', 'b'),
        {
            'a',
        },
    ),
    *({}, {'a': 1}, {1: 'b'}, [[1]], [{'number': 1, 'more': 2}], {'number': 1}, {'number': 'a', 'text': None}),
    *({'number': '5', 'text': 7}, object, Proxy('text'), Proxy(5), Proxy(NAIVE), range(3), 'x' * 500, list(range(150))),
]


class Inner(Schema):
    number = fields.StrictInteger()
    text = fields.String(data_key="it's")


KINDS = {
    'String': fields.String(),
    'Integer': fields.Integer(),
    'Integer, as text': fields.StrictInteger(as_string=True),
    'TextInteger': fields.TextInteger(),
    'Float': fields.Float(),
    'Float, as text': fields.StrictFloat(as_string=True),
    'TextFloat': fields.TextFloat(),
    'Decimal': fields.Decimal(),
    'Decimal, as text': fields.Decimal(as_string=True),
    'Decimal, places': fields.Decimal(places=2, rounding=ROUND_UP),
    'Decimal, with NaN': fields.Decimal(places=1, allow_nan=True, as_string=True),
    'ExactDecimal': fields.ExactDecimal(places=2, as_string=True),
    'Boolean': fields.Boolean(),
    'StrictBoolean': fields.StrictBoolean(),
    'UUID': fields.UUID(),
    'Date': fields.Date(),
    'Date, format': fields.Date(format='%d.%m.%Y'),
    'Time': fields.Time(),
    'LocalTime': fields.LocalTime(),
    'DateTime': fields.DateTime(),
    'DateTime, rfc': fields.DateTime(format='rfc'),
    'NaiveDateTime': fields.NaiveDateTime(timezone=UTC),
    'Timestamp': fields.Timestamp(),
    'AwareDateTime': fields.AwareDateTime(),
    'UTCDateTime': fields.UTCDateTime(),
    'UTCDateTime, format': fields.UTCDateTime(format='%Y'),
    'TimeDelta': fields.TimeDelta(),
    'Email': fields.Email(),
    'Url': fields.Url(),
    "marshmallow's Email": plain.Email(),
    "marshmallow's Url": plain.Url(),
    'IP': fields.IP(),
    'IPv4': fields.IPv4(exploded=True),
    'IPv4Text': fields.IPv4Text(),
    'Raw': fields.Raw(),
    'Enum': fields.Enum(Colour),
    'Enum, by value': fields.Enum(Colour, by_value=True),
    'List': fields.List(fields.String()),
    'List of decimals': plain.List(fields.Decimal(places=1)),
    'List of lists': fields.List(fields.List(fields.Integer())),
    'Dict': fields.Dict(),
    'Dict, both': plain.Dict(keys=fields.String(), values=fields.Integer()),
    'Nested': fields.Nested(Inner),
    'Nested, many': plain.Nested(Inner, many=True),
    'List of nested': fields.List(fields.Nested(Inner(only=('text',)))),
    'Constant': fields.Constant([1]),
    'other names': fields.String(data_key='"\'\\\n{}', attribute='value'),
}


class Row(peewee.Model):
    value = peewee.BareField(null=True)


def row(value):
    made = Row()
    made.__data__['value'] = value
    return made


PLAIN = {
    'String': 'ü',
    'Integer': 5,
    'Integer, as text': 5,
    'Float': 1.5,
    'Decimal': Decimal('1.5'),
    'ExactDecimal': Decimal('1.505'),
    'Boolean': True,
    'UUID': KEY,
    'Date': date(2026, 1, 31),
    'Time': time(12),
    'DateTime': NAIVE,
    'AwareDateTime': NAIVE.replace(tzinfo=UTC),
    'UTCDateTime': NAIVE,
    'Raw': [1],
    'Enum': Colour.red,
    'List': ['a', 'b'],
    'Dict': {'a': 1},
    'Nested': {'number': 1, 'text': 'a'},
    'Nested, many': [{'number': 1, 'text': 'a'}],
}


def called(function, argument):
    """The modules of the functions that are called."""
    modules = []
    sys.setprofile(lambda frame, event, _: event == 'call' and modules.append(frame.f_globals.get('__name__')))
    try:
        function(argument)
    finally:
        sys.setprofile(None)
    own = (None, 'builtins', 'uuid', 'enum', 'colibris.utils.times', __name__)
    return {module for module in modules if module not in own}


@pytest.mark.parametrize('value', ['plain', None])
@pytest.mark.parametrize('kind', PLAIN)
def test_plain_values_are_written_without_marshmallow(kind, value):
    schema = Schema.from_dict({'value': KINDS[kind]})()
    assert not called(compile_dump(schema, Row).dump, row(value and PLAIN[kind]))
    assert 'marshmallow.fields' in called(schema.dump, row(None))


@pytest.mark.parametrize('kind', KINDS)
def test_every_kind_writes_as_marshmallow_does(kind):
    schema = Schema.from_dict({'value': KINDS[kind], 'other': fields.Raw(attribute='id')})()
    assert compile_dump(schema, Row).reasons == ()
    for value in VALUES:
        check_dump(schema, Row, row(value))
        check_dump(schema, dict, {'value': value, 'id': 1})


@pytest.mark.parametrize(
    'obj', [None, {}, {'value': 1}, {'id': 1}, {'value': 1, 'id': 2, 'more': 3}, [], 5, Row, Row()]
)
def test_objects_of_other_classes(obj):
    schema = Schema.from_dict({'id': fields.Raw(), 'value': fields.Raw(), 'keys': fields.String(load_only=True)})()
    check_dump(schema, Row, obj)
    check_dump(schema, dict, obj)


def test_a_subclass_of_the_model_is_another_class():
    class Special(Row):
        @property
        def value(self):
            return 'special'

    schema = Schema.from_dict({'value': fields.Raw()})()
    check_dump(schema, Row, Special())
    assert compile_dump(schema, Row).dump(Special()) == {'value': 'special'}


def test_a_key_that_a_dict_has_as_a_method():
    schema = Schema.from_dict({'items': fields.Function(lambda obj: 1), 'values': fields.Raw()})()
    check_dump(schema, dict, {'items': 1, 'values': 2})
    assert callable(compile_dump(schema, dict).dump({})['values']), 'as marshmallow has it'


def test_no_model():
    schema = Inner()
    dumper = compile_dump(schema, None)
    assert dumper.dump({'number': 1}) == {'number': 1}
    assert dumper.reasons == ('no model is known',)


def test_no_fields():
    schema = Schema.from_dict({})()
    assert compile_dump(schema, Row).dump(Row()) == {}
    check_dump(schema, Row, Row())


def test_a_column_that_is_shown_twice():
    class RowSchema(Schema):
        first = fields.Raw(attribute='value', dump_only=True)
        second = fields.String(attribute='value')
        constant = fields.Constant('c')
        id = fields.Integer()

    shown = check_dump(RowSchema(), Row, Row(id=1, value=7)).dump(Row(id=1, value=7))
    assert shown == {'first': 7, 'second': '7', 'constant': 'c', 'id': 1}


def test_defaults_of_what_is_missing():
    schema = Schema.from_dict({'value': fields.Raw(dump_default='d'), 'nothing': fields.Raw(dump_default=list)})()
    for obj in ({}, {'value': 1}, row(1), Row()):
        check_dump(schema, Row, obj)
        check_dump(schema, dict, obj)


def test_a_partial_row():
    made = Row()
    made.__data__.clear()
    assert check_dump(Schema.from_dict({'value': fields.Integer()})(), Row, made).dump(made) == {'value': None}


class Model(peewee.Model):
    class Meta:
        database = peewee.SqliteDatabase(':memory:')


class Author(Model):
    name = peewee.CharField()
    age = peewee.IntegerField(null=True)

    @property
    def title(self):
        return f'Dr. {self.name}'


class Book(Model):
    author = peewee.ForeignKeyField(Author, null=True)
    editor = peewee.ForeignKeyField(Author, backref='edited')
    name = peewee.CharField()


@pytest.fixture
def books():
    with Model._meta.database.bind_ctx([Author, Book]), Model._meta.database.connection_context():
        Model._meta.database.create_tables([Author, Book])
        ada, eve = (Author.create(name=name, age=30) for name in ('Ada', 'Eve'))
        for author, editor in ((ada, eve), (None, ada), (eve, eve)):
            Book.create(author=author, editor=editor, name='A book')
        yield


class AuthorSchema(ModelSchema):
    title = fields.String(dump_only=True)

    class Meta:
        model = Author


class BookSchema(ModelSchema):
    author = fields.Nested(AuthorSchema)
    editor = fields.Nested(AuthorSchema, only=('name',))

    class Meta:
        model = Book


def test_foreign_keys_that_are_shown(books):
    schema = BookSchema()
    dumper = compile_dump(schema, Book)
    assert dumper.reasons == ('author.title: Author.title is not simply a column',)
    joined = Book.select(Book, Author).join(Author, peewee.JOIN.LEFT_OUTER, on=Book.author)
    for query in (Book.select(), joined, Book.select(Book.id)):
        for book in query.order_by(Book.id):
            check_dump(schema, Book, book)  # reads one
            check_dump(schema, Book, book)
    assert dumper.dump(Book.get_by_id(3))['author'] == {'id': 2, 'name': 'Eve', 'age': 30, 'title': 'Dr. Eve'}


def test_what_was_read_with_the_row_is_written_without_marshmallow(books):
    schema = BookSchema(only=('name', 'editor'))
    dumper = compile_dump(schema, Book)
    book = Book.select(Book, Author).join(Author, on=Book.editor).first()
    assert dumper.reasons == ()
    assert not called(dumper.dump, book)
    assert dumper.dump(book) == schema.dump(book)


class Shouted(fields.Nested):
    def _serialize(self, nested_obj, attr, obj, **kwargs):
        return nested_obj and nested_obj.name.upper()


def test_a_field_of_the_project_that_shows_a_foreign_key(books):
    class ShoutedSchema(ModelSchema):
        author = Shouted(AuthorSchema)
        editor = fields.Nested(AuthorSchema, many=True)

        class Meta:
            model = Book
            fields = ('author', 'editor')

    schema = ShoutedSchema()
    assert compile_dump(schema, Book).reasons == (
        'author: Shouted overrides _serialize',
        'editor.title: Author.title is not simply a column',
        'editor: there are many',
    )
    for book in Book.select().order_by(Book.id):
        check_dump(schema, Book, book)


def test_foreign_keys_that_are_not_set(books):
    for book in (Book(name='new'), Book(editor=Author(name='New'), author=Author(name='New'))):
        check_dump(BookSchema(), Book, book)


def test_keys_of_foreign_keys(books):
    class Keys(ModelSchema):
        class Meta:
            model = Book

    schema = Keys()
    dumper = compile_dump(schema, Book)
    for book in [*Book.select().order_by(Book.id), Book(author=5)]:
        assert check_dump(schema, Book, book).reasons == ()
    late = Author(name='Late')
    book = Book(author=late, editor=late)
    late.id = 99
    assert dumper.dump(book) == schema.dump(book) == {'id': None, 'author': 99, 'editor': 99, 'name': None}


def test_a_property_that_sets_a_column(books):
    class Shop(Model):
        opened = peewee.IntegerField(null=True)

        @property
        def open(self):
            self.opened = 1
            return True

    schema = Schema.from_dict({'open': fields.Boolean(), 'opened': fields.Integer()})()
    assert compile_dump(schema, Shop).dump(Shop()) == schema.dump(Shop()) == {'open': True, 'opened': 1}
