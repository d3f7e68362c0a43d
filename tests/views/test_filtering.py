"""Filters, their operators, ordering and pages."""

import asyncio

import pytest

from colibris.conf import settings
from colibris.errors import ConfigurationError
from colibris.persist import models_of
from tests.views.serving import error_of

ROUTES = """
class ItemFilter(ModelFilter):
    heavier_than = fields.TextInteger(metadata={'field': 'weight', 'operator': operators.GT})

    class Meta:
        model = models.Item
        fields = {
            'name': (
                operators.EQ, operators.NOT, operators.LIKE, operators.ILIKE, operators.REGEXP, operators.IN,
                operators.CONTAINS, operators.STARTSWITH,
            ),
            'amount': (
                operators.EQ, operators.GT, operators.GE, operators.LT, operators.LE, operators.IN, operators.BETWEEN,
            ),
            'is_new': (operators.EQ,),
            'price': (operators.EQ, operators.GT),
            'weight': (operators.GT,),
            'made': (operators.GE, operators.BETWEEN),
            'kind': (operators.EQ,),
            'code': (operators.EQ,),
            'day': (operators.IS_NULL,),
            'organization': (operators.EQ, operators.IS_NULL),
        }


class ItemsView(ListMixin, ModelView):
    model = models.Item
    body_schema_class = ItemSchema
    filter_class = ItemFilter
    ordering_fields = ('name', 'amount')


class SortedView(ItemsView):
    def get_query(self):
        return models.Item.select().order_by(models.Item.amount.desc())


ROUTES = [('/items', ItemsView), ('/sorted', SortedView)]
"""

ROWS = [
    {'name': 'Apple_1', 'amount': 1, 'is_new': True, 'price': '1.50', 'weight': 0.5, 'made': '2020-01-01T00:00:00'},
    {'name': 'apple 2', 'amount': 2, 'is_new': False, 'price': '10.00', 'weight': 9.0, 'made': '2021-01-01T00:00:00'},
    {'name': '100% *[x]?', 'amount': 3, 'day': '2020-01-01', 'kind': 'b', 'made': '2022-01-01T00:00:00.500000'},
    {'name': 'a\\b', 'amount': 3, 'made': '2023-01-01T00:00:00'},
]


@pytest.fixture
async def client(serve, run):
    client = await serve(ROUTES)
    item = models_of(settings.PROJECT_PACKAGE_NAME)[1]
    await run(lambda: [item.create(**row) for row in ROWS])
    return client


async def found(client, path='/items', **parameters):
    response = await client.get(path, params=parameters)
    assert response.status == 200, await response.text()
    return [item['id'] for item in (await response.json())['results']]


@pytest.mark.parametrize(
    ('name', 'value', 'expected'),
    [
        ('name', 'Apple_1', [1]),
        ('name', 'apple_1', []),
        ('name', '', []),
        ('name__not', 'Apple_1', [2, 3, 4]),
        ('name__like', 'Apple%', [1]),
        ('name__like', 'apple%', [2]),
        ('name__like', 'apple', []),
        ('name__like', '%pple__', [1, 2]),
        ('name__like', '%pple\\__', [1]),
        ('name__like', '100\\%%', [3]),
        ('name__like', '%*[x]?', [3]),
        ('name__like', '*', []),
        ('name__like', 'a??le*', []),
        ('name__like', '[a]%', []),
        ('name__like', 'a\\\\b', [4]),
        ('name__like', '\\a\\\\%', [4]),
        ('name__like', '', []),
        ('name__ilike', 'APPLE%', [1, 2]),
        ('name__ilike', 'apple\\_1', [1]),
        ('name__ilike', 'a\\\\B', [4]),
        ('name__ilike', '%[x]%', [3]),
        ('name__regexp', '^[Aa]pple.\\d$', [1, 2]),
        ('name__regexp', 'le', [1, 2]),
        ('name__regexp', '^apple', [2]),
        ('name__regexp', '(_|%)', [1, 3]),
        ('name__in', 'Apple_1,apple 2,nothing', [1, 2]),
        ('name__contains', '%', [3]),
        ('name__contains', '_', [1]),
        ('name__contains', 'PPLE', [1, 2]),
        ('name__contains', '\\', [4]),
        ('name__startswith', 'apple', [1, 2]),
        ('name__startswith', '100%', [3]),
        ('name__startswith', '%', []),
        ('amount', '3', [3, 4]),
        ('amount__gt', '1', [2, 3, 4]),
        ('amount__ge', '2', [2, 3, 4]),
        ('amount__lt', '2', [1]),
        ('amount__le', '+2', [1, 2]),
        ('amount__in', '1,3', [1, 3, 4]),
        ('amount__between', '1,2', [1, 2]),
        ('amount__between', '2,1', []),
        ('is_new', 'false', [2]),
        ('is_new', '1', [1, 3, 4]),
        ('price', '1.5', [1]),
        ('price__gt', '9', [2]),
        ('weight__gt', '5e-1', [2]),
        ('heavier_than', '1', [2]),
        ('made__ge', '2022-01-01T00:00:00', [3, 4]),
        ('made__ge', '2022-01-01T02:00:00.5+02:00', [3, 4]),
        ('made__between', '2020-06-01,2021-06-01', [2]),
        ('kind', 'b', [3]),
        ('code', '00000000-0000-0000-0000-000000000000', []),
        ('day__is_null', 'false', [3]),
        ('day__is_null', 'true', [1, 2, 4]),
        ('organization', '1', []),
        ('organization__is_null', '1', [1, 2, 3, 4]),
        ('unknown', 'x', [1, 2, 3, 4]),
    ],
)
async def test_operators(client, name, value, expected):
    assert await found(client, **{name: value}) == expected


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('amount', ''),
        ('amount', '1.0'),
        ('amount', '1_0'),
        ('amount', '٣'),
        ('amount', str(2**31)),
        ('amount', '9' * 5000),
        ('amount__in', ''),
        ('amount__in', '1,x'),
        ('amount__in', ','.join(['1'] * 101)),
        ('amount__between', '1'),
        ('amount__between', '1,2,3'),
        ('is_new', 'yes'),
        ('price', '1e3'),
        ('price__gt', 'NaN'),
        ('weight__gt', 'nan'),
        ('weight__gt', '1e999'),
        ('weight__gt', '1_0'),
        ('made__ge', 'soon'),
        ('made__ge', '0001-01-01T00:00:00+14:00'),
        ('kind', 'c'),
        ('code', 'x'),
        ('day__is_null', ''),
        ('name__like', 'a\\'),
        ('name__like', 'x' * 1001),
        ('name__regexp', '('),
        ('name__regexp', '(?=x)'),
        ('name__regexp', 'x' * 201),
        ('organization', 'x'),
        ('ordering', 'price'),
        ('ordering', 'name,'),
        ('ordering', '--name'),
    ],
)
async def test_wrong_values(client, name, value):
    error = await error_of(await client.get('/items', params={name: value}), 400)
    assert error['code'] == 'invalid_request'
    assert list(error['details']['query']) == [name]


async def test_hostile_pattern_ends_soon(client):
    async with asyncio.timeout(5):
        assert await found(client, name__regexp='(p*)*(p*)*(p|p)*(.*)*x$') == []


async def test_filters_narrow_each_other(client):
    assert await found(client, amount='3', kind='b') == [3]
    assert await found(client, amount='3', kind='b', ordering='name', is_new='false') == []


@pytest.mark.parametrize(
    ('path', 'ordering', 'expected'),
    [
        ('/items', '', [1, 2, 3, 4]),
        ('/items', 'name', [3, 1, 4, 2]),
        ('/items', '-name', [2, 4, 1, 3]),
        ('/items', '-amount', [3, 4, 2, 1]),
        ('/items', 'amount,-name', [1, 2, 4, 3]),
        ('/items', ' -amount , -name ', [4, 3, 2, 1]),
        ('/sorted', '', [3, 4, 2, 1]),
        ('/sorted', 'name', [3, 1, 4, 2]),
    ],
)
async def test_ordering(client, path, ordering, expected):
    assert await found(client, path, ordering=ordering) == expected


async def test_pages(client):
    page = await (await client.get('/items?page=2&page_size=3')).json()
    assert [item['id'] for item in page.pop('results')] == [4]
    assert page == {'count': 4, 'pages': 2, 'page': 2, 'page_size': 3}
    beyond = await (await client.get('/items?page=2147483647&page_size=100')).json()
    assert beyond == {'results': [], 'count': 4, 'pages': 1, 'page': 2147483647, 'page_size': 100}
    empty = await (await client.get('/items?amount=77')).json()
    assert empty == {'results': [], 'count': 0, 'pages': 0, 'page': 1, 'page_size': 25}


@pytest.mark.parametrize(
    'query', ['page=0', 'page=-1', 'page=x', 'page=', 'page=2147483648', 'page=1.5', 'page_size=0', 'page_size=101']
)
async def test_wrong_pages(client, query):
    error = await error_of(await client.get(f'/items?{query}'), 400)
    assert list(error['details']['query']) == [query.partition('=')[0]]


async def test_page_size_settings(serve):
    client = await serve(ROUTES, settings='PAGE_SIZE = 2\nMAX_PAGE_SIZE = 3\n')
    assert (await (await client.get('/items')).json())['page_size'] == 2
    assert (await client.get('/items?page_size=3')).status == 200
    await error_of(await client.get('/items?page_size=4'), 400)


async def test_page_size_is_never_above_the_largest(serve):
    client = await serve(ROUTES, settings='PAGE_SIZE = 20\nMAX_PAGE_SIZE = 3\n')
    assert (await (await client.get('/items')).json())['page_size'] == 3


async def test_strict_filter_names_unknown_parameters(serve):
    client = await serve("""
        class ItemFilter(ModelFilter):
            class Meta:
                model = models.Item
                fields = {'name': (operators.EQ,)}
                unknown = 'raise'

        class ItemsView(ListMixin, ModelView):
            model = models.Item
            body_schema_class = ItemSchema
            filter_class = ItemFilter
            pagination_class = None

        ROUTES = [('/items', ItemsView)]
    """)
    assert (await client.get('/items?name=x')).status == 200
    error = await error_of(await client.get('/items?nmae=x'), 400)
    assert error['details'] == {'query': {'nmae': ['Unknown field.']}}


@pytest.mark.parametrize(
    ('fields', 'problem'),
    [
        ("{'colour': (operators.EQ,)}", "Item has no field 'colour'"),
        ("{'amount': (operators.LIKE,)}", 'Item.amount is no text'),
        ("{'code': (operators.CONTAINS,)}", 'Item.code is no text'),
        ("{'made': (operators.REGEXP,)}", 'Item.made is no text'),
    ],
)
async def test_wrong_filters(serve, fields, problem):
    with pytest.raises(ConfigurationError, match=problem):
        await serve(f"""
            class ItemFilter(ModelFilter):
                class Meta:
                    model = models.Item
                    fields = {fields}
        """)
