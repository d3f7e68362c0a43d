"""Values that model views take, and those that they refuse."""

import pytest

from tests.views.model_items import ROUTES, create
from tests.views.serving import error_of


@pytest.fixture
async def client(serve):
    return await serve(ROUTES)


WRONG = [
    ('amount', '1'),
    ('amount', True),
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
    ('price', 999999.995),
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


async def test_a_number_without_a_fraction_is_an_integer(client):
    item = await create(client, name='x', amount=2.0)
    assert (item['amount'], type(item['amount'])) == (2, int)


async def test_the_largest_price(client):
    assert (await create(client, name='x', price=999999.9949))['price'] == '999999.99'
    assert (await create(client, name='y', price='-999999.99'))['price'] == '-999999.99'
