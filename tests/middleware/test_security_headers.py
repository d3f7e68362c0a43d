"""Headers by which browsers are told to be careful."""

import pytest

from colibris.errors import ConfigurationError
from colibris.views.finishing import FINISHERS

ROUTES = """
def answer(request):
    return web.json_response('x', headers={'X-Frame-Options': 'SAMEORIGIN'})


ROUTES = [('/', lambda request: 'x'), ('/own', answer)]
"""
PROXY = "TRUSTED_PROXIES = ['127.0.0.1']\n"
HTTPS = {'X-Forwarded-Proto': 'https'}
HSTS = 'Strict-Transport-Security'


@pytest.mark.parametrize('path', ['/', '/nowhere', '/health', '/api/docs', '/api/docs/static/page.js'])
async def test_every_answer(serve, path):
    client = await serve(ROUTES)
    headers = (await client.get(path)).headers
    assert headers.getall('X-Content-Type-Options') == ['nosniff']
    assert headers['X-Frame-Options'] == 'DENY'
    assert headers.getall('Referrer-Policy') == ['same-origin']
    assert 'Server' not in headers
    assert HSTS not in headers


async def test_a_view_has_the_last_word(serve):
    client = await serve(ROUTES)
    assert (await client.get('/own')).headers.getall('X-Frame-Options') == ['SAMEORIGIN']


async def test_own_headers(serve):
    client = await serve(ROUTES, settings="SECURITY_HEADERS = {'Permissions-Policy': 'camera=()'}\n")
    headers = (await client.get('/')).headers
    assert headers['Permissions-Policy'] == 'camera=()'
    assert 'X-Frame-Options' not in headers


async def test_none(serve):
    client = await serve(ROUTES, settings='SECURITY_HEADERS = {}\nHSTS_SECONDS = 0\n')
    assert 'X-Frame-Options' not in (await client.get('/')).headers
    assert 'secure_answer' not in [function.__name__ for function in client.app[FINISHERS]]


@pytest.mark.parametrize(
    ('settings', 'headers', 'expected'),
    [
        ('DEBUG = False\n' + PROXY, HTTPS, 'max-age=31536000'),
        ('DEBUG = False\nHSTS_SECONDS = 60\n' + PROXY, HTTPS, 'max-age=60'),
        ('DEBUG = False\nHSTS_SECONDS = 0\n' + PROXY, HTTPS, None),
        ('DEBUG = False\n' + PROXY, {}, None),
        ('DEBUG = False\n', HTTPS, None),
        ('DEBUG = True\n' + PROXY, HTTPS, None),
    ],
)
async def test_hsts(serve, settings, headers, expected):
    client = await serve(ROUTES, settings=settings)
    for path in ('/', '/nowhere'):
        assert (await client.get(path, headers=headers)).headers.get(HSTS) == expected


@pytest.mark.parametrize(
    'wrong', ["{'X-Mine': 'a\\nb'}", "{'X Mine': 'x'}", "{'X-Mine': None}", "['X-Mine']", "{1: 'x'}"]
)
async def test_wrong_headers(serve, wrong):
    with pytest.raises(ConfigurationError, match='SECURITY_HEADERS = '):
        await serve(ROUTES, settings=f'SECURITY_HEADERS = {wrong}\n')
