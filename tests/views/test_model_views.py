"""The views of a model's rows, from outside."""

import uuid

import pytest

from tests.views.model_items import ROUTES, create
from tests.views.serving import error_of

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
