"""Query parameters that a view does not know."""

import pytest

from tests.views.items import found, serve_items
from tests.views.serving import error_of

STRICT = """
from colibris.schemas import RAISE


class ItemFilter(ModelFilter):
    class Meta:
        model = models.Item
        fields = {'name': (operators.EQ, operators.IN)}


class StrictFilter(ItemFilter):
    class Meta(ItemFilter.Meta):
        unknown = RAISE


class ItemsView(ListCreateModelView):
    model = models.Item
    body_schema_class = ItemSchema
    filter_class = ItemFilter
    ordering_fields = ('name',)
    search_fields = ('name',)


class StrictView(ItemsView):
    refuse_unknown_parameters = True


class StrictByFilterView(ItemsView):
    filter_class = StrictFilter


class ItemView(RetrieveUpdateDestroyModelView):
    model = models.Item
    body_schema_class = ItemSchema
    refuse_unknown_parameters = True


class LimitSchema(Schema):
    limit = fields.TextInteger(data_key='max')


class PlainView(APIView):
    query_schema_class = LimitSchema
    refuse_unknown_parameters = True

    async def get(self):
        return await self.get_validated_query()


ROUTES = [
    ('/items', ItemsView), ('/strict', StrictView), ('/by-filter', StrictByFilterView), ('/items/{id}', ItemView),
    ('/plain', PlainView),
]
"""


@pytest.fixture
async def client(serve, run):
    return await serve_items(serve, run, routes=STRICT)


async def test_they_are_ignored_by_default(client):
    assert await found(client, nmae='Apple_1', utm_source='mail') == [1, 2, 3, 4]


@pytest.mark.parametrize('path', ['/strict', '/by-filter'])
async def test_a_view_may_refuse_them(client, path):
    known = {'name__in': 'Apple_1,apple 2', 'ordering': '-name', 'search': 'a', 'page': '1', 'page_size': '5'}
    assert await found(client, path, **known) == [2, 1]
    error = await error_of(await client.get(path, params={**known, 'nmae': 'x', 'offset': '1'}), 400)
    assert error['details'] == {'query': {'nmae': ['Unknown field.'], 'offset': ['Unknown field.']}}
    assert error['message'] == 'the query is not valid: nmae, offset'


async def test_every_method_refuses_them(client):
    for method, path in (('get', '/items/1'), ('head', '/items/1'), ('put', '/items/1'), ('delete', '/items/1')):
        assert (await client.request(method, f'{path}?x=1', json={'name': 'x'})).status == 400
    assert (await client.post('/strict?name=x', json={'name': 'x'})).status == 400
    assert (await client.get('/items/1')).status == 200
    assert (await client.options('/items/1')).status == 204
    assert (await client.request('trace', '/items/1?x=1')).status == 405


async def test_names_in_urls_count(client):
    assert await (await client.get('/plain?max=5')).json() == {'limit': 5}
    error = await error_of(await client.get('/plain?limit=5'), 400)
    assert error['details'] == {'query': {'limit': ['Unknown field.']}}
