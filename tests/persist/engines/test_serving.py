"""An application under load, on every engine: full pools, disconnecting clients, servers that restart."""

import asyncio
import contextlib
import random

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from colibris.app import create_app
from tests.services import MariaDBServer, PostgreSQLServer, running

from .conftest import assert_all_returned, pool_of, slow_statement
from .models import Author

VIEWS = """
import asyncio

from colibris import persist
from tests.persist.engines.models import Author, Book


def ping(request):
    return 'pong'


def names(request):
    return [author.name for author in Author.select().order_by(Author.id)]


def slow(request):
    persist.get_database().execute_sql(request.query['sql'])
    return 'done'


async def hold(request):
    with persist.atomic():
        Author.select().count()
        await asyncio.sleep(float(request.query['seconds']))
    return 'done'


async def add(request):
    number = int(request.query['number'])
    with persist.atomic():
        author = Author.create(name=f'author {number}', number=number)
        await asyncio.sleep(0.001)
        Book.create(author=author, title=str(number))
        if number % 5 == 0:
            raise KeyError('in the middle')
    return Author.get(number=number).books.get().title
"""
ROUTES = """
from __packagename__ import views

ROUTES = [(f'/{name}', getattr(views, name), ['POST', 'GET']) for name in ('ping', 'names', 'slow', 'hold', 'add')]
"""
CLIENTS = 200
SERVERS = {'postgresql': PostgreSQLServer, 'mysql': MariaDBServer}


@pytest.fixture
def serve(make_database):
    """Serve an application whose ``DATABASE`` has further keys; gives a context manager for its address and client."""

    @contextlib.asynccontextmanager
    async def serve(**options):
        database = await asyncio.to_thread(make_database, {'views': VIEWS, 'routes': ROUTES}, **options)
        async with (
            TestServer(create_app()) as server,
            aiohttp.ClientSession(base_url=server.make_url('/'), connector=aiohttp.TCPConnector(limit=0)) as client,
        ):
            yield client, database

    return serve


async def get(client, path, **query):
    async with client.get(path, params=query) as answer:
        return answer.status, await answer.json()


async def test_200_clients_on_a_pool_of_10(serve):
    async with serve(pool_size=10) as (client, database):

        async def one(number):
            answers = []
            for part in range(3):
                key = (number * 3 + part) * 5 + 1
                answers.append(await get(client, '/add', number=key) == (200, str(key)))
            return answers

        assert all(map(all, await asyncio.gather(*map(one, range(CLIENTS)))))
        assert_all_returned(database, size=10)
        assert len((await get(client, '/names'))[1]) == CLIENTS * 3


async def test_a_full_pool_answers_503(serve):
    async with serve(pool_size=2, pool_timeout=0.2) as (client, database):
        await get(client, '/names')
        holders = [asyncio.create_task(get(client, '/hold', seconds='3')) for _ in range(2)]
        await until(lambda: pool_of(database)._made == 2 and not pool_of(database)._free)
        async with client.get('/names') as answer:
            assert (answer.status, (await answer.json())['code']) == (503, 'service_unavailable')
            assert int(answer.headers['Retry-After']) > 0
        assert not any(holder.done() for holder in holders)
        assert await asyncio.gather(*holders) == [(200, 'done')] * 2
        assert (await get(client, '/names'))[0] == 200


async def test_others_are_served_during_a_slow_statement(serve, engine):
    async with serve() as (client, _):
        await get(client, '/ping')
        slow = asyncio.create_task(get(client, '/slow', sql=slow_statement(engine, 1)))
        pings = 0
        while not slow.done():
            assert await get(client, '/ping') == (200, 'pong')
            pings += 1
        assert pings > 10
        assert await slow == (200, 'done')


async def test_disconnecting_clients_and_failing_views(serve):
    chance = random.Random(1)
    async with serve(pool_size=5) as (client, database):

        async def one(number):
            timeout = aiohttp.ClientTimeout(total=0.002 + chance.random() * 0.2)
            with contextlib.suppress(TimeoutError):
                async with client.get('/add', params={'number': number}, timeout=timeout) as answer:
                    assert answer.status == (500 if number % 5 == 0 else 200)
                    if answer.status == 200:
                        assert await answer.json() == str(number)

        for block in range(10):
            await asyncio.gather(*(one(block * 100 + number) for number in range(100)))
        await until(lambda: all_are_free(pool_of(database)))
        status, names = await get(client, '/names')
        assert status == 200
        assert not [name for name in names if int(name.split()[1]) % 5 == 0]
        assert_all_returned(database)


async def until(is_true):
    """Let others work until something is true."""
    async with asyncio.timeout(30):
        while not is_true():
            await asyncio.sleep(0.01)


def all_are_free(pool):
    return len(pool._free) == pool._made


@pytest.fixture(params=SERVERS)
def engine_of_own(request):
    return request.param


class TestServerThatGoesAway:
    @pytest.fixture
    def engine(self, engine_of_own):
        return engine_of_own

    @pytest.fixture
    def server(self, engine):
        with running(SERVERS[engine]) as (server,):
            yield server

    @pytest.fixture
    def configuration(self, engine, server):
        backend = {'postgresql': 'PostgreSQLBackend', 'mysql': 'MySQLBackend'}[engine]
        return {
            'backend': f'colibris.persist.{backend}',
            'name': 'restarted',
            'port': server.port,
            'username': 'colibris',
            'password': 'secret',
        }

    @pytest.fixture(autouse=True)
    def _own_templates(self, monkeypatch):
        monkeypatch.setattr('tests.persist.engines.conftest._templates', {})

    @pytest.mark.parametrize('way', ['stop', 'kill'])
    async def test_restart_under_load(self, serve, server, way):
        async with serve(pool_size=5, pool_timeout=2) as (client, database):
            statuses, wrong, added = [], [], []
            is_over, answered = False, asyncio.Event()

            async def load(worker):
                number = worker
                while not is_over:
                    number += 100
                    status, body = await get(client, '/add', number=number * 5 + 1)
                    statuses.append(status)
                    answered.set()
                    if status == 200:
                        added.append(number)
                        wrong.extend([body] if body != str(number * 5 + 1) else [])
                    else:
                        wrong.extend([(status, body)] if status != 503 else [])
                        await asyncio.sleep(0.02)

            async def all_are(status):
                start = len(statuses)
                async with asyncio.timeout(30):
                    while len(statuses) < start + 50 or set(statuses[-50:]) != {status}:
                        answered.clear()
                        await answered.wait()

            workers = [asyncio.create_task(load(worker)) for worker in range(20)]
            await all_are(200)
            await asyncio.to_thread(getattr(server, way))
            await all_are(503)
            await asyncio.to_thread(server.start)
            await all_are(200)
            is_over = True
            await asyncio.gather(*workers)
            assert wrong == []
            assert pool_of(database)._made == 5
            assert_all_returned(database)
            assert len((await get(client, '/names'))[1]) >= len(added) * (way == 'stop')

    async def test_idle_connections_are_replaced(self, serve, server):
        async with serve(pool_size=3) as (client, database):
            assert {status for status, _ in await asyncio.gather(*(get(client, '/names') for _ in range(20)))} == {200}
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(server.start)
            for _ in range(5):
                assert (await get(client, '/names'))[0] == 200
            assert (await get(client, '/add', number=1))[0] == 200
            assert_all_returned(database)

    def test_synchronous_connections_are_replaced(self, make_database, server):
        make_database()
        Author.create(name='a')
        server.stop()
        server.start()
        assert Author.get().name == 'a'
        server.kill()
        server.start()
        Author.create(name='b')
