"""In DEBUG, statements that a view repeats."""

import logging

import pytest

from colibris import persist
from colibris.app.pipeline import PIPELINE
from colibris.persist.slot import slot

ROUTES = """
import asyncio

from colibris import persist

Item, Organization = models.Item, models.Organization


def names(request):
    return [item.organization.name for item in Item.select()]


async def names_async(request):
    return [(await item.afetch(Item.organization)).name for item in Item.select()]


async def gathered(request):
    async def name_of(item):
        return item.organization.name

    return await asyncio.gather(*(name_of(item) for item in Item.select()))


def joined(request):
    return [item.organization.name for item in Item.select(Item, Organization).join(Organization)]


def counts(request):
    return [organization.item_set.count() for organization in Organization.select()]


def found(request):
    return [Item.get(Item.name == f'i{number}').name for number in range(12)]


def listed(request):
    return [len(Item.select()) for number in range(12)]


def sql(request):
    for number in range(12):
        persist.get_database().execute_sql('SELECT 1')


def transactions(request):
    for number in range(30):
        with persist.atomic():
            with persist.atomic():
                pass


def fails(request):
    names(request)
    raise KeyError('bug')


async def socket(request):
    answer = web.WebSocketResponse()
    await answer.prepare(request)
    names(request)
    await answer.send_str('done')
    await answer.close()
    return answer


class NamesView(View):
    authentication_required = False

    def get(self):
        return names(self.request)


views = (names, names_async, gathered, joined, counts, found, listed, sql, transactions, fails, socket)
ROUTES = [(f'/{view.__name__}', view) for view in views] + [('/class', NamesView)]
"""


@pytest.fixture
def warnings(caplog):
    """The warnings about repetition that have been logged."""
    caplog.set_level(logging.WARNING)
    return lambda: [r.getMessage() for r in caplog.records if r.name == 'colibris.middleware.repetition']


@pytest.fixture
def serve_items(serve, run):
    """Serve items of a number of organizations."""

    async def make(settings='', count=12):
        client = await serve(ROUTES, settings=settings)
        await run(fill, count)
        return client

    return make


def fill(count):
    database = persist.get_database()
    for number in range(1, count + 1):
        database.execute_sql('INSERT INTO organization (id, name) VALUES (?, ?)', (number, f'o{number}'))
        database.execute_sql(
            'INSERT INTO item (name, organization_id, amount, is_new, made, code, kind) '
            "VALUES (?, ?, 1, 1, '2020-01-01', '12345678123456789abcdef012345678', 'a')",
            (f'i{number - 1}', number),
        )


@pytest.mark.parametrize(
    ('path', 'view', 'origin'),
    [
        ('names', 'names', 'Item.organization'),
        ('names_async', 'names_async', 'Item.organization'),
        ('gathered', 'gathered', 'Item.organization'),
        ('class', 'NamesView.get', 'Item.organization'),
        ('counts', 'counts', 'Item.organization'),
        ('found', 'found', 'Item.name'),
        ('listed', 'listed', 'Item'),
    ],
)
async def test_the_warning_names_view_model_field_and_count(serve_items, warnings, path, view, origin):
    client = await serve_items()
    response = await client.get(f'/{path}')
    assert response.status == 200, await response.text()
    (warning,) = warnings()
    assert f'.routes.{view} repeats itself' in warning
    assert f' 12 times for {origin}: SELECT ' in warning


async def test_plain_sql_has_neither_model_nor_field(serve_items, warnings):
    client = await serve_items()
    await client.get('/sql')
    assert warnings()[0].endswith(': 12 times SELECT 1')


@pytest.mark.parametrize('path', ['joined', 'transactions', 'socket'])
async def test_no_warning(serve_items, warnings, path):
    client = await serve_items()
    if path == 'socket':
        async with client.ws_connect('/socket') as socket:
            assert await socket.receive_str() == 'done'
    else:
        assert (await client.get(f'/{path}')).status == 200
    assert not warnings()


@pytest.mark.parametrize(('settings', 'count'), [('', 10), ('N_PLUS_ONE_LIMIT = 12', 12), ('N_PLUS_ONE_LIMIT = 0', 12)])
async def test_the_limit_may_be_reached(serve_items, warnings, settings, count):
    client = await serve_items(settings, count)
    assert (await client.get('/names')).status == 200
    assert not warnings()


async def test_requests_are_counted_one_by_one(serve_items, warnings):
    client = await serve_items(count=6)
    for _ in range(3):
        await client.get('/names')
    assert not warnings()


async def test_an_error(serve_items, warnings):
    client = await serve_items('N_PLUS_ONE_ERROR = True')
    response = await client.get('/names')
    assert response.status == 500
    details = (await response.json())['details']
    assert 'RepeatedStatements' in details[-1]
    assert 'Item.organization' in details[-1]
    assert not warnings()
    assert (await client.get('/joined')).status == 200


async def test_another_error_is_not_hidden(serve_items, warnings):
    client = await serve_items('N_PLUS_ONE_ERROR = True')
    response = await client.get('/fails')
    assert "KeyError: 'bug'" in (await response.json())['details'][-1]
    assert len(warnings()) == 1


async def test_nothing_is_counted_without_debug(serve_items, warnings):
    client = await serve_items('DEBUG = False\nN_PLUS_ONE_ERROR = True')
    assert (await client.get('/names')).status == 200
    assert not warnings()
    assert not slot.get().query_hooks
    assert not [step for step in client.app[PIPELINE].steps if step.__name__ == 'report_repetition']


async def test_there_is_no_database(project, aiohttp_client):
    from colibris.app import create_app

    project(routes='ROUTES = []')
    client = await aiohttp_client(create_app())
    assert (await client.get('/health')).status == 200
