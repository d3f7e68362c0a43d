"""What the database's rules refuse, on every engine."""

import pytest

from tests.views.model_items import ROUTES, create
from tests.views.serving import error_of


@pytest.fixture
async def client(serve, engine):
    return await serve(ROUTES, engine=engine)


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
        error = await error_of(response, 400)
        assert error['code'] == 'invalid_request'
        assert error['details'] == {'body': {'organization': ['This refers to nothing.']}}


async def test_delete_what_is_referred_to(client):
    await create(client, '/organizations', name='acme')
    await create(client, name='x', organization=1)
    error = await error_of(await client.delete('/organizations/1'), 409)
    assert error['message'] == 'other data refers to this'
    assert (await client.get('/organizations/1')).status == 200


async def test_integrity_error_of_another_table_names_no_field_of_this_one(serve, engine):
    client = await serve(
        """
        class OrganizationsView(ListCreateModelView):
            model = models.Organization
            body_schema_class = OrganizationSchema

            def perform_create(self, data):
                models.Item.create(name=data['name'])
                return models.Organization.create(**data)

        ROUTES = [('/organizations', OrganizationsView)]
    """,
        engine=engine,
    )
    await create(client, '/organizations', name='x')
    error = await error_of(await client.post('/organizations', json={'name': 'x'}), 409)
    assert error['details'] == {'body': {}}


async def test_null_where_the_database_wants_none(serve, engine):
    client = await serve(
        """
        class LooseSchema(ItemSchema):
            amount = fields.Integer(allow_none=True)

        class ItemsView(ListCreateModelView):
            model = models.Item
            body_schema_class = LooseSchema

        ROUTES = [('/items', ItemsView)]
    """,
        engine=engine,
    )
    error = await error_of(await client.post('/items', json={'name': 'x', 'amount': None}), 400)
    assert error['details'] == {'body': {'amount': ['This value may not be null.']}}


LIMITED = """
from colibris import persist


class Organization(persist.Model):
    name = persist.CharField(max_length=20)


class Item(persist.Model):
    name = persist.CharField(max_length=20)
    amount = persist.IntegerField(default=1, constraints=[persist.Check('amount > 0')])
    low = persist.IntegerField(default=0)
    high = persist.IntegerField(default=0)
    row = persist.IntegerField(default=1)
    seat = persist.IntegerField(default=1)

    class Meta:
        constraints = [persist.SQL('CONSTRAINT item_low_high CHECK (low <= high)')]
        indexes = ((('row', 'seat'), True),)
"""


@pytest.mark.parametrize('settings', ['', "DATABASE['atomic_requests'] = True\n"])
async def test_checks_and_combinations(serve, engine, settings):
    client = await serve(ROUTES.replace("lookup_field = 'code'", ''), models=LIMITED, engine=engine, settings=settings)
    await create(client, name='one')
    await create(client, name='two', seat=2)
    wrong, both = ['This value is not allowed.'], ['This combination of values is not allowed.']
    taken = ['This combination of values is taken.']
    for data, status, problems in (
        ({'amount': 0, 'seat': 3}, 400, {'amount': wrong}),
        ({'low': 2, 'high': 1, 'seat': 3}, 400, {'low': both, 'high': both}),
        ({'row': 1, 'seat': 1}, 409, {'row': taken, 'seat': taken}),
    ):
        for method, path in (('post', '/items'), ('put', '/items/2'), ('patch', '/items/2')):
            error = await error_of(await client.request(method, path, json={'name': 'x', **data}), status)
            assert error['details'] == {'body': problems}, method
    assert (await (await client.get('/items')).json())['count'] == 2


async def test_what_is_wrong_comes_before_what_is_taken(client):
    await create(client, name='one')
    response = await client.post('/items', json={'name': 'one', 'organization': 9})
    assert (await response.json())['details']['body'].keys() <= {'name', 'organization'}
