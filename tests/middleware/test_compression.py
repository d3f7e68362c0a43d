"""Compressed answers."""

import gzip
import sys

import brotli
import pytest

from colibris.middleware import compression
from colibris.middleware.compression import choose_encoding

ROUTES = """
from pathlib import Path

TEXT = 'colibris ' * 1000


def data(request):
    return TEXT


def html(request):
    return web.Response(text=TEXT, content_type='text/html', headers={'Vary': 'Cookie'})


def svg(request):
    return web.Response(text=TEXT, content_type='image/svg+xml', headers={'Vary': 'Origin, accept-encoding'})


def large(request):
    return 'x' * 1_000_000


def small(request):
    return 'x' * 900


def image(request):
    return web.Response(text=TEXT, content_type='image/png')


def encoded(request):
    return web.Response(text=TEXT, headers={'Content-Encoding': 'aes128gcm'})


def kept(request):
    return web.Response(text=TEXT, headers={'Cache-Control': 'private, no-transform'})


def part(request):
    return web.Response(text=TEXT, status=206)


def random(request):
    import os
    return web.Response(body=os.urandom(2000), content_type='text/plain')


def file(request):
    path = Path(__file__).parent / 'file.txt'
    path.write_text(TEXT)
    return web.FileResponse(path)


async def stream(request):
    response = web.StreamResponse(headers={'Content-Type': 'text/plain'})
    await response.prepare(request)
    await response.write(TEXT.encode())
    return response


VIEWS = [data, html, svg, large, small, image, encoded, kept, part, random, file, stream]
ROUTES = [(f'/{view.__name__}', view) for view in VIEWS]
"""
ON = 'COMPRESS_RESPONSES = True\n'


@pytest.fixture
async def client(serve):
    client = await serve(ROUTES, settings=ON)
    client.session._auto_decompress = False
    return client


async def get(client, path, accepted='gzip', **headers):
    return await client.get(path, headers={'Accept-Encoding': accepted, **headers})


@pytest.mark.parametrize(('encoding', 'decompress'), [('gzip', gzip.decompress), ('br', brotli.decompress)])
@pytest.mark.parametrize('path', ['/data', '/html', '/svg', '/large'])
async def test_compressed(client, path, encoding, decompress):
    plain = await (await get(client, path, 'identity')).read()
    response = await get(client, path, encoding)
    body = await response.read()
    assert response.headers['Content-Encoding'] == encoding
    assert int(response.headers['Content-Length']) == len(body) < len(plain) / 10
    assert decompress(body) == plain
    head = await client.head(path, headers={'Accept-Encoding': encoding})
    assert head.headers['Content-Length'] == response.headers['Content-Length']


@pytest.mark.parametrize('path', ['/small', '/image', '/encoded', '/kept', '/part', '/random', '/file', '/stream'])
async def test_left_alone(client, path):
    response = await get(client, path)
    assert response.headers.get('Content-Encoding') in (None, 'aes128gcm')


async def test_vary(client):
    for accepted in ('identity', 'gzip'):
        assert (await get(client, '/data', accepted)).headers['Vary'] == 'Accept-Encoding'
        assert (await get(client, '/html', accepted)).headers['Vary'] == 'Cookie, Accept-Encoding'
        assert (await get(client, '/svg', accepted)).headers['Vary'] == 'Origin, accept-encoding'
    assert 'Vary' not in (await get(client, '/small')).headers
    tag = (await get(client, '/data')).headers['ETag']
    assert (await get(client, '/data', **{'If-None-Match': tag})).headers['Vary'] == 'Accept-Encoding'


async def test_tags_differ_from_encoding_to_encoding_and_all_are_known(client):
    tags = {accepted: (await get(client, '/data', accepted)).headers['ETag'] for accepted in ('identity', 'gzip', 'br')}
    bare = tags['identity'].strip('"')
    assert tags == {'identity': f'"{bare}"', 'gzip': f'"{bare}-gzip"', 'br': f'"{bare}-br"'}
    for tag in tags.values():
        response = await get(client, '/data', **{'If-None-Match': tag})
        assert (response.status, response.headers['ETag']) == (304, tag)


async def test_what_another_site_asks_for_with_cookies_is_not_compressed(client):
    for place, cookie, encoding in (
        ('cross-site', 'session=1', None),
        ('same-site', 'session=1', None),
        ('same-origin', 'session=1', 'gzip'),
        ('none', 'session=1', 'gzip'),
        ('cross-site', None, 'gzip'),
    ):
        headers = {'Sec-Fetch-Site': place, **({'Cookie': cookie} if cookie else {})}
        response = await get(client, '/data', **headers)
        assert response.headers.get('Content-Encoding') == encoding


async def test_off(serve):
    client = await serve(ROUTES)
    response = await get(client, '/data')
    assert not {'Content-Encoding', 'Vary'} & set(response.headers)


@pytest.mark.parametrize(
    ('accepted', 'chosen'),
    [
        ('', None),
        ('gzip', 'gzip'),
        ('gzip, deflate, br', 'br'),
        ('GZIP', 'gzip'),
        ('br;q=0.5, gzip', 'gzip'),
        ('br;q=0, gzip;q=0.1', 'gzip'),
        ('gzip;q=0', None),
        ('*', 'br'),
        ('*;q=0', None),
        ('br;q=0, *', 'gzip'),
        ('identity', None),
        ('identity, gzip;q=0.5', None),
        ('deflate', None),
        ('gzip;q=x', None),
        ('gzip;q=nan', None),
        (',,;=;q', None),
        (' gzip ; q=1.0 ', 'gzip'),
        ('x' * 5000, None),
    ],
)
def test_choice(accepted, chosen):
    assert choose_encoding(accepted) == chosen


def test_without_brotli(monkeypatch):
    monkeypatch.setitem(sys.modules, 'brotli', None)
    for cached in (compression._compressors, choose_encoding):
        cached.cache_clear()
    try:
        assert (choose_encoding('br, gzip'), choose_encoding('br')) == ('gzip', None)
    finally:
        for cached in (compression._compressors, choose_encoding):
            cached.cache_clear()
