"""Many users of one database."""

import asyncio
import concurrent.futures
import gc
import statistics
import threading
import time

import pytest

from colibris import bridge, persist
from colibris.bridge import drive

from .tables import ENDLESS, SLOW, Note, User, assert_all_returned, pool_of


class TestConcurrency:
    async def test_many_tasks_on_few_connections(self, tables):
        async def one(number):
            with persist.atomic():
                user = User.create(name=f'user {number}')
                await asyncio.sleep(0)
                Note.create(user=user, text=str(number))
            note = Note.get(Note.user == user)
            return note.text == str(number) and note.user.name == f'user {number}'

        assert all(await asyncio.gather(*(drive(one(number)) for number in range(200))))
        assert await User.aget_by_id(200)
        assert_all_returned(tables)
        assert len(pool_of(tables)._free) == 5
        await tables.stop()

    async def test_no_update_is_lost(self, tables):
        await User.acreate(name='a')

        @persist.atomic()
        async def increase():
            user = User.get()
            await asyncio.sleep(0)
            user.number += 1
            user.save()

        await asyncio.gather(*(drive(increase()) for _ in range(100)))
        assert (await User.aget()).number == 100
        await tables.stop()

    async def test_tasks_never_share_a_transaction(self, tables):
        inside, seen = asyncio.Event(), asyncio.Event()

        async def writer():
            with persist.atomic():
                User.create(name='not yet committed')
                inside.set()
                await seen.wait()

        async def reader():
            await inside.wait()
            assert tables.transaction_depth() == 0
            count = User.select().count()
            seen.set()
            return count

        assert (await asyncio.gather(drive(writer()), drive(reader())))[1] == 0
        assert (await drive(reader())) == 1
        await tables.stop()

    async def test_a_spawned_task_has_a_transaction_of_its_own(self, tables):
        bridge.install(asyncio.get_running_loop())

        async def main():
            with persist.atomic():
                depth = await asyncio.create_task(child())
                return depth, tables.transaction_depth()

        async def child():
            return tables.transaction_depth()

        assert await drive(main()) == (0, 1)
        await tables.stop()

    async def test_no_connection_is_held_between_statements(self, tables):
        async def websocket():
            for number in range(3):
                User.create(name=str(number))
                for _ in User.select():
                    assert_all_returned(tables)
                await asyncio.sleep(0)
                assert_all_returned(tables)
                with persist.atomic():
                    User.select().count()
                assert_all_returned(tables)

        await drive(websocket())
        await tables.stop()

    async def test_writers_take_turns(self, tables):
        order = []

        async def one(number):
            with persist.atomic():
                order.append(number)
                User.create(name=str(number))

        await asyncio.gather(*(drive(one(-number)) for number in range(5)))
        order.clear()
        await asyncio.gather(*(drive(one(number)) for number in range(1, 50)))
        assert order == list(range(1, 50))
        await tables.stop()

    async def test_readers_do_not_wait_for_a_writer(self, tables):
        async def one():
            with persist.atomic():
                User.create(name='a')
                return await asyncio.create_task(drive(read()))

        async def read():
            return list(User.select()), list(tables.execute_sql(SLOW.format(1)))

        async with asyncio.timeout(2):
            assert await drive(one()) == ([], [(1,)])
        await tables.stop()


class TestPoolLimits:
    async def test_full_pool(self, make_database):
        database = make_database(pool_size=1, pool_timeout=0.05)
        inside = asyncio.Event()

        async def holder():
            with persist.atomic():
                inside.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(drive(holder()))
        await inside.wait()
        start = time.perf_counter()
        with pytest.raises(persist.PoolTimeout):
            await bridge.run(database.execute_sql, 'SELECT 1')
        assert 0.04 < time.perf_counter() - start < 10
        task.cancel()
        await asyncio.wait([task])
        await bridge.run(database.execute_sql, 'SELECT 1')
        assert_all_returned(database)
        await database.stop()

    async def test_writer_that_holds_its_turn_too_long(self, make_database):
        database = make_database(timeout=0.05)
        inside = asyncio.Event()

        async def holder():
            with persist.atomic():
                inside.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(drive(holder()))
        await inside.wait()
        with pytest.raises(persist.OperationalError, match='database is locked'):
            await bridge.run(persist.atomic()(lambda: None))
        task.cancel()
        await asyncio.wait([task])
        await bridge.run(persist.atomic()(lambda: None))
        assert_all_returned(database)
        await database.stop()


class TestNeverBlocking:
    async def test_a_long_statement(self, tables):
        gaps, over = [], asyncio.Event()

        async def tick():
            last = time.perf_counter()
            while not over.is_set():
                await asyncio.sleep(0.002)
                now = time.perf_counter()
                gaps.append(now - last)
                last = now

        ticker = asyncio.create_task(tick())
        start = time.perf_counter()
        try:
            async with asyncio.timeout(2):
                await bridge.run(tables.execute_sql, ENDLESS)
        except TimeoutError:
            pass
        over.set()
        await ticker
        assert time.perf_counter() - start >= 2
        assert statistics.median(gaps) < 0.05
        assert max(gaps) < 1  # a busy machine may pause any process, but not for as long as the statement takes
        await tables.stop()


class TestThreads:
    def test_each_has_its_own_connection_and_transaction(self, tables):
        def work(number):
            with persist.atomic():
                user = User.create(name=str(number))
            tables.close()
            return user.id

        with concurrent.futures.ThreadPoolExecutor(8) as threads:
            assert len(set(threads.map(work, range(40)))) == 40
        assert User.select().count() == 40

    async def test_beside_a_driven_coroutine(self, tables):
        def work():
            count = User.select().count()
            tables.close()
            return count

        async def main():
            User.create(name='a')
            return await asyncio.to_thread(work)

        assert await drive(main()) == 1
        await tables.stop()


class TestLoops:
    def test_one_after_the_other(self, tables):
        for number in range(3):
            assert asyncio.run(User.acreate(name=str(number))).id == number + 1
        assert len(tables._pools) == 1
        gc.collect()
        asyncio.run(tables.stop())

    def test_two_at_once(self, tables):
        def work(start):
            async def one(number):
                with persist.atomic():
                    User.create(name=str(number))

            async def main():
                await asyncio.gather(*(drive(one(start + number)) for number in range(10)))
                await tables.stop()

            asyncio.run(main())

        threads = [threading.Thread(target=work, args=(start,)) for start in (0, 100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert User.select().count() == 20
