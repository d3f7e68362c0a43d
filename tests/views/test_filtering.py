"""Filters: values that they refuse, and their classes."""

import asyncio
import re

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


@pytest.mark.parametrize(
    ('declared', 'problem'),
    [
        ('colour = fields.String()', "ItemFilter: Item has no field 'colour'; metadata="),
        ("older = fields.TextInteger(metadata={'field': 'age'})", "Item has no field 'age'"),
        (
            "name = fields.String(metadata={'operator': '>'})",
            "'name' is compared by '>', which is none of the operators",
        ),
        (
            "name = fields.String(metadata={'operator': operators.IN})",
            'needs several values: make it a fields.Delimited',
        ),
    ],
)
async def test_wrong_declared_parameters(serve, declared, problem):
    with pytest.raises(ConfigurationError, match=re.escape(problem)):
        await serve(f"""
            class ItemFilter(ModelFilter):
                {declared}

                class Meta:
                    model = models.Item
        """)


@pytest.mark.parametrize('fields', ["('name',)", "{'name': operators.EQ}", "['name']"])
async def test_operators_are_named_for_each_field(serve, fields):
    with pytest.raises(ConfigurationError, match=r'ItemFilter: Meta\.fields must be like'):
        await serve(f"""
            class ItemFilter(ModelFilter):
                class Meta:
                    model = models.Item
                    fields = {fields}
        """)


async def test_declared_parameters(serve, run):
    client = await serve_items(
        serve,
        run,
        routes="""
        class BaseFilter(ModelFilter):
            name = fields.String()
            at_least = fields.TextInteger(attribute='amount', metadata={'operator': operators.GE})

            class Meta:
                model = models.Item

        class ItemFilter(BaseFilter):
            kinds = fields.Delimited(
                fields.String(), data_key='kind[]', metadata={'field': 'kind', 'operator': operators.IN}
            )
            new = fields.Boolean(metadata={'field': 'is_new'}, load_default=True)

            class Meta(BaseFilter.Meta):
                fields = {'amount': (operators.LT,)}

        class ItemsView(ListMixin, ModelView):
            model = models.Item
            body_schema_class = ItemSchema
            filter_class = ItemFilter

        ROUTES = [('/items', ItemsView)]
    """,
    )
    assert await found(client) == [1, 3, 4]
    assert await found(client, new='false') == [2]
    assert await found(client, name='Apple_1') == [1]
    assert await found(client, at_least='2') == [3, 4]
    assert await found(client, at_least='2', amount__lt='3') == []
    assert await found(client, **{'kind[]': 'b,c'}) == [3]


async def test_a_filter_class_must_be_a_filter(serve):
    with pytest.raises(ConfigurationError, match='filter_class must be a ModelFilter'):
        await serve("""
            class ItemsView(ListMixin, ModelView):
                model = models.Item
                body_schema_class = ItemSchema
                filter_class = OrganizationSchema

            ROUTES = [('/items', ItemsView)]
        """)
