async def test_index(web_app_client):
    response = await web_app_client.get('/')
    assert response.status == 200
    assert (await response.json())['name'] == '__projectname__'


async def test_documentation(web_app_client):
    response = await web_app_client.get('/api/docs/openapi.json')
    assert response.status == 200
    assert {'/', '/users', '/users/me', '/users/{id}'} <= set((await response.json())['paths'])


async def test_static_file(web_app_client):
    response = await web_app_client.get('/static/logo.svg')
    assert response.status == 200
    assert response.content_type == 'image/svg+xml'
