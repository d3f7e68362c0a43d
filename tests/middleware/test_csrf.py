"""Requests that another site's page makes a browser send."""

import logging

import pytest

from colibris.app.pipeline import PIPELINE
from tests.authentication.projects import API_KEY, JWT, SESSION, models, serve_users

__all__ = ['serve_users']

COOKIE, HEADER = 'credentials', 'X-CSRF-Token'
TOKEN_IN_COOKIE = {**JWT, 'cookie_name': COOKIE}
SESSION_IN_COOKIE = {**SESSION, 'cookie_name': COOKIE}
FOREIGN = 'https://evil.example'

with_cookie = pytest.mark.parametrize('configuration', [TOKEN_IN_COOKIE, SESSION_IN_COOKIE], ids=['token', 'session'])


@pytest.fixture
def enter(serve_users, aiohttp_client):
    """Log in as a browser does: a client with the cookie, and the token."""

    async def make(configuration, **settings):
        client, _ = await serve_users(configuration, **settings)
        browser = await aiohttp_client(client.server)
        response = await browser.post('/login', json={'name': 'ada'})
        assert response.status == 200
        return browser, response.headers[HEADER]

    return make


def own(client, **headers):
    """The origin of the page that the client itself serves."""
    return {'Origin': f'http://127.0.0.1:{client.port}', **headers}


async def code_of(response):
    return response.status, (await response.json() or {}).get('code')


@with_cookie
async def test_a_page_of_ours(enter, configuration):
    client, token = await enter(configuration)
    for headers in ({}, own(client), {'Sec-Fetch-Site': 'same-origin'}, {'Sec-Fetch-Site': 'none'}):
        assert (await client.post('/logout', headers={HEADER: token, **headers})).status == 200
        token = (await client.post('/login', json={'name': 'ada'})).headers[HEADER]


@with_cookie
@pytest.mark.parametrize(
    'headers',
    [
        {'Origin': FOREIGN},
        {'Origin': 'null'},
        {'Origin': ''},
        {'Origin': 'http://['},
        {'Origin': '://'},
        {'Origin': 'http://127.0.0.1:1'},
        {'Origin': FOREIGN, 'Sec-Fetch-Site': 'cross-site'},
        {'Origin': 'http://other.localhost', 'Sec-Fetch-Site': 'same-site'},
        {'Sec-Fetch-Site': 'cross-site'},
        {'Sec-Fetch-Site': 'surprise'},
    ],
)
@pytest.mark.parametrize('has_token', [True, False], ids=['right token', 'no token'])
async def test_a_foreign_page(enter, configuration, headers, has_token, caplog):
    client, token = await enter(configuration)
    caplog.clear()
    headers = {**headers, HEADER: token} if has_token else headers
    for path in ('/logout', '/nowhere'):
        status = await code_of(await client.post(path, headers=headers))
        assert status == ((403, 'csrf_failed') if path == '/logout' else (404, 'not_found'))
    assert (await client.get('/private', headers=headers)).status == 200, 'reading is for CORS to allow'
    (record,) = [record for record in caplog.records if record.name == 'colibris.security']
    assert (record.levelno, record.security['event']) == (logging.WARNING, 'forgery_refused')
    assert token not in caplog.text


@with_cookie
@pytest.mark.parametrize('sent', ['', 'wrong', 'x' * 5000, 'ü', None])
async def test_a_wrong_token(enter, configuration, sent):
    client, token = await enter(configuration)
    for headers in ({}, own(client), {'Sec-Fetch-Site': 'same-origin'}):
        headers = headers if sent is None else {**headers, HEADER: sent}
        assert await code_of(await client.post('/logout', headers=headers)) == (403, 'csrf_failed')
    assert await code_of(await client.post('/logout', headers={HEADER: token.swapcase()})) == (403, 'csrf_failed')
    assert (await client.get('/private')).status == 200, 'still logged in'


@with_cookie
async def test_a_token_belongs_to_its_credentials(enter, configuration):
    client, first = await enter(configuration)
    response = await client.post('/login', json={'name': 'bob'}, headers={HEADER: first})
    second = response.headers[HEADER]
    assert first != second
    assert await code_of(await client.post('/logout', headers={HEADER: first})) == (403, 'csrf_failed')
    response = await client.post('/logout', headers={HEADER: second})
    assert response.status == 200
    assert HEADER not in response.headers
    assert HEADER not in (await client.get('/public')).headers


@with_cookie
async def test_the_token_comes_with_every_answer(enter, configuration):
    client, token = await enter(configuration)
    for path in ('/private', '/public', '/health', '/api/docs/openapi.json'):
        assert (await client.get(path)).headers[HEADER] == token
    assert HEADER not in (await client.get('/api/docs/static/page.js')).headers, 'caches keep it for everybody'
    assert 'Cookie' in (await client.get('/private')).headers.getall('Vary')
    credentials = next(cookie.value for cookie in client.session.cookie_jar)
    assert credentials not in token


async def test_bearer_requests_are_free(serve_users):
    from colibris import authentication

    client, account = await serve_users(TOKEN_IN_COOKIE)
    bearer = {'Authorization': f'Bearer {authentication.get_backend().issue(account)}', 'Origin': FOREIGN}
    response = await client.post('/logout', headers=bearer)
    assert response.status == 200
    assert HEADER not in response.headers
    client.session.cookie_jar.update_cookies({COOKIE: authentication.get_backend().issue(account)})
    assert (await client.post('/logout', headers=bearer)).status == 200, 'the header counts'


async def test_requests_without_credentials_are_free(serve_users):
    client, _ = await serve_users(SESSION_IN_COOKIE)
    client.session.cookie_jar.update_cookies({COOKIE: 'nonsense'})
    for headers in ({}, own(client)):
        assert (await client.post('/login', json={'name': 'ada'}, headers=headers)).status == 200
        client.session.cookie_jar.clear()


@with_cookie
@pytest.mark.parametrize('path', ['/login', '/logout', '/logout?fail'])
@pytest.mark.parametrize('headers', [{'Origin': FOREIGN}, {'Origin': 'null'}, {'Sec-Fetch-Site': 'cross-site'}])
async def test_a_foreign_page_logs_nobody_in_or_out(serve_users, configuration, path, headers, caplog):
    """Browsers withhold the cookie from such requests, but would take what the answer sets."""
    client, _ = await serve_users(configuration)
    response = await client.post(path, data=b'{"name": "ada"}', headers=headers, skip_auto_headers=['Content-Type'])
    assert await code_of(response) == (403, 'csrf_failed')
    assert 'Set-Cookie' not in response.headers
    (record,) = [record for record in caplog.records if record.name == 'colibris.security']
    assert record.security['event'] == 'forgery_refused'


async def test_a_foreign_page_begins_no_session(serve_users, run):
    client, _ = await serve_users(SESSION_IN_COOKIE)
    assert (await client.post('/login', json={'name': 'ada'}, headers={'Origin': FOREIGN})).status == 403
    assert await run(lambda: models().Session.select().count()) == 0


@with_cookie
async def test_who_is_led_here_by_a_provider_can_be_logged_in(serve_users, configuration):
    client, _ = await serve_users(configuration)
    assert COOKIE in (await client.get('/stream', headers={'Sec-Fetch-Site': 'cross-site'})).cookies


async def test_a_foreign_page_may_ask_for_a_token_that_is_no_cookie(serve_users):
    client, _ = await serve_users(JWT)
    response = await client.post('/login', json={'name': 'ada'}, headers={'Origin': FOREIGN})
    assert (response.status, 'Authorization' in response.headers) == (200, True)


@pytest.mark.parametrize('allowed', [True, False])
async def test_origins_that_may_send_credentials(enter, allowed):
    origin = 'https://app.example.com'
    client, token = await enter(SESSION_IN_COOKIE, CORS_ORIGINS=[origin], CORS_CREDENTIALS=allowed)
    headers = {'Origin': origin, 'Sec-Fetch-Site': 'same-site'}
    expected = 200 if allowed else 403
    assert (await client.post('/logout', headers={**headers, HEADER: token})).status == expected
    if not allowed:
        assert (await client.post('/logout', headers={'Origin': FOREIGN, HEADER: token})).status == 403


async def test_the_default_port_goes_without_saying(enter):
    client, token = await enter(SESSION_IN_COOKIE)
    headers = {'Origin': 'https://api.example.com', 'Host': 'api.example.com:443', HEADER: token}
    assert (await client.post('/logout', headers=headers)).status == 200


@pytest.mark.parametrize('configuration', [JWT, API_KEY], ids=['bearer', 'key'])
async def test_no_step_where_nothing_can_be_forged(serve_users, configuration):
    client, _ = await serve_users(configuration)
    assert 'refuse_forgery' not in [step.__name__ for step in client.app[PIPELINE].steps]


OWN = """
from colibris import authentication


class Backend(authentication.AuthenticationBackend):
    def authenticate(self, request):
        if 'mine' in request.cookies:
            authentication.note_cookie(request)
            return request.cookies['mine']
"""
SOCKETS = """
async def talk(request):
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    await socket.send_str('hello')
    await socket.close()
    return socket


class TalkView(WebSocketView):
    allowed_origins = ('https://app.example.com',)

    async def serve(self, socket):
        await socket.send_str('hello')


ROUTES = [
    ('/', lambda request: 'x', ['GET', 'POST']), ('/talk', require_authentication(talk)), ('/view', TalkView),
]
"""
OWN_SETTINGS = "AUTHENTICATION = {'backend': '__packagename__.own.Backend'}\n"


async def test_a_backend_that_describes_nothing(serve):
    """Nobody knows the cookie's name, so there is no token; where the request comes from is known."""
    client = await serve(SOCKETS, settings=OWN_SETTINGS, own=OWN)
    client.session.cookie_jar.update_cookies({'mine': 'x'})
    assert (await client.post('/', headers={'Origin': FOREIGN})).status == 403
    assert (await client.post('/', headers=own(client))).status == 200


async def test_a_backend_that_describes_nothing_beside_one_that_does(serve):
    backends = f"""
AUTHENTICATION = {{
    'backend': 'colibris.authentication.chain.ChainBackend',
    'backends': [{API_KEY}, {{'backend': '__packagename__.own.Backend'}}],
}}
""".replace("'key_field': 'key'", "'key_field': 'name'").replace('models.User', 'models.Item')
    client = await serve(SOCKETS, settings=backends, own=OWN)
    client.session.cookie_jar.update_cookies({'mine': 'x'})
    assert (await client.post('/', headers={'Origin': FOREIGN})).status == 403
    assert (await client.post('/', headers=own(client))).status == 200


async def test_websockets_of_foreign_pages(serve):
    client = await serve(SOCKETS, settings=OWN_SETTINGS, own=OWN)
    client.session.cookie_jar.update_cookies({'mine': 'x'})
    handshake = {
        'Upgrade': 'websocket',
        'Connection': 'Upgrade',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': 'x',
    }
    response = await client.get('/talk', headers={**handshake, 'Upgrade': 'WebSocket', 'Origin': FOREIGN})
    assert await code_of(response) == (403, 'csrf_failed')
    for path, origin in (
        ('/talk', own(client)['Origin']),
        ('/view', own(client)['Origin']),
        ('/view', 'https://app.example.com'),
    ):
        async with client.ws_connect(path, origin=origin) as socket:
            assert await socket.receive_str() == 'hello'
    assert (await client.get('/view', headers={**handshake, 'Origin': FOREIGN})).status == 403
