"""The views of a model's rows, from outside."""

import uuid

import pytest

from tests.views.serving import error_of

ROUTES = """
class ItemsView(ListCreateModelView):
    model = models.Item
    body_schema_class = ItemSchema


class ItemView(RetrieveUpdateDestroyModelView):
    model = models.Item
    body_schema_class = ItemSchema


class ItemByNameView(RetrieveMixin, DestroyMixin, ModelView):
    model = models.Item
    body_schema_class = ItemSchema
    lookup_field = 'name'
    url_identifier = 'who'


class ItemByCodeView(RetrieveMixin, ModelView):
    model = models.Item
    body_schema_class = ItemSchema
    lookup_field = 'code'


class OrganizationsView(ListCreateModelView):
    model = models.Organization
    body_schema_class = OrganizationSchema


class OrganizationView(RetrieveUpdateDestroyModelView):
    model = models.Organization
    body_schema_class = OrganizationSchema


ROUTES = [
    ('/items', ItemsView),
    ('/items/{id}', ItemView),
    ('/named/{realm}/{who}', ItemByNameView),
    ('/coded/{code}', ItemByCodeView),
    ('/organizations', OrganizationsView),
    ('/organizations/{id}', OrganizationView),
]
"""

FULL = {
    'name': 'full',
    'amount': -7,
    'is_new': False,
    'price': '12.50',
    'weight': 1.5,
    'made': '2024-02-29T12:30:00.250000Z',
    'day': '2024-02-29',
    'hour': '12:30:00',
    'code': '0f8fad5b-d9cb-469f-a165-70867728950e',
    'kind': 'b',
    'address': '10.0.0.1',
    'stamp': '2024-02-29T12:30:00',
    'extra': {'deep': [1, None, True]},
}
DEFAULTS = {
    'organization': None,
    'amount': 3,
    'is_new': True,
    'price': None,
    'weight': None,
    'made': '2020-01-01T00:00:00Z',
    'day': None,
    'hour': None,
    'kind': 'a',
    'address': None,
    'stamp': None,
    'extra': None,
}


@pytest.fixture
async def client(serve):
    return await serve(ROUTES)


async def create(client, path='/items', **values):
    response = await client.post(path, json=values)
    assert response.status == 201, await response.text()
    return await response.json()


async def test_create_with_every_field(client):
    organization = await create(client, '/organizations', name='acme')
    item = await create(client, **FULL, organization=organization['id'])
    assert item == {'id': 1, **FULL, 'organization': organization['id']}
    assert await (await client.get('/items/1')).json() == item


async def test_create_with_defaults(client):
    item = await create(client, name='bare')
    assert uuid.UUID(item.pop('code'))
    assert item == {'id': 1, 'name': 'bare', **DEFAULTS}


async def test_put_replaces(client):
    await create(client, **FULL)
    response = await client.put('/items/1', json={'name': 'other'})
    item = await response.json()
    assert response.status == 200
    assert item.pop('code') != FULL['code']
    assert item == {'id': 1, 'name': 'other', **DEFAULTS}
    stored = await (await client.get('/items/1')).json()
    assert {**item, 'code': stored['code']} == stored


async def test_put_needs_required_fields(client):
    await create(client, **FULL)
    error = await error_of(await client.put('/items/1', json={'amount': 1}), 400)
    assert error['details'] == {'body': {'name': ['Missing data for required field.']}}
    assert 'name' in error['message']


async def test_patch_changes_what_it_gets(client):
    item = await create(client, **FULL)
    response = await client.patch('/items/1', json={'amount': 8, 'price': None})
    assert response.status == 200
    assert await response.json() == {**item, 'amount': 8, 'price': None}
    assert await (await client.get('/items/1')).json() == {**item, 'amount': 8, 'price': None}


async def test_patch_with_nothing(client):
    item = await create(client, **FULL)
    assert await (await client.patch('/items/1', json={})).json() == item


async def test_delete(client):
    await create(client, name='x')
    response = await client.delete('/items/1')
    assert (response.status, await response.read()) == (204, b'')
    await error_of(await client.get('/items/1'), 404)
    await error_of(await client.delete('/items/1'), 404)


async def test_list(client):
    for number in range(3):
        await create(client, name=f'item{number}')
    data = await (await client.get('/items')).json()
    assert [item['name'] for item in data['results']] == ['item0', 'item1', 'item2']
    assert {name: data[name] for name in data if name != 'results'} == {
        'count': 3,
        'pages': 1,
        'page': 1,
        'page_size': 25,
    }


@pytest.mark.parametrize(
    'identifier', ['2', '0', '-1', 'x', '1.0', '1_0', '%EF%BC%91', '%00', '%zz', '9' * 25, '9' * 3000]
)
async def test_no_such_row(client, identifier):
    await create(client, name='x')
    for method in ('get', 'put', 'patch', 'delete'):
        error = await error_of(await client.request(method, f'/items/{identifier}', json={'name': 'y'}), 404)
        assert error['code'] == 'not_found'


async def test_lookup_field_and_url_identifier(client):
    item = await create(client, name='fi nd/me')
    assert await (await client.get('/named/any/fi%20nd%2Fme')).json() == item
    await error_of(await client.get('/named/any/nobody'), 404)
    assert await (await client.get(f'/coded/{item["code"]}')).json() == item
    await error_of(await client.get('/coded/none'), 404)
    assert (await client.delete('/named/any/fi%20nd%2Fme')).status == 204


WRONG = [
    ('amount', '1'),
    ('amount', True),
    ('amount', 1.0),
    ('amount', 1.5),
    ('amount', 2**31),
    ('amount', -(2**31) - 1),
    ('amount', 10**400),
    ('amount', [1]),
    ('amount', None),
    ('is_new', 1),
    ('is_new', 'true'),
    ('is_new', None),
    ('price', True),
    ('price', 'NaN'),
    ('price', 'Infinity'),
    ('price', '1_0'),
    ('price', '1e3'),
    ('price', '1.239'),
    ('price', 1000000),
    ('price', '1000000.00'),
    ('price', '٣'),
    ('weight', '1.5'),
    ('weight', True),
    ('weight', 10**400),
    ('made', 5),
    ('made', 'yesterday'),
    ('made', '0001-01-01T00:00:00+14:00'),
    ('day', '2024-02-30'),
    ('hour', '25:00'),
    ('hour', '10:00:00+02:00'),
    ('code', 'x'),
    ('code', 5),
    ('kind', 'c'),
    ('kind', ['a']),
    ('address', '::1'),
    ('address', 1),
    ('stamp', '0001-01-01T00:00:00'),
    ('stamp', '9999-12-31T23:59:59'),
    ('organization', '1'),
    ('organization', True),
    ('name', 5),
    ('name', None),
    ('name', 'x' * 21),
    ('id', 7),
    ('unknown', 1),
]


@pytest.mark.parametrize(('field', 'value'), WRONG)
async def test_wrong_values(client, field, value):
    await create(client, name='there')
    for method, path in (('post', '/items'), ('put', '/items/1'), ('patch', '/items/1')):
        error = await error_of(await client.request(method, path, json={'name': 'fine', field: value}), 400)
        assert error['code'] == 'invalid_request'
        assert list(error['details']['body']) == [field]
        assert field in error['message']
    assert (await (await client.get('/items')).json())['count'] == 1


async def test_times_are_kept_in_utc(client):
    item = await create(client, name='x', made='2020-01-01T00:30:00+02:00')
    assert item['made'] == '2019-12-31T22:30:00Z'
    assert (await (await client.get('/items/1')).json())['made'] == '2019-12-31T22:30:00Z'


async def test_numbers_are_rounded_to_the_decimal_places(client):
    assert (await create(client, name='x', price=1.239))['price'] == '1.24'
    assert (await create(client, name='y', price=5))['price'] == '5.00'


async def test_unique_value_is_taken(client):
    await create(client, name='one')
    await create(client, name='two')
    expected = {'body': {'name': ['This value is taken.']}}
    for method, path in (('post', '/items'), ('put', '/items/2'), ('patch', '/items/2')):
        error = await error_of(await client.request(method, path, json={'name': 'one'}), 409)
        assert (error['code'], error['details']) == ('conflict', expected)
        assert 'name' in error['message']
    assert (await (await client.get('/items/2')).json())['name'] == 'two'


async def test_foreign_key_to_nothing(client):
    await create(client, name='one')
    for method, path in (('post', '/items'), ('put', '/items/1'), ('patch', '/items/1')):
        response = await client.request(method, path, json={'name': 'two', 'organization': 9})
        error = await error_of(response, 409)
        assert error['details'] == {'body': {'organization': ['This refers to nothing.']}}


async def test_delete_what_is_referred_to(client):
    await create(client, '/organizations', name='acme')
    await create(client, name='x', organization=1)
    error = await error_of(await client.delete('/organizations/1'), 409)
    assert error['message'] == 'other data refers to this'
    assert (await client.get('/organizations/1')).status == 200


async def test_other_methods(client):
    for path, allowed in (
        ('/items', ['GET', 'HEAD', 'OPTIONS', 'POST']),
        ('/items/1', ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'PUT']),
        ('/named/a/b', ['DELETE', 'GET', 'HEAD', 'OPTIONS']),
    ):
        response = await client.options(path)
        assert (response.status, response.headers['Allow']) == (204, ', '.join(allowed))
        for method in {'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND'} - set(allowed):
            response = await client.request(method, path)
            error = await error_of(response, 405)
            assert response.headers['Allow'] == ', '.join(allowed)
            assert error['details'] == {'allowed': allowed}


async def test_head(client):
    await create(client, name='x')
    for path in ('/items', '/items/1'):
        head, get = await client.head(path), await client.get(path)
        assert (head.status, await head.read()) == (200, b'')
        assert head.headers['Content-Length'] == get.headers['Content-Length']
    assert (await client.head('/items/2')).status == 404


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


KEYED = """
from colibris import persist


class Organization(persist.Model):
    name = persist.CharField(primary_key=True, max_length=20)
    size = persist.IntegerField(default=0)


class Item(persist.Model):
    left = persist.IntegerField()
    right = persist.IntegerField()
    text = persist.CharField(default='')

    class Meta:
        primary_key = persist.CompositeKey('left', 'right')
"""


async def test_natural_keys_can_be_written_but_not_changed(serve):
    client = await serve(
        """
        class OrganizationsView(ListCreateModelView):
            model = models.Organization
            body_schema_class = OrganizationSchema

        class OrganizationView(RetrieveUpdateDestroyModelView):
            model = models.Organization
            body_schema_class = OrganizationSchema

        ROUTES = [('/organizations', OrganizationsView), ('/organizations/{name}', OrganizationView)]
        """,
        models=KEYED,
    )
    await create(client, '/organizations', name='acme')
    error = await error_of(await client.post('/organizations', json={'name': 'acme'}), 409)
    assert error['details'] == {'body': {'name': ['This value is taken.']}}
    assert (await client.put('/organizations/acme', json={'name': 'acme', 'size': 2})).status == 200
    error = await error_of(await client.patch('/organizations/acme', json={'name': 'other'}), 400)
    assert error['details'] == {'body': {'name': ['The primary key cannot be changed.']}}


async def test_composite_keys(serve):
    client = await serve(
        """
        class ItemsView(ListCreateModelView):
            model = models.Item
            body_schema_class = ItemSchema

        class TextView(UpdateMixin, RetrieveMixin, ModelView):
            model = models.Item
            body_schema_class = ItemSchema
            lookup_field = 'text'

        ROUTES = [('/items', ItemsView), ('/texts/{text}', TextView)]
        """,
        models=KEYED,
    )
    await create(client, left=1, right=2, text='x')
    error = await error_of(await client.post('/items', json={'left': 1, 'right': 2}), 409)
    combination = ['This combination of values is taken.']
    assert error['details'] == {'body': {'left': combination, 'right': combination}}
    error = await error_of(await client.patch('/texts/x', json={'right': 3}), 400)
    assert list(error['details']['body']) == ['right']
    assert (await client.patch('/texts/x', json={'right': 2, 'text': 'y'})).status == 200
    assert (await (await client.get('/items')).json())['results'] == [{'left': 1, 'right': 2, 'text': 'y'}]


async def test_integrity_error_of_another_table_names_no_field_of_this_one(serve):
    client = await serve("""
        class OrganizationsView(ListCreateModelView):
            model = models.Organization
            body_schema_class = OrganizationSchema

            def perform_create(self, data):
                models.Item.create(name=data['name'])
                return models.Organization.create(**data)

        ROUTES = [('/organizations', OrganizationsView)]
    """)
    await create(client, '/organizations', name='x')
    error = await error_of(await client.post('/organizations', json={'name': 'x'}), 409)
    assert error['details'] == {'body': {}}


async def test_null_where_the_database_wants_none(serve):
    client = await serve("""
        class LooseSchema(ItemSchema):
            amount = fields.Integer(allow_none=True)

        class ItemsView(ListCreateModelView):
            model = models.Item
            body_schema_class = LooseSchema

        ROUTES = [('/items', ItemsView)]
    """)
    error = await error_of(await client.post('/items', json={'name': 'x', 'amount': None}), 409)
    assert error['details'] == {'body': {'amount': ['This value may not be null.']}}
