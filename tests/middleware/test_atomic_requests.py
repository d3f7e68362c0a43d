"""With DATABASE['atomic_requests'], a transaction around the view."""

import asyncio

import pytest

from colibris import persist

ROUTES = """
import asyncio

from colibris import persist
from colibris.api import Conflict

Organization = models.Organization
committed = []


def change(request):
    Organization.create(name='x')
    persist.after_commit(lambda: committed.append(Organization.select().count()))


def answers(request):
    change(request)
    return web.json_response({}, status=int(request.query['status']))


def raises(request):
    change(request)
    raise {'bug': KeyError('x'), 'api': Conflict(), 'http': web.HTTPForbidden(), 'see': web.HTTPFound('/')}[
        request.query['what']
    ]


def inner(request):
    with persist.atomic():
        change(request)
    try:
        with persist.atomic():
            change(request)
            raise KeyError
    except KeyError:
        pass
    assert not committed
    return persist.get_database().in_transaction()


async def waits(request):
    change(request)
    request.app['started'].set()
    await asyncio.sleep(60)


async def streams(request):
    change(request)
    answer = web.StreamResponse()
    await answer.prepare(request)
    await answer.write(b'piece')
    return answer


def in_transaction(request):
    return persist.get_database().in_transaction()


METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
ROUTES = [
    (f'/{view.__name__}', view, METHODS) for view in (answers, raises, inner, waits, streams, in_transaction)
]
"""

ATOMIC = "DATABASE['atomic_requests'] = True\n"


@pytest.fixture
def serve_views(serve):
    async def make(settings=ATOMIC):
        return await serve(ROUTES, settings=settings)

    return make


@pytest.fixture
def state(run):
    """The number of rows, and what the callbacks have seen."""

    async def find(client):
        import sys

        package = sys.modules[next(name for name in sys.modules if name.startswith('sample') and '.routes' in name)]
        return await run(lambda: package.Organization.select().count()), package.committed

    return find


@pytest.mark.parametrize('status', [200, 201, 302, 399])
async def test_committed(serve_views, state, status):
    client = await serve_views()
    assert (await client.post(f'/answers?status={status}', allow_redirects=False)).status == status
    assert await state(client) == (1, [1])


@pytest.mark.parametrize('status', [400, 404, 500])
async def test_an_answer_that_refuses_is_rolled_back(serve_views, state, status):
    client = await serve_views()
    assert (await client.post(f'/answers?status={status}')).status == status
    assert await state(client) == (0, [])


@pytest.mark.parametrize(
    ('what', 'status', 'rows'), [('bug', 500, 0), ('api', 409, 0), ('http', 403, 0), ('see', 302, 1)]
)
async def test_an_exception_is_rolled_back_but_no_redirection(serve_views, state, what, status, rows):
    client = await serve_views()
    assert (await client.post(f'/raises?what={what}', allow_redirects=False)).status == status
    assert await state(client) == (rows, [1] * rows)


async def test_a_transaction_inside_is_a_savepoint(serve_views, state):
    client = await serve_views()
    assert await (await client.post('/inner')).json() is True
    assert await state(client) == (1, [1])


async def test_a_client_that_leaves(serve_views, state):
    client = await serve_views()
    client.app._state['started'] = asyncio.Event()
    request = asyncio.ensure_future(client.post('/waits'))
    await client.app['started'].wait()
    request.cancel()
    await client.server.close()
    assert await state(client) == (0, [])


async def test_an_answer_in_pieces_is_committed_behind_the_last(serve_views, state):
    client = await serve_views()
    assert await (await client.post('/streams')).text() == 'piece'
    assert await state(client) == (1, [1])


@pytest.mark.parametrize(
    ('method', 'expected'), [('GET', False), ('POST', True), ('PUT', True), ('PATCH', True), ('DELETE', True)]
)
async def test_only_methods_that_may_change_something(serve_views, method, expected):
    client = await serve_views()
    assert await (await client.request(method, '/in_transaction')).json() is expected


@pytest.mark.parametrize('settings', ['', "DATABASE['atomic_requests'] = False\n"])
async def test_only_where_it_is_set(serve_views, settings):
    client = await serve_views(settings)
    assert await (await client.post('/in_transaction')).json() is False


def test_the_option_is_checked(project):
    project(
        settings=("DATABASE = {'backend': 'colibris.persist.SQLiteBackend', 'name': 'x.db', 'atomic_requests': 'yes'}")
    )
    with pytest.raises(Exception, match="'atomic_requests' must be True or False"):
        persist.get_database()
