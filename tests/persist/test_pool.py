import asyncio
import contextvars
import gc
import random
import weakref

import pytest

from colibris.persist import InterfaceError, OperationalError, PoolTimeout
from colibris.persist import pool as pool_module
from colibris.persist.pool import Pool, _Waiter


class Connection:
    def __init__(self):
        self.is_usable = True
        self.is_closed = False

    @property
    def is_clean(self):
        return self.is_usable

    async def close(self):
        self.is_closed = True

    def terminate(self):
        self.is_closed = True


class Server:
    """Makes connections, and knows them all."""

    def __init__(self):
        self.connections = []
        self.error = None

    async def connect(self):
        await asyncio.sleep(0)
        if self.error:
            raise self.error
        self.connections.append(Connection())
        return self.connections[-1]

    @property
    def opened(self):
        return [connection for connection in self.connections if not connection.is_closed]


@pytest.fixture
def server():
    return Server()


@pytest.fixture
async def pool(server):
    return Pool(server.connect, 2, 10)


async def waiting(pool, number):
    """Tasks that wait for a connection, in the order in which they ask."""
    tasks = [asyncio.create_task(pool.acquire()) for _ in range(number)]
    await asyncio.sleep(0)
    return tasks


async def test_connections_are_made_when_needed_and_reused(pool, server):
    first = await pool.acquire()
    await pool.release(first)
    assert await pool.acquire() is first
    assert len(server.connections) == 1


async def test_first_come_first_served(pool):
    taken = [await pool.acquire(), await pool.acquire()]
    tasks = await waiting(pool, 10)
    for task in tasks:
        await pool.release(taken.pop(0))
        newcomer = asyncio.create_task(pool.acquire())
        taken.append(await task)
        assert not newcomer.done()
        newcomer.cancel()
        await asyncio.wait([newcomer])


async def test_timeout(server):
    pool = Pool(server.connect, 1, 0.01)
    connection = await pool.acquire()
    with pytest.raises(PoolTimeout, match=r'^none of the 1 database connections became free within 0\.01 s$'):
        await pool.acquire()
    await pool.release(connection)
    assert await pool.acquire() is connection


async def test_cancelled_exactly_when_handed_a_connection(pool):
    taken = [await pool.acquire(), await pool.acquire()]
    first, second = await waiting(pool, 2)
    await pool.release(taken[0])
    first.cancel()
    assert await second is taken[0]
    assert first.cancelled()


async def test_cancelled_exactly_when_handed_a_place(pool):
    taken = [await pool.acquire(), await pool.acquire()]
    first, second = await waiting(pool, 2)
    taken[0].is_usable = False
    await pool.release(taken[0])
    first.cancel()
    assert await second not in taken


async def test_cancelled_while_waiting(pool):
    taken = [await pool.acquire(), await pool.acquire()]
    first, second = await waiting(pool, 2)
    first.cancel()
    await asyncio.wait([first])
    await pool.release(taken[0])
    assert await second is taken[0]


async def test_unusable_connection_is_replaced(pool, server):
    connection = await pool.acquire()
    connection.is_usable = False
    await pool.release(connection)
    assert connection.is_closed
    assert await pool.acquire() is not connection


async def test_connection_that_became_unusable_meanwhile_is_not_handed_out(pool):
    connection = await pool.acquire()
    await pool.release(connection)
    connection.is_usable = False
    assert await pool.acquire() is not connection
    assert connection.is_closed


async def test_failed_connect_costs_no_place(pool, server):
    server.error = OperationalError('refused')
    for _ in range(5):
        with pytest.raises(OperationalError, match='refused'):
            await pool.acquire()
    server.error = None
    assert await pool.acquire() is not await pool.acquire()


async def test_failed_connect_wakes_the_next_one(server):
    pool = Pool(server.connect, 1, 10)
    server.error = OperationalError('refused')
    tasks = await waiting(pool, 3)
    assert all(isinstance(error, OperationalError) for error in await asyncio.gather(*tasks, return_exceptions=True))


async def test_close_refuses_those_who_wait(pool, server):
    taken = [await pool.acquire(), await pool.acquire()]
    tasks = await waiting(pool, 2)
    await pool.close()
    for error in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(error, InterfaceError)
    for connection in taken:
        await pool.release(connection)
    assert not server.opened


async def test_terminate_closes_free_connections_at_once(pool, server):
    taken = await pool.acquire()
    await pool.release(await pool.acquire())
    pool.terminate()
    assert server.opened == [taken]
    await pool.release(taken)
    assert not server.opened


class TestTurns:
    @pytest.fixture
    async def single(self, server):
        return Pool(server.connect, 1, 10)

    @pytest.fixture
    async def connection(self, single):
        """The only one, for which somebody waits."""
        connection = await single.acquire()
        (self.waiting,) = await waiting(single, 1)
        return connection

    async def test_last_as_long_as_nothing_is_awaited(self, single, connection):
        for _ in range(3):
            single.put_back(connection, 'user')
            assert single.take('somebody else') is None
            assert single.take('user') is connection
        single.put_back(connection, 'user')
        assert await self.waiting is connection
        assert single.take('user') is None

    async def test_begin_again_after_waiting(self, single, connection):
        single.put_back(connection, 'user')
        again = asyncio.create_task(single.acquire())
        assert await self.waiting is connection
        assert single.waiting == 1
        single.put_back(connection, 'the next one')
        assert await again is connection

    async def test_end_when_somebody_has_waited_for_long(self, single, connection, monkeypatch):
        monkeypatch.setattr(pool_module, 'TURN_SECONDS', -1)
        single.put_back(connection, 'user')
        assert single.take('user') is None
        assert await self.waiting is connection

    async def test_end_long_before_others_are_timed_out(self, server):
        pool = Pool(server.connect, 1, 0)
        connection = await pool.acquire()
        pool._waiters.append(_Waiter(asyncio.get_running_loop().create_future(), 0))
        pool.put_back(connection, 'user')
        assert pool.take('user') is None

    async def test_of_connections_that_are_closed_meanwhile(self, single, connection, server):
        single.put_back(connection, 'user')
        connection.is_usable = False
        assert single.take('user') is connection
        await single.release(connection)
        assert await self.waiting is server.opened[0] is not connection

    @pytest.mark.parametrize('end', [Pool.close, Pool.terminate])
    async def test_of_a_pool_that_is_closed_meanwhile(self, single, connection, server, end):
        single.put_back(connection, 'user')
        if (closing := end(single)) is not None:
            await closing
        with pytest.raises(InterfaceError):
            await self.waiting
        assert single.take('user') is None
        assert (server.opened, single.in_use) == ([], 0)

    async def test_of_a_user_with_two_connections(self, pool):
        connections = [await pool.acquire(), await pool.acquire()]
        first, second = await waiting(pool, 2)
        for connection in connections:
            pool.put_back(connection, 'user')
        assert await first is connections[1]
        assert await second is connections[0]

    async def test_end_in_a_pool_that_has_been_closed(self, server):
        """Who has got lost on it is timed out, all the same."""
        pool = Pool(server.connect, 1, 0.01)
        await pool.acquire()
        (early,) = await waiting(pool, 1)
        await pool.close()
        with pytest.raises(PoolTimeout):
            await pool.acquire()
        assert isinstance(early.exception(), InterfaceError)

    async def test_keep_nothing_alive(self, pool):
        """The timer has nothing of the one for whom it was made."""

        class Context:
            pass

        async def wait():
            context = Context()
            references.append(weakref.ref(context))
            variable.set(context)
            del context
            await pool.acquire()

        variable, references = contextvars.ContextVar('variable'), []
        taken = [await pool.acquire(), await pool.acquire()]
        first = asyncio.create_task(wait())
        await asyncio.sleep(0)
        (second,) = await waiting(pool, 1)
        await pool.release(taken[0])
        await first
        del first
        await asyncio.sleep(0)
        gc.collect()
        assert references[0]() is None
        assert not second.done()
        await pool.release(taken[1])
        await second

    async def test_have_no_one_timed_out_who_was_handed_a_connection(self, server):
        pool = Pool(server.connect, 1, 0.05)
        connection = await pool.acquire()
        handed, late = await waiting(pool, 2)
        await pool.release(connection)
        assert await handed is connection
        with pytest.raises(PoolTimeout):
            await late
        (after,) = await waiting(pool, 1)
        await pool.release(connection)
        assert await after is connection
        assert pool.waiting == 0


async def test_random_use_loses_nothing(server):
    pool = Pool(server.connect, 3, 10)
    chance = random.Random(1)
    in_use = set()

    async def user():
        me = object()
        for _ in range(chance.randrange(1, 4)):
            connection = pool.take(me) or await pool.acquire()
            assert connection not in in_use
            assert len(in_use) < 3
            in_use.add(connection)
            try:
                for _ in range(chance.randrange(4)):
                    await asyncio.sleep(0)
            finally:
                in_use.remove(connection)
                connection.is_usable = chance.random() > 0.2
                if connection.is_usable:
                    pool.put_back(connection, me)
                else:
                    await pool.release(connection)

    for _ in range(100):
        tasks = [asyncio.create_task(user()) for _ in range(10)]
        for task in tasks:
            if chance.random() < 0.3:
                task.cancel()
            await asyncio.sleep(0)
            if chance.random() < 0.3:
                task.cancel()
        await asyncio.wait(tasks)
        assert not [task for task in tasks if not task.cancelled() and task.exception()]
    assert len(server.opened) <= 3
    assert len({await pool.acquire() for _ in range(3)}) == 3
