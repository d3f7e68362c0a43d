"""Filters, their operators, ordering and pages."""

import asyncio

import pytest

from colibris.errors import ConfigurationError
from tests.views.items import found, serve_items
from tests.views.serving import error_of


@pytest.fixture
async def client(serve, run):
    return await serve_items(serve, run)


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
    ],
)
async def test_wrong_values(client, name, value):
    error = await error_of(await client.get('/items', params={name: value}), 400)
    assert error['code'] == 'invalid_request'
    assert list(error['details']['query']) == [name]


async def test_hostile_pattern_ends_soon(serve, run, engine):
    client = await serve_items(serve, run, engine)
    async with asyncio.timeout(20):
        assert await found(client, name__regexp='(p*)*(p*)*(p|p)*(.*)*x$') == []


async def test_filters_narrow_each_other(client):
    assert await found(client, amount='3', kind='b') == [3]
    assert await found(client, amount='3', kind='b', ordering='name', is_new='false') == []


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
