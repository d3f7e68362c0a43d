import pytest

REQUESTS = [
    ('GET', '/users'),
    ('POST', '/users'),
    ('GET', '/users/1'),
    ('PATCH', '/users/1'),
    ('DELETE', '/users/1'),
]


@pytest.mark.parametrize(('method', 'path'), [*REQUESTS, ('GET', '/users/me')])
async def test_without_key(web_app_client, method, path):
    response = await web_app_client.request(method, path)
    assert response.status == 401
    assert (await response.json())['code'] == 'not_authenticated'


async def test_wrong_key(web_app_client, user):
    response = await web_app_client.get('/users/me', headers={'X-API-Key': 'wrong'})
    assert response.status == 401


@pytest.mark.parametrize(('method', 'path'), REQUESTS)
async def test_only_for_admins(web_app_client, user_headers, method, path):
    response = await web_app_client.request(method, path, headers=user_headers)
    assert response.status == 403
    assert (await response.json())['code'] == 'permission_denied'


async def test_me(web_app_client, user, user_headers):
    response = await web_app_client.get('/users/me', headers=user_headers)
    assert response.status == 200

    data = await response.json()
    assert data['id'] == user.id
    assert data['username'] == 'user'
    assert 'api_key' not in data


async def test_me_as_bearer(web_app_client, user):
    response = await web_app_client.get('/users/me', headers={'Authorization': f'Bearer {user.api_key}'})
    assert response.status == 200
