from aiohttp_apispec import docs, form_schema, request_schema

from colibris.schemas import EXCLUDE, ModelSchema, Schema, fields
from colibris.views import APIView, ListCreateModelView, RetrieveUpdateDestroyModelView
from tests.docs.models import Item


class ItemSchema(ModelSchema):
    class Meta:
        model = Item


class ItemsView(ListCreateModelView):
    model = Item
    body_schema_class = ItemSchema


class ItemView(RetrieveUpdateDestroyModelView):
    model = Item
    body_schema_class = ItemSchema


class OrderSchema(Schema):
    amount = fields.Integer(required=True)


def body_schema(operation):
    return operation['requestBody']['content']['application/json']['schema']


class TestModelViews:
    def test_take_what_the_schema_loads(self, document):
        made = document(('/items', ItemsView), ('/items/{id}', ItemView))
        item = made['paths']['/items/{id}']
        assert body_schema(made['paths']['/items']['post']) == {'$ref': '#/components/schemas/ItemInput'}
        assert body_schema(item['put']) == {'$ref': '#/components/schemas/ItemInput'}
        assert body_schema(item['patch']) == {'$ref': '#/components/schemas/ItemPatch'}
        assert 'requestBody' not in item['get']
        assert 'requestBody' not in item['delete']

    def test_require_nothing_of_a_patch(self, document):
        schemas = document(('/items/{id}', ItemView))['components']['schemas']
        assert schemas['ItemInput']['required'] == ['name']
        assert 'required' not in schemas['ItemPatch']
        assert schemas['ItemInput']['properties']['stock']['default'] == 0
        assert 'default' not in schemas['ItemPatch']['properties']['stock']

    def test_refuse_unknown_and_generated_fields(self, document):
        schemas = document(('/items/{id}', ItemView))['components']['schemas']
        for name in ('ItemInput', 'ItemPatch'):
            assert schemas[name]['additionalProperties'] is False
            assert 'id' not in schemas[name]['properties']


class TestOtherViews:
    def test_take_their_schema_where_there_is_a_body(self, document):
        class OrderView(APIView):
            body_schema_class = OrderSchema

            def get(self):
                pass

            def post(self):
                pass

        made = document(('/', OrderView))['paths']['/']
        assert body_schema(made['post']) == {'$ref': '#/components/schemas/OrderInput'}
        assert made['post']['requestBody']['required'] is True
        assert set(made['post']['responses']) == {'200', '400', '413', '415'}
        assert 'requestBody' not in made['get']

    def test_may_ignore_unknown_fields(self, schemas):
        class LenientSchema(Schema):
            class Meta:
                unknown = EXCLUDE

        class LenientView(APIView):
            body_schema_class = LenientSchema

            def post(self):
                pass

        assert 'additionalProperties' not in schemas(('/', LenientView))['LenientInput']


class TestDecorators:
    def test_of_functions(self, operation):
        view = request_schema(OrderSchema(), example={'amount': 3})(lambda request: None)
        described = operation('/', view, ['POST'], method='post')
        assert described['requestBody']['content'] == {
            'application/json': {'schema': {'$ref': '#/components/schemas/OrderInput'}, 'example': {'amount': 3}}
        }
        assert set(described['responses']) == {'200', '400', '413', '415'}

    def test_win_over_the_view(self, operation):
        class OrderView(APIView):
            body_schema_class = OrderSchema

            @request_schema(Schema.from_dict({'x': fields.Integer()}, name='Other'))
            def post(self):
                pass

        described = operation('/', OrderView, method='post')
        assert body_schema(described) == {'$ref': '#/components/schemas/OtherInput'}

    def test_of_forms(self, operation):
        described = operation('/', form_schema(OrderSchema)(lambda request: None), ['POST'], method='post')
        assert list(described['requestBody']['content']) == ['application/x-www-form-urlencoded']

    def test_in_the_old_form(self, operation):
        view = docs(parameters=[{'in': 'body', 'name': 'body', 'schema': OrderSchema}])(lambda request: None)
        described = operation('/', view, ['POST'], method='post')
        assert body_schema(described) == {'$ref': '#/components/schemas/OrderInput'}
        assert 'parameters' not in described

    def test_in_the_form_of_openapi(self, operation):
        body = {'content': {'text/csv': {'schema': {'type': 'string'}}}}
        view = docs(requestBody=body)(lambda request: None)
        assert operation('/', view, ['POST'], method='post')['requestBody'] == body
