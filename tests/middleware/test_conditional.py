"""Entity tags."""

import pytest

from tests.views.serving import error_of

ROUTES = """
def data(request):
    return {'a': 1}


def own(request):
    return web.Response(text='x', headers={'ETag': 'W/"own"', 'Cache-Control': 'max-age=5', 'X-Own': 'yes'})


def large(request):
    return 'x' * 1_000_000


def missing(request):
    return web.Response(status=404, text='x')


async def stream(request):
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b'x')
    return response


def file(request):
    return web.FileResponse(__file__)


VIEWS = [data, own, large, missing, stream, file]
ROUTES = [*((f'/{view.__name__}', view) for view in VIEWS), ('/post', data, ['POST'])]
"""


@pytest.fixture
async def client(serve):
    return await serve(ROUTES)


@pytest.mark.parametrize('path', ['/data', '/own', '/large', '/health', '/api/docs/openapi.json', '/file'])
async def test_a_client_that_has_it_does_not_get_it_again(client, path):
    first = await client.get(path)
    tag = first.headers['ETag']
    assert tag == (await client.get(path)).headers['ETag']
    for known in (tag, f'"x", {tag}', '*', tag if tag.startswith('W/') else f'W/{tag}'):
        response = await client.get(path, headers={'If-None-Match': known})
        assert (response.status, await response.read()) == (304, b'')
        assert response.headers['ETag'] == tag
        assert response.headers['X-Request-ID']
        assert not {'Content-Type', 'Content-Length', 'Transfer-Encoding'} & set(response.headers)
    assert (await client.head(path, headers={'If-None-Match': tag})).status == 304
    for unknown in ('"x"', tag.strip('W/"'), '', '"', f'{tag[:-1]}x"'):
        response = await client.get(path, headers={'If-None-Match': unknown})
        assert (response.status, await response.read()) == (200, await first.read())


async def test_other_headers_are_kept(client):
    response = await client.get('/own', headers={'If-None-Match': '"own"'})
    assert (response.status, response.headers['Cache-Control'], response.headers['X-Own']) == (304, 'max-age=5', 'yes')


async def test_the_tag_follows_the_content(client, serve):
    other = await serve(ROUTES.replace("{'a': 1}", "{'a': 2}"))
    assert (await client.get('/data')).headers['ETag'] != (await other.get('/data')).headers['ETag']


async def test_only_what_was_asked_for_and_is_there(client):
    for method, path, status in (('POST', '/post', 200), ('GET', '/missing', 404), ('GET', '/stream', 200)):
        response = await client.request(method, path, headers={'If-None-Match': '*'})
        assert response.status == status
        assert 'ETag' not in response.headers


async def test_an_envelope_does_not_count(serve):
    client = await serve(ROUTES, settings="ENVELOPE = {'backend': 'colibris.api.envelope.MetaEnvelope'}\n")
    first = await client.get('/data')
    assert (await (await client.get('/data')).json())['meta'] != (await first.json())['meta']
    assert (await client.get('/data', headers={'If-None-Match': first.headers['ETag']})).status == 304


async def test_off(serve):
    client = await serve(ROUTES, settings='ETAGS = False\n')
    response = await client.get('/data', headers={'If-None-Match': '*'})
    assert response.status == 200
    assert 'ETag' not in response.headers
    await error_of(await client.get('/nowhere'), 404)
