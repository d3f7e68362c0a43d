"""Pages by number."""

import pytest

from tests.views.items import ROUTES, serve_items
from tests.views.serving import error_of


@pytest.fixture
async def client(serve, run):
    return await serve_items(serve, run)


async def test_pages(client):
    page = await (await client.get('/items?page=2&page_size=3')).json()
    assert [item['id'] for item in page.pop('results')] == [4]
    assert page == {'count': 4, 'pages': 2, 'page': 2, 'page_size': 3}
    beyond = await (await client.get('/items?page=2147483647&page_size=100')).json()
    assert beyond == {'results': [], 'count': 4, 'pages': 1, 'page': 2147483647, 'page_size': 100}
    empty = await (await client.get('/items?amount=77')).json()
    assert empty == {'results': [], 'count': 0, 'pages': 0, 'page': 1, 'page_size': 25}


@pytest.mark.parametrize(
    'query', ['page=0', 'page=-1', 'page=x', 'page=', 'page=2147483648', 'page=1.5', 'page_size=0', 'page_size=101']
)
async def test_wrong_pages(client, query):
    error = await error_of(await client.get(f'/items?{query}'), 400)
    assert list(error['details']['query']) == [query.partition('=')[0]]


async def test_page_size_settings(serve):
    client = await serve(ROUTES, settings='PAGE_SIZE = 2\nMAX_PAGE_SIZE = 3\n')
    assert (await (await client.get('/items')).json())['page_size'] == 2
    assert (await client.get('/items?page_size=3')).status == 200
    await error_of(await client.get('/items?page_size=4'), 400)


async def test_page_size_is_never_above_the_largest(serve):
    client = await serve(ROUTES, settings='PAGE_SIZE = 20\nMAX_PAGE_SIZE = 3\n')
    assert (await (await client.get('/items')).json())['page_size'] == 3
