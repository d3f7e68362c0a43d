"""Writes that are bound to a version."""

import asyncio

import pytest

from tests.views.serving import error_of

ROUTES = """
import asyncio

both_have_read = asyncio.Barrier(2)


class ItemsView(ListCreateModelView):
    model = models.Item
    body_schema_class = ItemSchema


class ItemView(RetrieveUpdateDestroyModelView):
    model = models.Item
    body_schema_class = ItemSchema


class StrictView(ItemView):
    if_match_required = True


class RacingView(ItemView):
    async def find_object(self):
        found = await super().find_object()
        if self.request.method != 'GET':
            await both_have_read.wait()
        return found


ROUTES = [
    ('/items', ItemsView), ('/items/{id}', ItemView), ('/strict/{id}', StrictView), ('/racing/{id}', RacingView)
]
"""
ENVELOPE = "ENVELOPE = {'backend': 'colibris.api.envelope.MetaEnvelope'}\n"


@pytest.fixture
async def client(serve):
    client = await serve(ROUTES)
    assert (await client.post('/items', json={'name': 'one'})).status == 201
    return client


async def tag_of(client, path='/items/1', **headers):
    return (await client.get(path, headers=headers)).headers['ETag']


METHODS = [('PATCH', {'amount': 7}, 200), ('PUT', {'name': 'two'}, 200), ('DELETE', None, 204)]


@pytest.mark.parametrize(('method', 'data', 'status'), METHODS)
async def test_the_version_is_the_expected_one(client, method, data, status):
    tag = await tag_of(client)
    response = await client.request(method, '/items/1', json=data, headers={'If-Match': f'"x", {tag}'})
    assert response.status == status


@pytest.mark.parametrize(('method', 'data', 'status'), METHODS)
async def test_another_version(client, method, data, status):
    tag = await tag_of(client)
    assert (await client.patch('/items/1', json={'amount': 5})).status == 200
    for expected in (tag, '"x"', '', '"', 'x', f'W/{await tag_of(client)}'):
        response = await client.request(method, '/items/1', json=data, headers={'If-Match': expected})
        assert (await error_of(response, 412))['code'] == 'precondition_failed'
    found = await (await client.get('/items/1')).json()
    assert (found['name'], found['amount']) == ('one', 5)


async def test_any_version(client):
    assert (await client.patch('/items/1', json={'amount': 5}, headers={'If-Match': '*'})).status == 200
    assert (await client.patch('/items/2', json={'amount': 5}, headers={'If-Match': '*'})).status == 404


async def test_a_version_that_is_not_wanted(client):
    tag = await tag_of(client)
    for unwanted in (tag, f'W/{tag}', '*'):
        response = await client.patch('/items/1', json={'amount': 5}, headers={'If-None-Match': unwanted})
        await error_of(response, 412)
    assert (await client.patch('/items/1', json={'amount': 5}, headers={'If-None-Match': '"x"'})).status == 200


@pytest.mark.parametrize(('method', 'data', 'status'), METHODS)
async def test_required(client, method, data, status):
    error = await error_of(await client.request(method, '/strict/1', json=data), 428)
    assert error['code'] == 'precondition_required'
    tag = await tag_of(client, '/strict/1')
    assert (await client.request(method, '/strict/1', json=data, headers={'If-Match': tag})).status == status


async def test_tags_of_compressed_and_enveloped_answers(serve):
    client = await serve(ROUTES, settings=f'{ENVELOPE}COMPRESS_RESPONSES = True\n')
    assert (await client.post('/items', json={'name': 'one', 'extra': 'x' * 2000})).status == 201
    tag = await tag_of(client, **{'Accept-Encoding': 'gzip'})
    assert tag.endswith('-gzip"')
    for number in (1, 2):
        response = await client.patch('/items/1', json={'amount': number}, headers={'If-Match': tag})
        assert response.status == (200 if number == 1 else 412)


async def test_the_body_is_checked_first(client):
    assert (await client.patch('/items/1', json={'amount': 'x'}, headers={'If-Match': '"x"'})).status == 400


ATOMIC = "DATABASE['atomic_requests'] = True\n"  # on SQLite the second request would wait before it reads


@pytest.mark.parametrize(
    ('engine', 'settings'),
    [('sqlite', ''), ('postgresql', ''), ('postgresql', ATOMIC), ('mysql', ''), ('mysql', ATOMIC)],
)
async def test_of_two_that_saw_the_same_version_one_loses(serve, engine, settings):
    client = await serve(ROUTES, engine=engine, settings=settings)
    assert (await client.post('/items', json={'name': 'one'})).status == 201
    headers = {'If-Match': await tag_of(client)}
    changes = [client.patch('/racing/1', json={'amount': number}, headers=headers) for number in (10, 20)]
    statuses = [response.status for response in await asyncio.gather(*changes)]
    assert sorted(statuses) == [200, 412]
    found = await (await client.get('/items/1')).json()
    assert found['amount'] == (10, 20)[statuses.index(200)]
