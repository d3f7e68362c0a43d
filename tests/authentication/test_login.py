"""Logging in and out, from outside: credentials come with the answer, and go."""

import logging

import pytest

from colibris import authentication
from tests.authentication.projects import API_KEY, JWT, SESSION, models
from tests.views.serving import error_of

COOKIE = 'credentials'
TOKEN_IN_COOKIE = {**JWT, 'cookie_name': COOKIE, 'secret_field': 'password'}
SESSION_IN_COOKIE = {**SESSION, 'cookie_name': COOKIE}
CHAIN = {'backend': 'colibris.authentication.chain.ChainBackend', 'backends': [API_KEY, SESSION_IN_COOKIE]}

with_cookie = pytest.mark.parametrize(
    'configuration', [TOKEN_IN_COOKIE, SESSION_IN_COOKIE, CHAIN], ids=['token', 'session', 'chain']
)


async def log_in(client, **data):
    response = await client.post('/login', json={'name': 'ada', **data})
    assert response.status == 200, await response.text()
    return response


def credentials_of(response):
    """The parts of the header that sets, or removes, the cookie."""
    (header,) = [text for text in response.headers.getall('Set-Cookie') if text.startswith(f'{COOKIE}=')]
    return header.split('; ')


@with_cookie
async def test_there_and_back(serve_users, configuration):
    client, _ = await serve_users(configuration)
    assert (await client.get('/private')).status == 401
    assert await (await log_in(client)).json() == 'ada'
    assert await (await client.get('/private')).json() == 'ada'
    response = await client.post('/logout')
    assert (response.status, await response.json()) == (200, None)
    assert (await client.get('/private')).status == 401
    assert not list(client.session.cookie_jar)


@with_cookie
async def test_class_views(serve_users, configuration):
    client, _ = await serve_users(configuration)
    assert await (await client.post('/session', json={'name': 'ada'})).json() == 'ada'
    assert (await client.delete('/session')).status == 200
    assert (await client.delete('/session')).status == 401


@with_cookie
@pytest.mark.parametrize('debug', [True, False])
@pytest.mark.parametrize('persistent', [True, False])
async def test_flags(serve_users, configuration, debug, persistent):
    client, _ = await serve_users(configuration, DEBUG=debug)
    response = await log_in(client, persistent=persistent)
    cookie, *flags = credentials_of(response)
    assert cookie.startswith(f'{COOKIE}=')
    assert {flag for flag in flags if not flag.startswith('Max-Age')} == {
        'Path=/', 'HttpOnly', 'SameSite=Lax', *(() if debug else ('Secure',)),
    }  # fmt: skip
    assert any(flag.startswith('Max-Age=') for flag in flags) is persistent
    assert response.headers['Cache-Control'] == 'no-store'
    credentials = {'Cookie': cookie, 'X-CSRF-Token': response.headers['X-CSRF-Token']}
    removed = credentials_of(await client.post('/logout', headers=credentials))
    assert removed[0] == f'{COOKIE}=""'
    assert set(removed[1:]) == {flag for flag in flags if not flag.startswith('Max-Age')} | {'Max-Age=0'}


@pytest.mark.parametrize('configuration', [TOKEN_IN_COOKIE, SESSION_IN_COOKIE], ids=['token', 'session'])
async def test_domain(serve_users, configuration):
    client, _ = await serve_users({**configuration, 'cookie_domain': 'example.com'})
    assert 'Domain=example.com' in credentials_of(await log_in(client))
    assert 'Domain=example.com' in credentials_of(await client.post('/logout'))


@pytest.mark.parametrize('configuration', [TOKEN_IN_COOKIE, SESSION_IN_COOKIE, JWT], ids=['token', 'session', 'bearer'])
async def test_an_error_answer_logs_nobody_in(serve_users, configuration):
    client, _ = await serve_users(configuration)
    response = await client.post('/login', json={'name': 'ada', 'fail': True})
    assert response.status == 409
    assert not {'Set-Cookie', 'Authorization'} & set(response.headers)


@with_cookie
async def test_an_error_answer_logs_out_all_the_same(serve_users, configuration):
    client, _ = await serve_users(configuration)
    await log_in(client)
    assert (await client.post('/logout?fail')).status == 409
    assert (await client.get('/private')).status == 401


@with_cookie
async def test_streamed_answers(serve_users, configuration):
    client, _ = await serve_users(configuration)
    assert await (await client.get('/stream')).text() == 'begun'
    assert await (await client.get('/private')).json() == 'ada'


async def test_without_a_cookie_the_answer_has_the_token(serve_users):
    client, _ = await serve_users(JWT)
    response = await log_in(client)
    headers = {'Authorization': response.headers['Authorization']}
    assert headers['Authorization'].startswith('Bearer ey')
    assert response.headers['Cache-Control'] == 'no-store'
    assert await (await client.get('/private', headers=headers)).json() == 'ada'
    assert 'Set-Cookie' not in response.headers


@with_cookie
async def test_nobody_answers_differently(serve_users, configuration):
    client, _ = await serve_users(configuration)
    await log_in(client)
    response = await client.get('/public')
    assert not {'Set-Cookie', 'Authorization', 'Cache-Control'} & set(response.headers)


@pytest.mark.parametrize('configuration', [{}, API_KEY, {**CHAIN, 'backends': [API_KEY]}], ids=['null', 'key', 'chain'])
async def test_backends_that_log_nobody_in(serve_users, configuration, caplog):
    client, _ = await serve_users(configuration)
    assert authentication.get_backend().can_login is False
    for path, data in (('/login', {'name': 'ada'}), ('/logout', None)):
        caplog.clear()
        await error_of(await client.post(path, json=data), 500)
        assert 'SessionBackend and JWTBackend do' in caplog.text


@with_cookie
async def test_who_cannot_be_logged_in(serve_users, run, configuration):
    await serve_users(configuration)
    for wrong in (None, 'ada', models().Organization()):
        with pytest.raises(TypeError, match='an account has to be a sample'):
            await run(lambda wrong=wrong: authentication.get_backend().login(None, wrong, False))
    with pytest.raises(ValueError, match='has not been saved'):
        await run(lambda: authentication.get_backend().login(None, models().User(name='new'), False))


async def test_whether_a_cookie_was_believed(serve_users):
    client, _ = await serve_users(TOKEN_IN_COOKIE)
    token = (await log_in(client)).cookies[COOKIE].value
    bearer = {'Authorization': f'Bearer {token}'}
    assert await (await client.get('/by-cookie')).json() is True
    assert await (await client.get('/by-cookie', headers=bearer)).json() is False
    client.session.cookie_jar.clear()
    assert await (await client.get('/by-cookie')).json() is False
    assert await (await client.get('/by-cookie', headers={'Cookie': f'{COOKIE}=x{token}'})).json() is False


@pytest.mark.parametrize('configuration', [TOKEN_IN_COOKIE, SESSION_IN_COOKIE], ids=['token', 'session'])
async def test_events(serve_users, configuration, caplog):
    client, account = await serve_users(configuration)
    caplog.set_level(logging.INFO, 'colibris.security')
    credentials = (await log_in(client)).cookies[COOKIE].value
    await client.post('/logout')
    await client.get('/private', headers={'Cookie': f'{COOKIE}=wrong{credentials}'})
    events = [record for record in caplog.records if record.name == 'colibris.security']
    where = {'address': '127.0.0.1', 'method': 'POST'}
    assert [record.security for record in events[:2]] == [
        {'event': 'login', 'account': str(account.id), 'path': '/login', **where},
        {'event': 'logout', 'account': str(account.id), 'path': '/logout', **where},
    ]
    assert events[2].security['event'] == 'authentication_failed'
    assert events[2].security['reason']
    assert [record.levelname for record in events] == ['INFO', 'INFO', 'WARNING']
    assert events[0].getMessage() == f'login account={account.id} address=127.0.0.1 method=POST path=/login'
    assert credentials not in caplog.text
