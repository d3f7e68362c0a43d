"""Templates in views of a served project."""

import asyncio

import pytest

from colibris.app import create_app
from tests.template.catalogs import write_catalog
from tests.views.serving import run, serve

__all__ = ['run', 'serve']

SETTINGS = """
TEMPLATE = {'backend': 'colibris.template.jinja2.Jinja2Backend', 'paths': ['../shared']}
"""
ROUTES = """
from colibris.shortcuts import html_response_template


def items(request):
    return html_response_template('items.html', items=models.Item.select().order_by(models.Item.id), status='new')


async def missing(request):
    return html_response_template('missing.html', 404, path='<' + request.match_info['path'] + '>')


def fill(request):
    for name in ('Ada', 'Grace'):
        organization = models.Organization.create(name=name)
        for title in ('<b>', 'B'):
            models.Item.create(name=f'{title} of {name}', organization=organization)
    return {}


ROUTES = [('/items', items), ('/fill', fill), ('/{path}', missing)]
"""
ITEMS = '{{ status }}{% for item in items %}|{{ item.name }}, {{ item.organization.name }}{% endfor %}'
TRANSLATED = """
TEMPLATE = {'backend': 'colibris.template.jinja2.Jinja2Backend', 'translations': 'gettext'}
"""
BOOKS = """
from colibris.shortcuts import html_response_template


def books(request):
    return html_response_template('books.html')


ROUTES = [('/books', books)]
"""


@pytest.fixture
def shared(tmp_path):
    folder = tmp_path / 'shared'
    folder.mkdir()
    return folder


async def test_lazy_fields_in_templates(serve, shared):
    (shared / 'items.html').write_text(ITEMS)
    (shared / 'missing.html').write_text('{{ path }}')
    client = await serve(ROUTES, settings=SETTINGS)
    await client.get('/fill')
    expected = 'new|&lt;b&gt; of Ada, Ada|B of Ada, Ada|&lt;b&gt; of Grace, Grace|B of Grace, Grace'
    for response in await asyncio.gather(*(client.get('/items') for _ in range(10))):
        assert response.status == 200
        assert response.content_type == 'text/html'
        assert response.charset == 'utf-8'
        assert await response.text() == expected
        assert 'Vary' not in response.headers
        assert 'Content-Language' not in response.headers
    response = await client.get('/x%3Cy')
    assert (response.status, await response.text()) == (404, '&lt;x&lt;y&gt;')


async def test_error_in_a_template_names_the_place(serve, shared, caplog):
    (shared / 'items.html').write_text('\n{{ absent }}')
    client = await serve(ROUTES, settings=SETTINGS)
    response = await client.get('/items')
    assert response.status == 500
    assert "items.html, line 2: 'absent' is undefined" in caplog.text


async def test_locale_of_the_client(project, tmp_path, aiohttp_client):
    package = tmp_path / project(settings=TRANSLATED, routes=BOOKS)
    (package / 'templates').mkdir()
    (package / 'templates' / 'books.html').write_text('{{ _("Books") }}')
    write_catalog(package, 'de', {'Books': 'Bücher'})
    write_catalog(package, 'pt_BR', {'Books': 'Livros'})
    client = await aiohttp_client(create_app())
    for accepted, locale, text in (
        ('de-CH,en;q=0.5', 'de', 'Bücher'),
        ('pt-BR', 'pt-BR', 'Livros'),
        ('fr', 'en', 'Books'),
        ('\xff;q=z', 'en', 'Books'),
    ):
        response = await client.get('/books', headers={'Accept-Language': accepted})
        assert await response.text() == text
        assert response.headers['Content-Language'] == locale
        assert response.headers['Vary'] == 'Accept-Language'
    response = await client.get('/books')
    assert (response.headers['Content-Language'], await response.text()) == ('en', 'Books')
    languages = ['de', 'fr', 'pt-BR'] * 10
    responses = await asyncio.gather(*(client.get('/books', headers={'Accept-Language': tag}) for tag in languages))
    assert [await response.text() for response in responses] == ['Bücher', 'Books', 'Livros'] * 10
    response = await client.get('/books', headers=[('Accept-Language', 'fr'), ('Accept-Language', 'de')])
    assert await response.text() == 'Bücher'
