"""Errors, cancellation and chance."""

import asyncio
import random
import sqlite3
import threading

import pytest

from colibris import bridge, persist
from colibris.bridge import drive

from .tables import ENDLESS, SLOW, Note, User, assert_all_returned, pool_of


class TestFaults:
    async def test_cancelled_in_a_transaction(self, tables):
        inside = asyncio.Event()

        async def code():
            with persist.atomic():
                User.create(name='a')
                inside.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(drive(code()))
        await inside.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await bridge.run(User.select().count) == 0
        assert_all_returned(tables)
        await tables.stop()

    @pytest.mark.parametrize('depth', [1, 2, 3])
    async def test_cancelled_in_a_statement_of_a_transaction(self, tables, depth):
        seen = []

        def nested(level):
            with persist.atomic():
                User.create(name=str(level))
                persist.after_commit(lambda: seen.append('committed'))
                if level < depth:
                    nested(level + 1)
                tables.execute_sql(ENDLESS)

        async def code():
            try:
                nested(1)
            finally:
                assert tables.transaction_depth() == 0
                assert User.select().count() == 0
                with persist.atomic():
                    User.create(name='the same task goes on')

        task = asyncio.create_task(drive(code()))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await bridge.run(User.select().count) == 1
        assert not seen
        assert_all_returned(tables)
        await tables.stop()

    async def test_transaction_lost_to_a_timeout_cannot_be_committed(self, tables):
        async def code():
            with persist.atomic():
                User.create(name='a')
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.02):
                        tables.execute_sql(ENDLESS)
                with pytest.raises(persist.OperationalError, match='lost'):
                    User.create(name='b')

        with pytest.raises(persist.OperationalError, match='lost'):
            await drive(code())
        assert await bridge.run(User.select().count) == 0
        assert_all_returned(tables)
        await tables.stop()

    async def test_a_cancelled_statement_is_interrupted(self, tables):
        before = set(threading.enumerate())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await bridge.run(tables.execute_sql, ENDLESS)
        await tables.stop()
        for thread in set(threading.enumerate()) - before:
            await asyncio.to_thread(thread.join, 30)
            assert not thread.is_alive()

    async def test_transaction_left_open_is_rolled_back(self, tables, caplog):
        async def code():
            tables.begin()
            User.create(name='a')

        await drive(code())
        assert 'still open' in caplog.text
        assert await bridge.run(User.select().count) == 0
        assert_all_returned(tables)
        await tables.stop()

    async def test_connection_that_cannot_roll_back_is_thrown_away(self, tables, monkeypatch):
        used = []

        async def code():
            tables.begin()
            User.create(name='a')
            used.append(tables._state.conn)
            monkeypatch.setattr(tables._state.conn, '_run', fail)

        def fail(sql, params):
            raise sqlite3.OperationalError('disk I/O error')

        await drive(code())
        assert not used[0].is_usable
        assert await bridge.run(User.select().count) == 0
        assert used[0] not in pool_of(tables)._free
        assert_all_returned(tables)
        await tables.stop()

    async def test_connection_left_open_is_returned(self, tables):
        await bridge.run(tables.connect)
        assert_all_returned(tables)
        await tables.stop()

    async def test_random_faults(self, tables):
        chance = random.Random(7)
        committed = set()

        class Fault(Exception):
            pass

        async def pause():
            what = chance.random()
            if what < 0.1:
                raise Fault
            if what < 0.3:
                await asyncio.sleep(0)
            if what > 0.97:
                tables.execute_sql(SLOW.format(20_000))

        async def one(number):
            with persist.atomic():
                user = User.create(name=str(number))
                await pause()
                with persist.atomic():
                    Note.create(user=user, text='a')
                    await pause()
                Note.create(user=user, text='b')
                await pause()
                persist.after_commit(lambda: committed.add(str(number)))
            assert tables.transaction_depth() == 0

        async def cancelling(task):
            for _ in range(chance.randrange(60)):
                await asyncio.sleep(0)
            task.cancel()

        tasks = []
        for number in range(400):
            task = asyncio.create_task(drive(one(number)))
            tasks.append(task)
            if chance.random() < 0.5:
                tasks.append(asyncio.create_task(cancelling(task)))
            if number % 20 == 19:
                await asyncio.wait(tasks)
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(result) for result in results} == {type(None), Fault, asyncio.CancelledError}
        pool = pool_of(tables)
        assert len(pool._free) == pool._made <= 5
        users = await tables.list(User.select())
        notes = await tables.list(Note.select())
        assert committed <= {user.name for user in users}
        assert len(notes) == 2 * len(users)
        assert_all_returned(tables)
        await tables.stop()
