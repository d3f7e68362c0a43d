from colibris.test import utils

from yourproject import models


async def test_list(web_app_client, client_headers):
    models.Model.create(name='one')
    models.Model.create(name='two')

    resp = await web_app_client.get('/items', headers=client_headers)
    assert resp.status == 200

    j = await resp.json()
    utils.assert_is_envelope(j, count=2)


async def test_create_and_change(web_app_client, client_headers, test_user):
    resp = await web_app_client.post('/items', json={'name': 'one', 'owner': test_user.id}, headers=client_headers)
    assert resp.status == 201
    item = await resp.json()
    assert models.Model.get().owner == test_user

    resp = await web_app_client.patch('/items/{}'.format(item['id']), json={'price': 3}, headers=client_headers)
    assert await resp.json() == {'id': item['id'], 'name': 'one', 'price': 3, 'owner': test_user.id}

    resp = await web_app_client.delete('/items/{}'.format(item['id']), headers=client_headers)
    assert resp.status == 204
    assert models.Model.select().count() == 0


async def test_query_schema_filters(web_app_client, client_headers):
    models.Model.create(name='one')
    models.Model.create(name='two')

    resp = await web_app_client.get('/mixed', params={'name': 'two'}, headers=client_headers)
    j = await resp.json()
    utils.assert_is_envelope(j, count=1)
    assert j['results'][0]['name'] == 'two'


async def test_plain_view(web_app_client, client_headers):
    resp = await web_app_client.get('/plain', params={'name': 'x', 'other': 'y'}, headers=client_headers)
    assert await resp.json() == {'name': 'x'}

    resp = await web_app_client.post('/plain', json={'name': 'x'}, headers=client_headers)
    assert await resp.json() == {'name': 'x'}

    resp = await web_app_client.post('/plain', json={'name': 'x' * 11}, headers=client_headers)
    assert resp.status == 400


async def test_unauthenticated(web_app_client):
    resp = await web_app_client.get('/items')
    assert resp.status == 401


async def test_page_static_file_and_init(web_app_client):
    assert 'value1' in await (await web_app_client.get('/')).text()
    assert await (await web_app_client.get('/static/file.txt')).text() == 'static file\n'
    assert web_app_client.app['initialized']


def test_sync_code(test_user):
    assert models.User.get().username == 'test_user'
