"""Primary keys that clients choose."""

from tests.views.model_items import create
from tests.views.serving import error_of

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
    assert (await client.patch('/organizations/acme', json={'name': 'acme'})).status == 200
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
    for data in ({'right': 2}, {'left': 1, 'right': 2}, {'right': 2, 'text': 'y'}):
        assert (await client.patch('/texts/x', json=data)).status == 200
    assert (await (await client.get('/items')).json())['results'] == [{'left': 1, 'right': 2, 'text': 'y'}]
