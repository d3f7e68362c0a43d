from aiohttp import web
from aiohttp_apispec import docs

from colibris.schemas import ModelSchema
from colibris.views import (
    APIView,
    ListCreateModelView,
    ModelView,
    RetrieveMixin,
    RetrieveUpdateDestroyModelView,
    View,
)
from tests.docs.models import Item


class ItemSchema(ModelSchema):
    class Meta:
        model = Item


class ItemsView(ListCreateModelView):
    model = Item
    body_schema_class = ItemSchema


class ItemView(RetrieveUpdateDestroyModelView):
    """One item."""

    model = Item
    body_schema_class = ItemSchema


class BestItemView(RetrieveMixin, ModelView):
    """The best item.

    Chosen daily.
    """

    model = Item
    body_schema_class = ItemSchema


def ping(request):
    """Say that the service is there.

    It says so at once.
    """


def identifiers(document):
    return [operation['operationId'] for path in document['paths'].values() for operation in path.values()]


class TestDocument:
    def test_says_what_it_is_about(self, document):
        made = document(('/ping', ping), description='A shop.')
        assert made['openapi'] == '3.1.0'
        assert made['info'] == {'title': 'Shop', 'version': '1.2.3', 'description': 'A shop.'}

    def test_of_nothing_is_valid(self, document):
        assert document()['paths'] == {}

    def test_has_a_path_for_each_endpoint(self, document):
        made = document(('/items', ItemsView), (r'/items/{id:\d+}', ItemView))
        assert {path: list(item) for path, item in made['paths'].items()} == {
            '/items': ['get', 'post'],
            '/items/{id}': ['get', 'put', 'patch', 'delete'],
        }

    def test_describes_the_view_that_is_matched_first(self, document):
        def other(request):
            """Never called."""

        made = document(('/ping', ping), ('/ping', other))
        assert made['paths']['/ping']['get']['operationId'] == 'ping'

    def test_leaves_out_methods_that_openapi_does_not_know(self, document):
        assert list(document(('/ping', ping, ['GET', 'CONNECT']))['paths']['/ping']) == ['get']

    def test_describes_aiohttps_own_routes(self, document):
        made = document(web.post('/ping', ping))
        assert list(made['paths']['/ping']) == ['post']


class TestIdentifiers:
    def test_of_model_views_name_what_is_done_to_the_model(self, document):
        made = document(('/items', ItemsView), ('/items/best', BestItemView), ('/items/{id}', ItemView))
        assert identifiers(made) == [
            'list_items',
            'create_item',
            'get_best_item',
            'get_item',
            'replace_item',
            'update_item',
            'delete_item',
        ]

    def test_of_functions_are_their_names(self, document):
        assert identifiers(document(('/ping', ping, ['GET', 'POST']))) == ['ping', 'ping_post']

    def test_of_other_views_name_the_method_and_the_class(self, document):
        class PriceListAPIView(APIView):
            def get(self):
                pass

            def delete(self):
                pass

        assert identifiers(document(('/prices', PriceListAPIView))) == ['get_price_list', 'delete_price_list']

    def test_are_unique(self, document):
        made = document(
            ('/ping', ping), ('/v2/ping', ping), ('/v2/ping/', ping), ('/items', ItemsView), ('/i', ItemsView)
        )
        assert identifiers(made) == [
            'ping',
            'ping_at_v2_ping',
            'ping_at_v2_ping_2',
            'list_items',
            'create_item',
            'list_items_at_i',
            'create_item_at_i',
        ]

    def test_of_callables_without_a_name_are_made_from_the_class(self, document):
        class Ping:
            def __call__(self, request):
                pass

        assert identifiers(document(('/ping', Ping()))) == ['ping']


class TestTexts:
    def test_come_from_the_functions_docstring(self, operation):
        described = operation('/ping', ping)
        assert described['summary'] == 'Say that the service is there'
        assert described['description'] == 'It says so at once.'

    def test_of_model_views_say_what_is_done(self, document):
        made = document(('/items', ItemsView), ('/items/{id}', ItemView))
        summaries = [operation['summary'] for path in made['paths'].values() for operation in path.values()]
        assert summaries == [
            'List items',
            'Create an item',
            'Get an item',
            'Replace an item',
            'Update an item',
            'Delete an item',
        ]
        assert made['paths']['/items/{id}']['get']['description'] == 'One item.'

    def test_of_views_with_one_method_come_from_the_class(self, operation):
        described = operation('/items/best', BestItemView)
        assert (described['summary'], described['description']) == ('The best item', 'Chosen daily.')

    def test_of_a_method_win_over_those_of_its_class(self, operation):
        class NamedItemsView(ItemsView):
            """Items."""

            async def get(self):
                """List what there is."""
                return await super().get()

        described = operation('/items', NamedItemsView)
        assert (described['summary'], described['description']) == ('List what there is', 'Items.')

    def test_never_are_the_frameworks_own(self, document):
        made = document(('/items', ItemsView), ('/view', type('BareView', (View,), {'get': lambda self: None})))
        assert 'description' not in made['paths']['/items']['get']
        assert made['paths']['/view']['get']['summary'] == 'Get bare'

    def test_of_decorators_win(self, operation):
        @docs(summary='S', description='D', operationId='other', deprecated=True)
        def decorated(request):
            """Neither."""

        described = operation('/', decorated)
        assert (described['summary'], described['description']) == ('S', 'D')
        assert (described['operationId'], described['deprecated']) == ('other', True)


class TestTags:
    def test_name_the_model(self, document):
        made = document(('/shop/items', ItemsView))
        assert made['paths']['/shop/items']['get']['tags'] == ['items']
        assert made['tags'] == [{'name': 'items', 'description': 'A thing to sell.'}]

    def test_of_other_views_are_the_first_word_of_the_path(self, document):
        made = document(('/api/v1/tools/ping', ping), ('/{x}', ping), ('/', ping))
        assert [path['get']['tags'] for path in made['paths'].values()] == [['tools'], ['general'], ['general']]

    def test_of_the_view_win(self, operation):
        class TaggedView(ItemsView):
            tags = ('one', 'two')

        assert operation('/items', TaggedView)['tags'] == ['one', 'two']

    def test_of_decorators_win(self, operation):
        assert operation('/items', docs(tags=['x'])(lambda request: None))['tags'] == ['x']
