import pytest
from aiohttp_apispec import docs, response_schema

from colibris.schemas import ModelSchema, Schema, fields
from colibris.views import APIView, ListCreateModelView, ListMixin, ModelView, RetrieveUpdateDestroyModelView
from tests.docs.conftest import resolve
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


class SumSchema(Schema):
    total = fields.Decimal(required=True)


def content(operation, status='200'):
    return operation['responses'][status]['content']['application/json']['schema']


class TestModelViews:
    @pytest.mark.parametrize(
        ('path', 'method', 'statuses'),
        [
            ('/items', 'get', {'200', '304', '400', '401', '431', '503'}),
            ('/items', 'post', {'201', '400', '401', '409', '413', '415', '503'}),
            ('/items/{id}', 'get', {'200', '304', '401', '404', '503'}),
            ('/items/{id}', 'put', {'200', '400', '401', '404', '409', '412', '413', '415', '503'}),
            ('/items/{id}', 'patch', {'200', '400', '401', '404', '409', '412', '413', '415', '503'}),
            ('/items/{id}', 'delete', {'204', '401', '404', '409', '412', '503'}),
        ],
    )
    def test_list_every_answer(self, with_accounts, document, path, method, statuses):
        made = document(('/items', ItemsView), ('/items/{id}', ItemView))
        assert set(made['paths'][path][method]['responses']) == statuses

    def test_answer_with_the_item(self, document):
        made = document(('/items', ItemsView), ('/items/{id}', ItemView))
        for method, status in (('get', '200'), ('put', '200'), ('patch', '200')):
            assert content(made['paths']['/items/{id}'][method], status) == {'$ref': '#/components/schemas/Item'}
        assert content(made['paths']['/items']['post'], '201') == {'$ref': '#/components/schemas/Item'}
        assert 'content' not in made['paths']['/items/{id}']['delete']['responses']['204']

    def test_answer_with_the_response_schema(self, operation):
        class OtherItemView(ItemView):
            response_schema_class = SumSchema

        assert content(operation('/{id}', OtherItemView)) == {'$ref': '#/components/schemas/Sum'}

    def test_answer_with_pages(self, document):
        made = document(('/items', ItemsView), ('/more', ItemsView))
        for path in made['paths'].values():
            assert content(path['get']) == {'$ref': '#/components/schemas/ItemPage'}
        page = made['components']['schemas']['ItemPage']
        assert page['properties']['results'] == {'type': 'array', 'items': {'$ref': '#/components/schemas/Item'}}
        assert page['required'] == ['count', 'page', 'page_size', 'pages', 'results']

    def test_answer_with_whole_lists(self, operation):
        class AllItemsView(ListMixin, ModelView):
            model = Item
            body_schema_class = ItemSchema
            pagination_class = None

        assert content(operation('/', AllItemsView)) == {
            'type': 'array',
            'items': {'$ref': '#/components/schemas/Item'},
        }


class TestOtherViews:
    def test_answer_with_their_response_schema(self, operation):
        class SumView(APIView):
            response_schema_class = SumSchema

            def get(self):
                pass

        assert content(operation('/', SumView)) == {'$ref': '#/components/schemas/Sum'}

    def test_without_one_answer_with_anything(self, operation):
        assert operation('/', lambda request: None)['responses'] == {'200': {'description': 'OK'}}


class TestDecorators:
    def test_replace_the_success_answer_and_keep_the_errors(self, operation):
        class CreatedItemsView(ItemsView):
            @response_schema(SumSchema, 202, description='Soon.')
            async def post(self):
                pass

        described = operation('/items', CreatedItemsView, method='post')
        assert set(described['responses']) == {'202', '400', '409', '413', '415', '503'}
        assert described['responses']['202']['description'] == 'Soon.'
        assert content(described, '202') == {'$ref': '#/components/schemas/Sum'}

    def test_add_errors(self, document):
        made = document(('/', docs(responses={418: {'description': 'Tea.'}, 404: {}})(lambda request: None)))
        responses = made['paths']['/']['get']['responses']
        assert responses == {
            '200': {'description': 'OK'},
            '404': {'description': 'Not Found'},
            '418': {'description': 'Tea.'},
        }

    def test_tell_the_media_type(self, operation):
        view = docs(produces=['text/csv'], responses={200: {'schema': {'type': 'string'}}})(lambda request: None)
        assert operation('/', view)['responses']['200']['content'] == {'text/csv': {'schema': {'type': 'string'}}}

    def test_in_the_form_of_openapi(self, operation):
        media = {'application/json': {'schema': SumSchema}, 'text/plain': {}}
        responses = {'default': {'content': media}, 404: {'$ref': '#/components/responses/NotFound'}}
        described = operation('/{x}', docs(responses=responses)(lambda request: None))
        assert described['responses']['404'] == responses[404]
        assert described['responses']['default']['description'] == 'An answer.'
        assert described['responses']['default']['content'] == {
            'application/json': {'schema': {'$ref': '#/components/schemas/Sum'}},
            'text/plain': {},
        }

    def test_answer_with_lists(self, operation):
        described = operation('/', response_schema(SumSchema(many=True))(lambda request: None))
        assert content(described) == {'type': 'array', 'items': {'$ref': '#/components/schemas/Sum'}}


def test_errors_have_one_schema(with_accounts, document):
    made = document(('/items/{id}', ItemView))
    errors = {
        status: resolve(made, response)['content']['application/json']
        for status, response in made['paths']['/items/{id}']['put']['responses'].items()
        if status >= '400'
    }
    assert {media['schema']['$ref'] for media in errors.values()} == {'#/components/schemas/Error'}
    assert {status: media['example']['code'] for status, media in errors.items()} == {
        '400': 'invalid_request',
        '401': 'not_authenticated',
        '404': 'not_found',
        '409': 'conflict',
        '413': 'payload_too_large',
        '412': 'precondition_failed',
        '415': 'unsupported_media_type',
        '503': 'service_unavailable',
    }
    assert made['components']['schemas']['Error']['required'] == ['code', 'details', 'message']


def test_only_errors_that_are_referred_to_are_kept(document):
    assert 'responses' not in document(('/', lambda request: None))['components']
