"""Pages by cursor, on every engine."""

import random
from urllib.parse import parse_qs, urlsplit

import pytest

from colibris.conf import settings
from colibris.persist import models_of
from tests.views.serving import error_of

MODELS = """
import uuid

from colibris import persist


class Organization(persist.Model):
    name = persist.CharField()


class Item(persist.Model):
    name = persist.CharField(max_length=300)
    text = persist.TextField(null=True)
    amount = persist.IntegerField(null=True)
    rank = persist.IntegerField(default=0)
    price = persist.DecimalField(max_digits=8, decimal_places=2, null=True)
    weight = persist.FloatField(null=True)
    made = persist.DateTimeField(null=True)
    day = persist.DateField(null=True)
    hour = persist.TimeField(null=True)
    code = persist.UUIDField(default=uuid.uuid4)
    is_new = persist.BooleanField(default=True)
    parent = persist.ForeignKeyField('self', null=True)


class Seat(persist.Model):
    row = persist.IntegerField()
    number = persist.IntegerField()
    price = persist.IntegerField(null=True)

    class Meta:
        primary_key = persist.CompositeKey('row', 'number')
"""
ROUTES = """
from colibris.views.pagination import CursorPagination

ALL = tuple(models.Item._meta.fields)


class SeatSchema(ModelSchema):
    class Meta:
        model = models.Seat


class ItemFilter(ModelFilter):
    class Meta:
        model = models.Item
        fields = {'amount': (operators.GE,), 'name': (operators.CONTAINS,)}


class ItemsView(ListMixin, ModelView):
    model = models.Item
    body_schema_class = ItemSchema
    pagination_class = CursorPagination
    filter_class = ItemFilter
    ordering_fields = ALL
    search_fields = ('name',)


class WholeView(ItemsView):
    pagination_class = None


class LastView(ItemsView):
    def get_query(self):
        return models.Item.select().order_by(models.Item.amount.desc(nulls='LAST'), models.Item.rank)


class WholeLastView(LastView):
    pagination_class = None


class SeatsView(ListMixin, ModelView):
    model = models.Seat
    body_schema_class = SeatSchema
    pagination_class = CursorPagination
    ordering_fields = ('price',)


class OddView(ItemsView):
    def get_query(self):
        return models.Item.select().order_by(persist.fn.LOWER(models.Item.name))


class PartialView(ItemsView):
    ordering_fields = ()

    def get_query(self):
        return models.Item.select(models.Item.id, models.Item.name).order_by(models.Item.amount)


ROUTES = [
    ('/items', ItemsView), ('/whole', WholeView), ('/last', LastView), ('/whole-last', WholeLastView),
    ('/seats', SeatsView), ('/shelves/{shelf}', ItemsView), ('/odd', OddView), ('/partial', PartialView),
]
"""
SECRET = "SECRET_KEY = 'a secret of tests, long enough'\n"

ORDERINGS = [
    '', '-id', 'amount', '-amount', 'amount,rank', '-amount,-rank', '-amount,rank', 'rank,-amount', 'rank,amount,name',
    '-rank,amount,-price', 'price,-made', 'weight', '-weight', 'made', 'day,-hour', 'code', 'is_new,-code', 'name',
    'text', '-text,amount', 'parent,-amount', '-price', 'hour,-id,name', 'is_new,parent,amount,rank',
]  # fmt: skip


def make_rows(count):
    """Rows with many equal values and nulls."""
    choose = random.Random(4).choice
    texts = ['', 'a', 'A', 'b%', 'ä', 'x' * 3000, 'y' * 3000, None]  # MariaDB sorts by the first 1024 bytes only
    return [
        {
            'name': choose(['a', 'B', 'ab', 'Ä', '%_\\', 'z' * 300]),
            'text': choose(texts),
            'amount': choose([None, None, 1, 2, 2**31 - 1]),
            'rank': choose([-1, 0, 1]),
            'price': choose([None, '0.10', '0.20', '-3.33', '999999.99']),
            'weight': choose([None, 0.1, 0.2, 1 / 3, -1e300]),
            'made': choose([None, '2020-01-01T00:00:00', '2020-01-01T00:00:00.000001', '2021-01-01T00:00:00']),
            'day': choose([None, '2020-01-01', '1999-12-31']),
            'hour': choose([None, '00:00:00', '23:59:59.999999']),
            'is_new': choose([True, False]),
            'parent': choose([None, 1]) if number else None,
        }
        for number in range(count)
    ]


@pytest.fixture
async def client(serve, run, engine):
    client = await serve(ROUTES, models=MODELS, settings=SECRET, engine=engine)
    _, client.item, client.seat = models_of(settings.PROJECT_PACKAGE_NAME)
    await run(lambda: [client.item.create(**row) for row in make_rows(23)])
    return client


async def page_of(client, url):
    response = await client.get(url)
    assert response.status == 200, await response.text()
    page = await response.json()
    assert set(page) == {'results', 'next', 'prev'}
    return page


def path_of(url):
    """What follows the host in a link; the links of answers are followed as they are."""
    parts = urlsplit(url)
    return f'{parts.path}?{parts.query}'


async def walk(client, url, direction):
    """The pages from one on, in a direction."""
    pages = []
    while url:
        page = await page_of(client, url)
        pages.append(page)
        url = page[direction] and path_of(page[direction])
        assert len(pages) < 100
    return pages


def ids(pages):
    return [item['id'] for page in pages for item in page['results']]


def sorted_by(ordering):
    return f'&ordering={ordering}' if ordering else ''


async def expected_ids(client, path, ordering):
    return [
        item['id'] for item in await (await client.get(path, params={'ordering': ordering} if ordering else {})).json()
    ]


@pytest.mark.parametrize(('path', 'whole'), [('/items', '/whole'), ('/last', '/whole-last')])
async def test_every_ordering_forward_and_backward(client, path, whole):
    for ordering in ORDERINGS:
        expected = await expected_ids(client, whole, ordering)
        pages = await walk(client, f'{path}?page_size=3{sorted_by(ordering)}', 'next')
        assert ids(pages) == expected, ordering
        assert [len(page['results']) for page in pages] == [3] * 7 + [2]
        assert pages[0]['prev'] is None
        back = await walk(client, path_of(pages[-1]['prev']), 'prev')
        assert ids(back[::-1]) == expected[:-2], ordering
        again = await walk(client, path_of(back[-1]['next']), 'next')
        assert ids(again) == expected[3:], ordering


async def test_rows_that_come_and_go_move_no_others(client, run):
    url = '/items?page_size=5&ordering=rank,-amount'
    expected = await expected_ids(client, '/whole', 'rank,-amount')
    first = await page_of(client, url)
    seen = ids([first])
    await run(lambda: [client.item.create(name=f'new {rank}', rank=rank, amount=5) for rank in (-9, -1, 0, 1, 9)])
    await run(lambda: client.item.delete_by_id(seen[-1]) if seen[-1] != 1 else None)
    rest = await walk(client, path_of(first['next']), 'next')
    assert [number for number in seen + ids(rest) if number <= 23] == expected


async def test_a_cursor_outlives_its_row(client, run):
    await run(lambda: client.item.update(parent=None).execute())
    pages = await walk(client, '/items?page_size=10&ordering=-id', 'next')
    await run(lambda: client.item.delete().execute())
    page = await page_of(client, path_of(pages[1]['next']))
    assert page['results'] == []
    assert page['next'] is None
    page = await page_of(client, path_of(page['prev']))
    assert page == {'results': [], 'next': None, 'prev': None}


async def test_an_empty_page_leads_back(client, run):
    pages = await walk(client, '/items?page_size=10', 'next')
    await run(lambda: client.item.delete().where(client.item.id > 20).execute())
    beyond = await page_of(client, path_of(pages[1]['next']))
    assert beyond['results'] == []
    back = await page_of(client, path_of(beyond['prev']))
    assert ids([back]) == list(range(11, 21))
    assert back['next'] is None

    await run(lambda: client.item.delete().where(client.item.id.between(2, 10)).execute())
    await run(lambda: client.item.update(parent=None).execute())
    await run(lambda: client.item.delete_by_id(1))
    before = await page_of(client, path_of(pages[1]['prev']))
    assert before['results'] == []
    assert before['prev'] is None
    assert ids([await page_of(client, path_of(before['next']))]) == list(range(11, 21))


async def test_composite_keys(client, run):
    rows = [
        {'row': row, 'number': number, 'price': (row * number) % 3 or None} for row in (1, 2) for number in range(4)
    ]
    await run(lambda: client.seat.insert_many(rows).execute())
    for ordering, count in (('', 8), ('price', 8), ('-price', 8)):
        pages = await walk(client, f'/seats?page_size=1{sorted_by(ordering)}', 'next')
        found = [(seat['row'], seat['number']) for page in pages for seat in page['results']]
        assert len(found) == len(set(found)) == count
        if not ordering:
            assert found == sorted(found)


async def test_links_keep_the_other_parameters(client):
    page = await page_of(client, '/items?name__contains=a&page_size=2&search=A&ordering=-name&x=1&x=2%26')
    query = parse_qs(urlsplit(page['next']).query)
    del query['cursor']
    assert query == {
        'name__contains': ['a'], 'page_size': ['2'], 'search': ['A'], 'ordering': ['-name'], 'x': ['1', '2&'],
    }  # fmt: skip
    pages = await walk(client, '/items?name__contains=a&page_size=2&search=A&ordering=-name', 'next')
    assert len(pages) > 1
    assert all(set(item['name']) & set('aAäÄ') for page in pages for item in page['results'])  # MariaDB: ä is a


@pytest.fixture
async def cursor(client):
    """A cursor of ``/items?page_size=2&ordering=amount&amount__ge=1``."""
    page = await page_of(client, '/items?page_size=2&ordering=amount&amount__ge=1')
    (cursor,) = parse_qs(urlsplit(page['next']).query)['cursor']
    return cursor


GOOD = {'ordering': 'amount', 'amount__ge': '1'}


async def test_a_cursor_is_bound_to_its_list(client, cursor):
    async def status_of(path='/items', **parameters):
        return (await client.get(path, params={'cursor': cursor, **GOOD, **parameters})).status

    assert await status_of() == 200
    assert await status_of(page_size='7', unknown='x') == 200
    assert await status_of(ordering='-amount') == 400
    assert await status_of(ordering='amount,rank') == 400
    assert await status_of(amount__ge='2') == 400
    assert await status_of(search='a') == 400
    assert await status_of(name__contains='a') == 400
    assert await status_of('/last') == 400
    assert await status_of('/shelves/1') == 400


async def test_a_changed_cursor_is_refused(client, cursor):
    changed = [cursor[:-1], cursor + 'A', cursor + '=', 'x', '%', '', 'ä', cursor.swapcase(), 'A' * 5000, '\x00']
    changed += [
        cursor[:place] + ('B' if cursor[place] == 'A' else 'A') + cursor[place + 1 :]
        for place in range(0, len(cursor), 3)
    ]
    for text in changed:
        response = await client.get('/items', params={**GOOD, 'cursor': text})
        error = await error_of(response, 400)
        assert list(error['details']['query']) == ['cursor']


async def test_a_cursor_of_another_secret_is_refused(client, cursor):
    with settings.override(SECRET_KEY='another secret of tests'):
        await error_of(await client.get('/items', params={**GOOD, 'cursor': cursor}), 400)


async def test_without_a_secret_the_process_has_its_own(client, cursor):
    with settings.override(SECRET_KEY=None):
        await error_of(await client.get('/items', params={**GOOD, 'cursor': cursor}), 400)
        assert len(ids(await walk(client, '/items?page_size=10', 'next'))) == 23


async def test_a_row_too_long_for_a_cursor_must_still_be_there(client, run):
    await run(lambda: client.item.update(text='y' * 3000).execute())
    page = await page_of(client, '/items?ordering=text&page_size=2')
    assert len(page['next']) < 1000
    assert ids([await page_of(client, path_of(page['next']))]) == [3, 4]
    await run(lambda: client.item.delete_by_id(2))
    error = await error_of(await client.get(path_of(page['next'])), 400)
    assert error['details'] == {'query': {'cursor': ['The row that this cursor refers to is gone.']}}


@pytest.mark.parametrize('path', ['/odd', '/partial'])
async def test_lists_that_cannot_be_cut_are_a_mistake_of_the_project(client, path):
    await error_of(await client.get(f'{path}?page_size=2'), 500)
