"""What a model view's class may say: bases, hooks, schemas."""

import pytest

from tests.views.model_items import create
from tests.views.serving import error_of


@pytest.mark.parametrize(
    'bases', ['ModelView, ListMixin, CreateMixin', 'ListMixin, CreateMixin, ModelView', 'ListCreateModelView']
)
async def test_order_of_bases(serve, bases):
    client = await serve(f"""
        class ItemsView({bases}):
            model = models.Item
            body_schema_class = ItemSchema

        ROUTES = [('/items', ItemsView)]
    """)
    await create(client, name='x')
    assert (await (await client.get('/items')).json())['count'] == 1
    assert (await client.options('/items')).headers['Allow'] == 'GET, HEAD, OPTIONS, POST'


@pytest.mark.parametrize('bases', ['ModelView, {}', '{}, ModelView'])
@pytest.mark.parametrize(
    ('mixin', 'methods'),
    [
        ('RetrieveMixin', 'GET, HEAD, OPTIONS'),
        ('UpdateMixin', 'OPTIONS, PATCH, PUT'),
        ('DestroyMixin', 'DELETE, OPTIONS'),
    ],
)
async def test_single_mixin(serve, bases, mixin, methods):
    client = await serve(f"""
        class ItemView({bases.format(mixin)}):
            model = models.Item
            body_schema_class = ItemSchema

        ROUTES = [('/items/{{id}}', ItemView)]
    """)
    assert (await client.options('/items/1')).headers['Allow'] == methods


async def test_query_schema_matches_fields(serve):
    client = await serve("""
        class QuerySchema(Schema):
            amount = fields.Integer()
            kind = fields.String()
            shout = fields.Boolean()

        class ItemsView(ModelView, ListMixin, CreateMixin):
            model = models.Item
            body_schema_class = ItemSchema
            query_schema_class = QuerySchema

        ROUTES = [('/items', ItemsView)]
    """)
    await create(client, name='one', amount=1)
    await create(client, name='two', amount=2)
    data = await (await client.get('/items', params={'amount': '2', 'shout': 'true', 'page_size': '1'})).json()
    assert [item['name'] for item in data['results']] == ['two']
    error = await error_of(await client.get('/items?amount=x'), 400)
    assert error['details'] == {'query': {'amount': ['Not a valid integer.']}}
    await error_of(await client.get(f'/items?amount={10**20}'), 400)


@pytest.mark.parametrize('prefix', ['', 'async '])
async def test_hooks(serve, prefix):
    client = await serve(
        f"""
        class Query:
            {prefix}def get_query(self):
                return models.Item.select().where(models.Item.kind == 'a')

        class ItemsView(Query, ListCreateModelView):
            model = models.Item
            body_schema_class = ItemSchema

            {prefix}def perform_create(self, data):
                return models.Item.create(**{{**data, 'name': data['name'].upper()}})

        class ItemView(Query, RetrieveUpdateDestroyModelView):
            model = models.Item
            body_schema_class = ItemSchema

            {prefix}def perform_update(self, instance, data):
                instance.amount = 99
                instance.save()

            {prefix}def perform_destroy(self, instance):
                models.Item.update(kind='b').where(models.Item.id == instance.id).execute()

        class FirstView(RetrieveMixin, ModelView):
            model = models.Item
            body_schema_class = ItemSchema

            {prefix}def get_object(self):
                return models.Item.get()

        ROUTES = [('/first', FirstView), ('/items', ItemsView), ('/items/{{id}}', ItemView)]
        """
    )
    error = await error_of(await client.get('/first'), 404)
    assert error['code'] == 'not_found'
    assert (await create(client, name='x'))['name'] == 'X'
    assert (await create(client, name='y', kind='b'))['name'] == 'Y'
    assert (await (await client.get('/first')).json())['name'] == 'X'
    assert (await (await client.get('/items')).json())['count'] == 1
    for method in ('get', 'put', 'patch', 'delete'):
        await error_of(await client.request(method, '/items/2', json={'name': 'z'}), 404)
    changed = await (await client.patch('/items/1', json={'amount': 5})).json()
    assert changed['amount'] == 99
    assert (await client.delete('/items/1')).status == 204
    await error_of(await client.get('/items/1'), 404)


async def test_unpaged_list_and_response_schema(serve):
    client = await serve("""
        class NameSchema(Schema):
            name = fields.String()

        class ItemsView(ListCreateModelView):
            model = models.Item
            body_schema_class = ItemSchema
            response_schema_class = NameSchema
            pagination_class = None

        ROUTES = [('/items', ItemsView)]
    """)
    assert await create(client, name='x') == {'name': 'x'}
    assert await (await client.get('/items')).json() == [{'name': 'x'}]


async def test_method_undone(serve):
    client = await serve("""
        class ItemsView(ListCreateModelView):
            model = models.Item
            body_schema_class = ItemSchema
            post = None

        ROUTES = [('/items', ItemsView)]
    """)
    response = await client.post('/items', json={'name': 'x'})
    await error_of(response, 405)
    assert response.headers['Allow'] == 'GET, HEAD, OPTIONS'
