"""Pages by limit and offset."""

import pytest

from tests.views.items import ROUTES, ROWS
from tests.views.serving import error_of

LIMITED = (
    ROUTES
    + """
from colibris.views.pagination import LimitOffsetPagination


class LimitedView(ItemsView):
    pagination_class = LimitOffsetPagination


ROUTES += [('/limited', LimitedView)]
"""
)


@pytest.fixture
async def client(serve, run):
    client = await serve(LIMITED)
    await run(lambda: fill(100))
    return client


def fill(count):
    from colibris.conf import settings
    from colibris.persist import models_of

    item = models_of(settings.PROJECT_PACKAGE_NAME)[1]
    item.insert_many([{**ROWS[0], 'name': f'item {number}', 'amount': number} for number in range(count + 7)]).execute()


async def page_of(client, url):
    response = await client.get(url)
    assert response.status == 200, await response.text()
    page = await response.json()
    assert set(page) == {'results', 'next', 'prev'}
    return page


async def test_25_by_default_and_100_at_most(client):
    assert len((await page_of(client, '/limited'))['results']) == 25
    assert len((await page_of(client, '/limited?limit=100'))['results']) == 100
    error = await error_of(await client.get('/limited?limit=101'), 400)
    assert list(error['details']['query']) == ['limit']


async def test_links_lead_through_the_list_and_back(client):
    base = str(client.make_url('/limited'))
    url, offsets, seen = '/limited', [], []
    while url:
        page = await page_of(client, url)
        offset = len(seen)
        offsets.append(offset)
        seen += [item['id'] for item in page['results']]
        assert page['prev'] == (f'{base}?offset={offset - 25}&limit=25' if offset else None)
        assert page['next'] == (f'{base}?offset={offset + 25}&limit=25' if offset < 100 else None)
        url = page['next'] and page['next'].removeprefix(str(client.make_url('/')))
        url = url and f'/{url}'
    assert seen == list(range(1, 108))
    assert offsets == [0, 25, 50, 75, 100]


async def test_a_page_that_ends_with_the_list_is_the_last(client):
    assert (await page_of(client, '/limited?offset=82&limit=25'))['next'] is None
    assert (await page_of(client, '/limited?offset=81&limit=25'))['next'] is not None
    beyond = await page_of(client, f'/limited?offset={2**53 - 1}')
    assert (beyond['results'], beyond['next']) == ([], None)
    assert (await page_of(client, '/limited?offset=10'))['prev'].endswith('?offset=0&limit=25')


async def test_links_keep_the_other_parameters(client):
    page = await page_of(client, '/limited?limit=5&amount__ge=3&ordering=-name&offset=5&x=%26%2B+%C3%A4&x=2&empty=')
    kept = 'amount__ge=3&ordering=-name&x=%26%2B+%C3%A4&x=2&empty='
    base = str(client.make_url('/limited'))
    assert page['next'] == f'{base}?{kept}&offset=10&limit=5'
    assert page['prev'] == f'{base}?{kept}&offset=0&limit=5'


@pytest.mark.parametrize('host', ['[', 'a b', 'x:99999999', ':::', 'http://evil'])
async def test_a_broken_host_spoils_no_answer(client, host):
    response = await client.get('/limited', headers={'Host': host})
    assert response.status in (200, 400), await response.text()
    if response.status == 200:
        assert (await response.json())['next'].endswith('/limited?offset=25&limit=25')


@pytest.mark.parametrize(
    'query', ['limit=0', 'limit=-1', 'limit=x', 'limit=', 'limit=1.5', 'offset=-1', 'offset=x', f'offset={2**53}']
)
async def test_wrong_values(client, query):
    error = await error_of(await client.get(f'/limited?{query}'), 400)
    assert list(error['details']['query']) == [query.partition('=')[0]]


async def test_settings_give_the_sizes(serve, run):
    client = await serve(LIMITED, settings='PAGE_SIZE = 2\nMAX_PAGE_SIZE = 3\n')
    await run(lambda: fill(1))
    assert len((await page_of(client, '/limited'))['results']) == 2
    await error_of(await client.get('/limited?limit=4'), 400)
