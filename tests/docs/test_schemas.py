import datetime
import decimal
import enum
import re

import pytest
from aiohttp_apispec import docs

from colibris.docs.patterns import ecma_pattern
from colibris.docs.words import identifier, plural, words
from colibris.schemas import INCLUDE, ModelSchema, Schema, fields, validate
from colibris.views import APIView
from tests.docs.models import Item


class Color(enum.Enum):
    RED = 'r'
    BLUE = 'b'


def view_of(schema_class):
    class SchemaView(APIView):
        body_schema_class = schema_class
        response_schema_class = schema_class

        def post(self):
            """Post."""

    return SchemaView


@pytest.fixture
def properties(schemas):
    """What a field is in requests and in answers."""

    def make(field):
        made = schemas(('/', view_of(Schema.from_dict({'x': field}, name='OneSchema'))))
        return made['OneInput']['properties'].get('x'), made['One']['properties'].get('x')

    return make


class TestModels:
    @pytest.fixture
    def both(self, schemas):
        class ItemSchema(ModelSchema):
            class Meta:
                model = Item
                load_only = ('code',)

        made = schemas(('/', view_of(ItemSchema)))
        return made['ItemInput'], made['Item']

    def test_requests(self, both):
        properties = both[0]['properties']
        assert properties['name'] == {'type': 'string', 'maxLength': 20}
        assert properties['note'] == {'type': ['string', 'null'], 'default': None}
        assert properties['size']['enum'] == ['s', 'l']
        assert properties['maker']['type'] == ['integer', 'null']
        assert properties['code'] == {
            'type': ['string', 'null'],
            'format': 'uuid',
            'default': None,
            'writeOnly': True,
        }
        assert properties['price']['type'] == ['number', 'string']
        assert (properties['price']['exclusiveMinimum'], properties['price']['exclusiveMaximum']) == (-10000, 10000)
        assert re.search(properties['price']['pattern'], '9999.99')
        assert not re.search(properties['price']['pattern'], '10000')

    def test_answers_always_hold_every_field_of_the_model(self, both):
        assert both[1]['required'] == ['id', 'made', 'maker', 'name', 'note', 'price', 'size', 'stock']

    def test_answers_do_not_promise_the_rules_of_input(self, both):
        properties = both[1]['properties']
        assert properties['id'] == {'type': 'integer', 'readOnly': True}
        assert properties['name'] == {'type': 'string'}
        assert properties['price'] == {'type': 'string', 'format': 'decimal'}
        assert properties['made'] == {'type': ['string', 'null'], 'format': 'date-time'}
        assert 'additionalProperties' not in both[1]

    def test_declared_fields_are_null_where_the_model_says_so(self, schemas):
        class ItemSchema(ModelSchema):
            note = fields.Email()

            class Meta:
                model = Item
                fields = ('note',)

        assert schemas(('/', view_of(ItemSchema)))['Item']['properties'] == {'note': {'type': ['string', 'null']}}


class TestFields:
    def test_choices(self, properties):
        assert properties(fields.String(validate=validate.OneOf(['a', 'b']), allow_none=True)) == (
            {'type': ['string', 'null'], 'enum': ['a', 'b', None]},
            {'type': ['string', 'null'], 'enum': ['a', 'b', None]},
        )

    def test_choices_of_lists(self, properties):
        request, _ = properties(fields.List(fields.String(), validate=validate.ContainsOnly(['a', 'b'])))
        assert request == {'type': 'array', 'items': {'type': 'string', 'enum': ['a', 'b']}}

    def test_enums(self, properties):
        assert properties(fields.Enum(Color, by_value=True))[0] == {'enum': ['r', 'b']}
        assert properties(fields.Enum(Color))[0] == {'type': 'string', 'enum': ['RED', 'BLUE']}

    def test_patterns(self, properties):
        field = fields.String(validate=validate.Regexp(r'[\w.-]{1,64}\Z'))
        assert properties(field) == ({'type': 'string', 'pattern': r'^[\w.-]{1,64}$'}, {'type': 'string'})

    def test_patterns_without_a_translation(self, properties):
        field = fields.String(validate=validate.Regexp('a', re.IGNORECASE))
        assert properties(field)[0] == {'type': 'string'}

    def test_urls(self, properties):
        request, answer = properties(fields.Url())
        assert request['format'] == 'url'
        assert answer == {'type': 'string'}

    @pytest.mark.parametrize(
        'url',
        [
            'http://example.com',
            'https://user:password@www.example.com:8080/path?query#fragment',
            'ftp://127.0.0.1/',
            'http://[::1]/',
            'http://localhost:80',
            'gopher://example.com',
            'http://host',
            'http://',
            'example.com',
            'http://example.com/a b',
        ],
    )
    def test_patterns_of_urls_fit_what_is_accepted(self, properties, url):
        pattern = properties(fields.Url())[0]['pattern']
        assert bool(re.search(pattern, url)) == (not Schema.from_dict({'x': fields.Url()})().validate({'x': url}))

    def test_urls_of_other_kinds(self, properties):
        assert properties(fields.Url(relative=True))[0] == {'type': 'string', 'format': 'url'}
        pattern = properties(fields.Url(require_tld=False, schemes={'amqp'}))[0]['pattern']
        assert re.search(pattern, 'amqp://host/x')
        assert not re.search(pattern, 'http://host/x')

    def test_decimals(self, properties):
        request, answer = properties(fields.Decimal(validate=validate.Range(min=decimal.Decimal('0.5'))))
        assert request['minimum'] == 0.5
        assert answer == {'type': 'string', 'format': 'decimal'}

    def test_numbers_as_text(self, properties):
        assert properties(fields.Integer(as_string=True)) == ({'type': 'integer'}, {'type': 'string'})

    def test_times(self, properties):
        request, answer = properties(fields.Time())
        assert re.search(request['pattern'], '23:59:59.5')
        assert not re.search(request['pattern'], '24:00')
        assert answer == {'type': 'string'}

    def test_dates_and_times(self, properties):
        aware = {'type': 'string', 'format': 'date-time'}
        naive = {'type': 'string', 'format': 'date-time-local'}
        assert properties(fields.AwareDateTime()) == (aware, aware)
        assert properties(fields.NaiveDateTime(timezone=datetime.UTC)) == (aware, naive)
        request, answer = properties(fields.NaiveDateTime())
        assert re.search(request.pop('pattern'), '2024-02-29T23:59:59.123')
        assert (request, answer) == (naive, naive)
        assert properties(fields.DateTime(format='timestamp'))[1] == {'type': 'number', 'format': 'float'}
        assert properties(fields.DateTime(format='%Y'))[0] == {'type': 'string'}

    def test_addresses(self, properties):
        assert properties(fields.IP())[0] == {'type': 'string', 'anyOf': [{'format': 'ipv4'}, {'format': 'ipv6'}]}

    def test_anything(self, properties):
        request, answer = properties(fields.Raw())
        assert 'null' not in request['type']
        assert answer == {}

    def test_constants(self, properties):
        assert properties(fields.Constant('x'))[1] == {'const': 'x'}

    def test_metadata_wins(self, properties):
        metadata = {'description': 'D', 'pattern': 'p', 'example': 'e', 'maxLength': 3}
        expected = {'type': 'string', **metadata}
        assert properties(fields.String(metadata=metadata)) == (expected, expected)

    def test_hidden(self, properties):
        assert properties(fields.String(dump_only=True)) == (None, {'type': 'string', 'readOnly': True})
        assert properties(fields.String(load_only=True)) == ({'type': 'string', 'writeOnly': True}, None)

    def test_other_names(self, schemas):
        made = schemas(('/', view_of(Schema.from_dict({'x': fields.Integer(data_key='y', required=True)}, name='One'))))
        assert made['OneInput']['required'] == ['y']
        assert list(made['One']['properties']) == ['y']


class TestNesting:
    def test_tells_directions_apart(self, schemas):
        class InnerSchema(Schema):
            seen = fields.Integer(dump_only=True)
            given = fields.Integer(load_only=True)

        class OuterSchema(Schema):
            one = fields.Nested(InnerSchema, allow_none=True)
            many = fields.List(fields.Nested(InnerSchema))

        made = schemas(('/', view_of(OuterSchema)))
        assert set(made) == {'Error', 'Inner', 'InnerInput', 'Outer', 'OuterInput'}
        assert list(made['Inner']['properties']) == ['seen']
        assert list(made['InnerInput']['properties']) == ['given']
        assert made['OuterInput']['properties'] == {
            'one': {'anyOf': [{'$ref': '#/components/schemas/InnerInput'}, {'type': 'null'}]},
            'many': {'type': 'array', 'items': {'$ref': '#/components/schemas/InnerInput'}},
        }

    def test_may_be_circular(self, schemas):
        class TreeSchema(Schema):
            children = fields.List(fields.Nested(lambda: TreeSchema()))

        made = schemas(('/', view_of(TreeSchema)))
        assert made['Tree']['properties']['children']['items'] == {'$ref': '#/components/schemas/Tree'}

    def test_of_parts_makes_other_schemas(self, schemas):
        class PartSchema(Schema):
            a = fields.Integer()
            b = fields.Integer()

        class WholeSchema(Schema):
            all = fields.Nested(PartSchema)
            some = fields.Nested(PartSchema, only=('a',))

        made = schemas(('/', view_of(WholeSchema)))
        assert list(made['Part']['properties']) == ['a', 'b']
        assert list(made['Part2']['properties']) == ['a']


class TestUnknownFields:
    def test_may_be_kept(self, schemas):
        class AnySchema(Schema):
            class Meta:
                unknown = INCLUDE

        made = schemas(('/', view_of(AnySchema)))
        assert made['AnyInput']['additionalProperties'] is True
        assert 'additionalProperties' not in made['Any']


class TestNames:
    def test_of_registered_classes_stand_for_them(self, operation):
        schema = type('RegisteredForDocsSchema', (Schema,), {})
        described = operation('/', docs(responses={200: {'schema': schema.__name__}})(lambda request: None))
        media = described['responses']['200']['content']['application/json']
        assert media['schema'] == {'$ref': '#/components/schemas/RegisteredForDocs'}

    def test_are_unique(self, schemas):
        first = type('UserSchema', (Schema,), {'a': fields.Integer(), '__module__': 'shop.schemas'})
        second = type('UserSchema', (Schema,), {'b': fields.Integer(), '__module__': 'shop.back_office.schemas'})
        third = type('UserSchema', (Schema,), {'c': fields.Integer(), '__module__': 'shop.schemas'})
        made = schemas(*((f'/{number}', view_of(cls)) for number, cls in enumerate((first, second, third))))
        assert list(made['User']['properties']) == ['a']
        assert list(made['BackOfficeUser']['properties']) == ['b']
        assert list(made['User2']['properties']) == ['c']
        assert list(made['BackOfficeUserInput']['properties']) == ['b']

    def test_do_not_repeat_the_suffix(self, schemas):
        made = schemas(('/', view_of(type('UserInputSchema', (Schema,), {}))))
        assert set(made) == {'Error', 'UserInput', 'UserInput2'}

    def test_come_with_the_docstring(self, schemas):
        class NotedSchema(Schema):
            """What is noted.

            And more.
            """

            class Meta:
                title = 'Note'

        made = schemas(('/', view_of(NotedSchema)))
        assert (made['Noted']['title'], made['Noted']['description']) == ('Note', 'What is noted.')


@pytest.mark.parametrize(
    ('python', 'ecma'),
    [
        ('abc', '^abc'),
        ('^abc$', '^abc$'),
        (r'\A\d+\Z', r'^\d+$'),
        ('a|b', '^(?:a|b)'),
        (r'\\Z', r'^\\Z'),
        ('(?P<year>[0-9]{4})', '^(?<year>[0-9]{4})'),
        ('(?i)a', None),
        ('(?P<a>.)(?P=a)', None),
        ('(?x: a)', None),
        ('a++', None),
    ],
)
def test_patterns(python, ecma):
    assert ecma_pattern(python) == ecma


def test_words():
    assert words('HTTPServerError') == 'http server error'
    assert identifier('OrderItem2 x') == 'order_item2_x'
    assert [plural(noun) for noun in ('user', 'box', 'category', 'day', 'match')] == [
        'users',
        'boxes',
        'categories',
        'days',
        'matches',
    ]
