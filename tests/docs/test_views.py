import subprocess
import sys
from pathlib import Path

import pytest
from aiohttp import web
from openapi_spec_validator import OpenAPIV31SpecValidator

import colibris
from colibris.docs import setup_docs, views
from colibris.docs.views import STATIC
from colibris.views.routing import ENDPOINTS, add_endpoints, read_routes


def index(request):
    """Say hello."""
    return 'hello'


@pytest.fixture
def client(project, aiohttp_client):
    """A client of an app with documentation."""
    project(__init__='"""A <shop>."""\n__version__ = "3.2.1"')

    async def make(path='/api/docs'):
        app = web.Application()
        app[ENDPOINTS] = read_routes([('/', index)])
        add_endpoints(app, app[ENDPOINTS])
        setup_docs(app, path)
        return await aiohttp_client(app)

    return make


class TestDocument:
    async def test_describes_the_project(self, client):
        answer = await (await client()).get('/api/docs/openapi.json')
        document = await answer.json()
        OpenAPIV31SpecValidator(document).validate()
        assert answer.content_type == 'application/json'
        assert document['info']['title'].startswith('sample')
        assert (document['info']['version'], document['info']['description']) == ('3.2.1', 'A <shop>.')

    async def test_does_not_describe_the_documentation(self, client):
        document = await (await (await client()).get('/api/docs/openapi.json')).json()
        assert list(document['paths']) == ['/']

    async def test_is_made_once(self, client, monkeypatch):
        calls = []
        monkeypatch.setattr(views, '_build', lambda endpoints: calls.append(1) or b'{}')
        client = await client()
        for _ in range(2):
            assert await (await client.get('/api/docs/openapi.json')).read() == b'{}'
        assert calls == [1]

    async def test_is_not_sent_twice(self, client):
        client = await client()
        tag = (await client.get('/api/docs/openapi.json')).headers['ETag']
        answer = await client.get('/api/docs/openapi.json', headers={'If-None-Match': tag})
        assert answer.status == 304
        assert answer.headers['ETag'] == tag


class TestPage:
    async def test_is_html_that_may_only_load_from_here(self, client):
        answer = await (await client()).get('/api/docs')
        policy = answer.headers['Content-Security-Policy']
        assert answer.content_type == 'text/html'
        assert "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:" in policy
        assert answer.headers['X-Content-Type-Options'] == 'nosniff'

    @pytest.mark.parametrize(('path', 'base'), [('/api/docs', 'docs'), ('/reference', 'reference'), ('/a/b/', 'b')])
    async def test_refers_to_everything_relatively(self, client, path, base):
        client = await client(path)
        text = await (await client.get(path.rstrip('/'))).text()
        assert f'data-document="{base}/openapi.json"' in text
        assert f'src="{base}/static/page.js?v={colibris.__version__}"' in text
        assert '="/' not in text.replace('data-path="/', '')

    async def test_has_no_scripts_of_its_own(self, client):
        text = await (await (await client()).get('/api/docs')).text()
        assert text.count('<script') == text.count('<script src=') == 2
        assert 'style=' not in text

    async def test_is_where_a_slash_behind_leads_to(self, client):
        answer = await (await client()).get('/api/docs/', allow_redirects=False)
        assert (answer.status, answer.headers['Location']) == (308, '../docs')
        assert (await (await client()).get('/api/docs/')).content_type == 'text/html'


class TestFiles:
    @pytest.mark.parametrize(
        ('name', 'content_type'),
        [
            ('favicon.png', 'image/png'),
            ('page.css', 'text/css; charset=utf-8'),
            ('page.js', 'text/javascript; charset=utf-8'),
            ('swagger-ui-bundle.js', 'text/javascript; charset=utf-8'),
            ('swagger-ui.css', 'text/css; charset=utf-8'),
        ],
    )
    async def test_are_served(self, client, name, content_type):
        answer = await (await client()).get(f'/api/docs/static/{name}')
        assert answer.headers['Content-Type'] == content_type
        assert answer.headers['Cache-Control'] == 'public, max-age=86400'
        assert await answer.read() == (STATIC / name).read_bytes()

    @pytest.mark.parametrize('name', ['index.html', 'LICENSE.txt', 'other.js', '..%2Fviews.py'])
    async def test_others_are_not(self, client, name):
        assert (await (await client()).get(f'/api/docs/static/{name}')).status == 404

    def test_load_nothing_from_elsewhere(self):
        for path in (STATIC / 'index.html', STATIC / 'page.js', STATIC / 'page.css'):
            assert '//' not in path.read_text().replace('// ', '')

    def test_come_with_their_licenses(self):
        assert 'Apache License' in (STATIC / 'LICENSE.txt').read_text()
        assert 'SmartBear' in (STATIC / 'NOTICE.txt').read_text()


def test_apispec_is_imported_only_when_the_document_is_made():
    code = 'import sys, colibris.docs; sys.exit("apispec" in sys.modules)'
    subprocess.run([sys.executable, '-c', code], check=True, cwd=Path(colibris.__file__).parent.parent)
