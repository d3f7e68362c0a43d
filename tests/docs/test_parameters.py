from typing import ClassVar

from aiohttp_apispec import docs, headers_schema, match_info_schema, querystring_schema

from colibris.conf import settings
from colibris.schemas import ModelSchema, Schema, fields, validate
from colibris.views import APIView, ListMixin, ModelView, RetrieveMixin
from colibris.views.filtering import ModelFilter, operators
from tests.docs.models import Item, Maker


class ItemSchema(ModelSchema):
    class Meta:
        model = Item


class QuerySchema(Schema):
    limit = fields.Integer(required=True, metadata={'description': 'How many.'})
    words = fields.List(fields.String())
    hidden = fields.Integer(dump_only=True)


class ItemsView(ListMixin, ModelView):
    model = Item
    body_schema_class = ItemSchema
    pagination_class = None


class MakerView(RetrieveMixin, ModelView):
    model = Maker
    body_schema_class = ItemSchema


def function(request):
    """Get."""


def parameters(operation):
    return {item['name']: item for item in operation.get('parameters', ())}


class TestPath:
    def test_has_the_type_of_the_field_that_it_names(self, operation):
        item = parameters(operation('/makers/{id}', MakerView))['id']
        assert item == {
            'in': 'path',
            'name': 'id',
            'required': True,
            'description': 'The id of the maker.',
            'schema': {'type': 'integer', 'minimum': -(2**31), 'maximum': 2**31 - 1},
        }

    def test_has_the_type_of_the_lookup_field(self, operation):
        class NamedMakerView(MakerView):
            lookup_field = 'name'
            url_identifier = 'key'

        found = parameters(operation(r'/shops/{shop:\d+}/makers/{key}', NamedMakerView))
        assert found['shop']['schema'] == {'type': 'integer', 'minimum': 0}
        assert found['key']['schema'] == {'type': 'string', 'maxLength': 40}
        assert found['key']['description'] == 'How the maker is called.'

    def test_of_functions_follows_from_the_pattern(self, operation):
        found = parameters(operation(r'/{a}/{b:[0-9]{1,3}}/{c:[a-z]+}/{d:x|y}', function))
        assert found['a']['schema'] == {'type': 'string', 'minLength': 1}
        assert found['b']['schema'] == {'type': 'integer', 'minimum': 0}
        assert found['c']['schema'] == {'type': 'string', 'minLength': 1, 'pattern': '^[a-z]+$'}
        assert found['d']['schema'] == {'type': 'string', 'minLength': 1, 'pattern': '^(?:(?:x|y)$)'}

    def test_may_lead_nowhere(self, operation):
        assert operation('/{a}', function)['responses']['404'] == {'$ref': '#/components/responses/NotFound'}

    def test_of_decorators_wins(self, operation):
        schema = Schema.from_dict({'a': fields.UUID(required=True), 'not_in_the_path': fields.Integer()})
        found = parameters(operation('/{a}', match_info_schema(schema)(lambda request: None)))
        assert found == {
            'a': {'in': 'path', 'name': 'a', 'required': True, 'schema': {'type': 'string', 'format': 'uuid'}}
        }


class TestQuery:
    def test_follows_from_the_views_schema(self, operation):
        class SearchView(APIView):
            query_schema_class = QuerySchema

            def get(self):
                pass

        described = operation('/', SearchView)
        found = parameters(described)
        assert set(found) == {'limit', 'words'}
        assert found['limit']['required'] is True
        assert found['limit']['description'] == 'How many.'
        assert found['words']['explode'] is True
        assert '400' in described['responses']

    def test_is_read_by_get_where_there_is_one(self, document):
        class BothView(APIView):
            query_schema_class = QuerySchema

            def get(self):
                pass

            def post(self):
                pass

        class PostView(APIView):
            query_schema_class = QuerySchema

            def post(self):
                pass

        made = document(('/both', BothView), ('/post', PostView))
        assert set(parameters(made['paths']['/both']['get'])) == {'limit', 'words'}
        assert 'parameters' not in made['paths']['/both']['post']
        assert set(parameters(made['paths']['/post']['post'])) == {'limit', 'words'}

    def test_of_decorators_counts(self, operation):
        described = operation('/', querystring_schema(QuerySchema)(lambda request: None))
        assert set(parameters(described)) == {'limit', 'words'}
        assert '400' in described['responses']


class TestLists:
    def test_without_anything_take_no_parameters(self, operation):
        described = operation('/', ItemsView)
        assert 'parameters' not in described
        assert '400' not in described['responses']

    def test_have_pages(self, document):
        class PagesView(ItemsView):
            pagination_class = ModelView.pagination_class

        with settings.override(PAGE_SIZE=7, MAX_PAGE_SIZE=9):
            found = parameters(document(('/', PagesView))['paths']['/']['get'])
        assert found['page']['schema'] == {'type': 'integer', 'default': 1, 'minimum': 1, 'maximum': 2**31 - 1}
        assert found['page_size']['schema'] == {'type': 'integer', 'default': 7, 'minimum': 1, 'maximum': 9}

    def test_are_sorted(self, operation):
        class SortedView(ItemsView):
            ordering_fields = ('name', 'made')

        item = parameters(operation('/', SortedView))['ordering']
        assert (item['style'], item['explode'], item['required']) == ('form', False, False)
        assert item['schema'] == {
            'type': 'array',
            'minItems': 1,
            'items': {'type': 'string', 'enum': ['name', '-name', 'made', '-made']},
        }

    def test_are_filtered(self, operation):
        class ItemFilter(ModelFilter):
            class Meta:
                model = Item
                fields: ClassVar = {
                    'note': (operators.EQ, operators.ILIKE, operators.REGEXP, operators.IS_NULL),
                    'stock': (operators.IN, operators.BETWEEN),
                    'size': (operators.EQ,),
                    'price': (operators.GT, operators.IN),
                }

        class FilteredView(ItemsView):
            filter_class = ItemFilter

        found = parameters(operation('/', FilteredView))
        assert found['note']['schema'] == {'type': 'string'}
        assert found['note__ilike']['description'].startswith('Only those whose note matches this')
        assert found['note__is_null']['schema'] == {'type': 'boolean'}
        assert found['size']['schema']['enum'] == ['s', 'l']
        assert (found['price__gt']['schema']['type'], found['price__gt']['schema']['format']) == ('string', 'decimal')
        assert found['price__in']['schema']['items']['type'] == 'string'
        several = found['stock__in']
        assert (several['style'], several['explode']) == ('form', False)
        assert several['schema'] == {
            'type': 'array',
            'items': {'type': 'integer', 'minimum': -(2**15), 'maximum': 2**15 - 1},
            'minItems': 1,
            'maxItems': 100,
        }
        assert (found['stock__between']['schema']['minItems'], found['stock__between']['schema']['maxItems']) == (2, 2)

    def test_take_a_query_schema_besides(self, operation):
        class SearchedView(ItemsView):
            query_schema_class = QuerySchema

        assert set(parameters(operation('/', SearchedView))) == {'limit', 'words'}


class TestDecorators:
    def test_headers(self, operation):
        schema = Schema.from_dict(
            {
                'token': fields.String(data_key='X-Token', validate=validate.Length(min=3), required=True),
                'accept': fields.String(data_key='Accept'),
            }
        )
        assert parameters(operation('/', headers_schema(schema)(lambda request: None))) == {
            'X-Token': {
                'in': 'header',
                'name': 'X-Token',
                'required': True,
                'schema': {'type': 'string', 'minLength': 3},
            }
        }

    def test_parameters_in_the_old_form(self, operation):
        old = {'in': 'header', 'name': 'X-Old', 'type': 'string', 'format': 'uuid', 'required': 'true'}
        new = {'in': 'query', 'name': 'new', 'schema': {'type': 'integer'}, 'description': 'New.'}
        found = parameters(operation('/', docs(parameters=[old, new])(lambda request: None)))
        assert found['X-Old']['schema'] == {'type': 'string', 'format': 'uuid'}
        assert found['X-Old']['required'] is True
        assert found['new'] == {**new, 'required': False}

    def test_win_over_the_view(self, operation):
        class SearchView(APIView):
            query_schema_class = QuerySchema

            @docs(parameters=[{'in': 'query', 'name': 'limit', 'schema': {'type': 'number'}}])
            def get(self):
                pass

        assert parameters(operation('/', SearchView))['limit']['schema'] == {'type': 'number'}
