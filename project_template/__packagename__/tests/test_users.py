import pytest
from colibris.test import utils

from __packagename__ import models


@pytest.fixture
def client(web_app_client, admin_headers):
    """A client whose requests are those of the administrator."""
    web_app_client.session.headers.update(admin_headers)
    return web_app_client


async def test_list(client, user):
    response = await client.get('/users')
    assert response.status == 200

    data = await response.json()
    utils.assert_is_envelope(data, count=2, page=1)
    assert [item['username'] for item in data['results']] == ['admin', 'user']
    assert all('api_key' not in item for item in data['results'])


@pytest.mark.parametrize(
    ('query', 'usernames'),
    [
        ({'username': 'user'}, ['user']),
        ({'username': 'nobody'}, []),
        ({'username__contains': 'ADM'}, ['admin']),
        ({'role': 'user'}, ['user']),
        ({'created__lt': '2020-01-01T00:00:00'}, []),
        ({'ordering': '-username'}, ['user', 'admin']),
        ({'ordering': 'username', 'page_size': '1', 'page': '2'}, ['user']),
    ],
)
async def test_filter_order_and_page(client, user, query, usernames):
    response = await client.get('/users', params=query)
    assert response.status == 200
    assert [item['username'] for item in (await response.json())['results']] == usernames


async def test_create(client):
    response = await client.post('/users', json={'username': 'new', 'email': 'new@example.com'})
    assert response.status == 201

    data = await response.json()
    user = models.User.get(username='new')
    assert (data['id'], data['role'], data['api_key']) == (user.id, 'user', user.api_key)

    response = await client.get('/users/me', headers={'X-API-Key': data['api_key']})
    assert (await response.json())['username'] == 'new'


@pytest.mark.parametrize(
    'change',
    [
        {'username': ''},
        {'username': None},
        {'email': 'nowhere'},
        {'role': 'emperor'},
        {'api_key': 'chosen'},
        {'id': 7},
        {'unknown': 1},
    ],
)
async def test_create_invalid(client, change):
    response = await client.post('/users', json={'username': 'new'} | change)
    assert response.status == 400

    data = await response.json()
    assert data['code'] == 'invalid_request'
    assert list(data['details']['body']) == list(change)


async def test_create_existing(client, user):
    response = await client.post('/users', json={'username': user.username})
    assert response.status == 409


async def test_retrieve(client, user):
    response = await client.get(f'/users/{user.id}')
    assert response.status == 200

    data = await response.json()
    assert data['email'] == user.email
    assert 'api_key' not in data


async def test_update(client, user):
    response = await client.patch(f'/users/{user.id}', json={'role': 'admin'})
    assert response.status == 200

    data = await response.json()
    assert (data['username'], data['role']) == ('user', 'admin')
    assert 'api_key' not in data

    key = user.api_key
    user = models.User.get_by_id(user.id)
    assert (user.role, user.api_key) == ('admin', key)


async def test_delete(client, user):
    response = await client.delete(f'/users/{user.id}')
    assert response.status == 204
    assert not models.User.select().where(models.User.id == user.id).exists()


@pytest.mark.parametrize('method', ['GET', 'PATCH', 'DELETE'])
async def test_missing(client, method):
    response = await client.request(method, '/users/1000', json={} if method == 'PATCH' else None)
    assert response.status == 404
    assert (await response.json())['code'] == 'not_found'
