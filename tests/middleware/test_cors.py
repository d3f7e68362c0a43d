"""CORS: what pages of other origins may do and see."""

import pytest
from aiohttp import web

from colibris.app.pipeline import PIPELINE
from colibris.errors import ConfigurationError

OURS, FOREIGN = 'https://app.example.com', 'https://evil.example'
SETTINGS = f"CORS_ORIGINS = ['{OURS}', 'http://localhost:3000']\nALLOWED_HOSTS = ['127.0.0.1']\nDEBUG = False\n"
AUTHENTICATION = """
AUTHENTICATION = {
    'backend': 'colibris.authentication.apikey.APIKeyBackend', 'model': '__packagename__.models.Item',
    'key_field': 'name',
}
"""
ROUTES = """
from colibris.api import Conflict
from colibris.ratelimit import limit_rate


def answer(request):
    return web.json_response('x', headers={'Vary': 'Accept'})


def fail(request):
    raise ValueError('x')


def refuse(request):
    raise Conflict


def move(request):
    raise web.HTTPFound('/answer')


@require_authentication
def private(request):
    return 'x'


@limit_rate('1/hour')
def rare(request):
    return 'x'


async def stream(request):
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b'x')
    return response


VIEWS = [answer, fail, refuse, move, private, rare, stream]
ROUTES = [(f'/{view.__name__}', view, ['GET', 'POST']) for view in VIEWS]
"""


def preflight(origin, method='POST', headers='content-type'):
    return {
        'Origin': origin,
        'Access-Control-Request-Method': method,
        'Access-Control-Request-Headers': headers,
    }


def cors_headers(response):
    return {name: text for name, text in response.headers.items() if name.startswith('Access-Control-')}


@pytest.mark.parametrize('path', ['/answer', '/private', '/nowhere', '/health', '/api/docs/openapi.json'])
async def test_preflight(serve, path):
    client = await serve(ROUTES, settings=SETTINGS + AUTHENTICATION + "CORS_HEADERS = ['X-Mine']\nCORS_MAX_AGE = 5\n")
    response = await client.options(path, headers=preflight(OURS))
    assert (response.status, await response.read()) == (204, b'')
    assert response.headers['Access-Control-Allow-Origin'] == OURS
    assert 'PATCH' in response.headers['Access-Control-Allow-Methods'].split(', ')
    allowed = response.headers['Access-Control-Allow-Headers'].split(', ')
    assert {'Authorization', 'Content-Type', 'X-API-Key', 'X-CSRF-Token', 'If-Match', 'X-Mine'} <= set(allowed)
    assert response.headers['Access-Control-Max-Age'] == '5'
    assert 'Access-Control-Allow-Credentials' not in response.headers


@pytest.mark.parametrize(
    'origin', [FOREIGN, 'null', 'https://app.example.com.evil.example', f'{OURS}:444', f'{OURS}/', '']
)
async def test_preflight_of_another_origin(serve, origin):
    client = await serve(ROUTES, settings=SETTINGS)
    response = await client.options('/answer', headers=preflight(origin))
    assert (response.status, (await response.json())['code']) == (403, 'permission_denied')
    assert not cors_headers(response)


@pytest.mark.parametrize(
    'origin',
    ['null', '*', '', f'{OURS}.evil.example', f'{OURS}/', f'{OURS}:443', OURS.replace('https', 'http'), OURS.upper(),
     OURS.replace('//', '//x.'), f'https://evil.example?{OURS}', f'{OURS}, {FOREIGN}', f'{OURS}\t.evil.example'],
)  # fmt: skip
async def test_origins_that_look_alike(serve, origin):
    client = await serve(ROUTES, settings=SETTINGS)
    preflight = await client.options('/answer', headers={'Origin': origin, 'Access-Control-Request-Method': 'GET'})
    response = await client.get('/answer', headers={'Origin': origin})
    assert (preflight.status, response.status) == (403, 200)
    assert cors_headers(preflight) == cors_headers(response) == {}


async def test_other_options_requests_are_the_views(serve):
    client = await serve(ROUTES, settings=SETTINGS)
    response = await client.options('/answer', headers={'Origin': OURS})
    assert response.headers['Allow'] == 'GET, HEAD, OPTIONS, POST'
    assert response.headers['Access-Control-Allow-Origin'] == OURS


ANSWERS = [
    ('GET', '/answer', {}, 200),
    ('GET', '/stream', {}, 200),
    ('GET', '/move', {}, 302),
    ('POST', '/fail', {}, 500),
    ('GET', '/refuse', {}, 409),
    ('GET', '/private', {}, 401),
    ('GET', '/rare', {}, 429),
    ('GET', '/nowhere', {}, 404),
    ('DELETE', '/answer', {}, 405),
    ('GET', '/answer', {'Host': 'evil.example'}, 400),
    ('GET', '/answer', {'Expect': 'a miracle'}, 417),  # answered by aiohttp before any middleware
]


@pytest.mark.parametrize(('method', 'path', 'headers', 'status'), ANSWERS)
async def test_every_answer_has_the_headers(serve, method, path, headers, status):
    client = await serve(ROUTES, settings=SETTINGS + AUTHENTICATION)
    await client.get('/rare', headers={'Origin': OURS})
    response = await client.request(method, path, headers={'Origin': OURS, **headers}, allow_redirects=False)
    assert response.status == status
    assert response.headers['Access-Control-Allow-Origin'] == OURS
    assert 'Origin' in ', '.join(response.headers.getall('Vary'))
    assert {'X-Request-ID', 'Retry-After', 'ETag'} <= set(response.headers['Access-Control-Expose-Headers'].split(', '))


@pytest.mark.parametrize(('method', 'path', 'headers', 'status'), ANSWERS)
async def test_but_not_for_other_origins(serve, method, path, headers, status):
    client = await serve(ROUTES, settings=SETTINGS + AUTHENTICATION)
    await client.get('/rare')
    for origin in ({'Origin': FOREIGN}, {}):
        response = await client.request(method, path, headers={**headers, **origin}, allow_redirects=False)
        assert response.status == status
        assert not cors_headers(response)
        assert 'Origin' in ', '.join(response.headers.getall('Vary')), 'a cache must not give it to others'


async def test_what_a_view_says_stays(serve):
    client = await serve(ROUTES, settings=SETTINGS)
    response = await client.get('/answer', headers={'Origin': OURS})
    assert set(response.headers.getall('Vary')) >= {'Accept', 'Origin'}


async def test_a_step_outside_that_answers(serve):
    client = await serve(ROUTES, settings=SETTINGS)
    response = await client.get('/answer', headers={'Origin': OURS})
    assert cors_headers(response)

    @web.middleware
    async def answer(request, handler):
        return web.Response(text='from outside')

    client = await serve(
        ROUTES,
        settings=SETTINGS + "MIDDLEWARE = ['__packagename__.own.answer', 'colibris.middleware.handle_errors_json']\n",
        own="""
        from aiohttp import web

        @web.middleware
        async def answer(request, handler):
            return web.Response(text='from outside')
        """,
    )
    response = await client.get('/answer', headers={'Origin': OURS})
    assert await response.text() == 'from outside'
    assert response.headers['Access-Control-Allow-Origin'] == OURS


async def test_all_origins(serve):
    client = await serve(ROUTES, settings="CORS_ORIGINS = ['*']\n")
    for origin in (FOREIGN, 'null'):
        response = await client.get('/answer', headers={'Origin': origin})
        assert response.headers['Access-Control-Allow-Origin'] == '*'
        assert 'Access-Control-Allow-Credentials' not in response.headers
    assert 'Origin' not in response.headers.getall('Vary')
    assert (await client.options('/answer', headers=preflight(FOREIGN))).status == 204


async def test_credentials(serve):
    settings = f"CORS_ORIGINS = ['{OURS}']\nCORS_CREDENTIALS = True\nCORS_EXPOSE_HEADERS = ['X-Mine']\n"
    client = await serve(ROUTES, settings=settings)
    for response in (
        await client.get('/answer', headers={'Origin': OURS}),
        await client.options('/answer', headers=preflight(OURS)),
    ):
        assert response.headers['Access-Control-Allow-Credentials'] == 'true'
        assert response.headers['Access-Control-Allow-Origin'] == OURS
        assert 'X-Mine' in response.headers['Access-Control-Expose-Headers']
    assert not cors_headers(await client.get('/answer', headers={'Origin': FOREIGN}))


async def test_all_origins_with_credentials_are_refused_at_start(serve):
    for origins in (['*'], [OURS, '*']):
        with pytest.raises(ConfigurationError, match=r"CORS_CREDENTIALS = True cannot go with CORS_ORIGINS = \['\*'\]"):
            await serve(ROUTES, settings=f'CORS_ORIGINS = {origins}\nCORS_CREDENTIALS = True\n')


@pytest.mark.parametrize(
    'wrong',
    ["'*'", "['app.example.com']", "['https://app.example.com/']", "['https://app.example.com:443']", "['null']",
     "['https://App.example.com']", "['http://app.example.com:80']", "['https://*.example.com']", '[None]'],
)  # fmt: skip
async def test_wrong_origins(serve, wrong):
    with pytest.raises(ConfigurationError, match='CORS_ORIGINS = '):
        await serve(ROUTES, settings=f'CORS_ORIGINS = {wrong}\n')


async def test_nothing_where_it_is_not_set(serve):
    client = await serve(ROUTES)
    response = await client.get('/answer', headers={'Origin': FOREIGN})
    assert not cors_headers(response)
    assert response.headers.getall('Vary') == ['Accept']
    assert 'answer_preflight' not in [step.__name__ for step in client.app[PIPELINE].steps]


async def test_errors_have_to_be_answered(serve):
    with pytest.raises(
        ConfigurationError, match='MIDDLEWARE lacks a step that has the attribute handles_errors = True'
    ):
        await serve(ROUTES, settings=SETTINGS + 'MIDDLEWARE = []\n')
