import asyncio
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from colibris import bridge, persist
from colibris.bridge import drive
from colibris.conf.backends import check_backends
from colibris.errors import ConfigurationError
from colibris.persist.sqlite import SQLiteConnection


class Item(persist.Model):
    name = persist.CharField()


@pytest.fixture
def memory(make_database):
    return make_database(name=':memory:')


class TestOpening:
    def test_write_ahead_log_and_foreign_keys(self, database):
        assert database.execute_sql('PRAGMA journal_mode').fetchone() == ('wal',)
        assert database.execute_sql('PRAGMA foreign_keys').fetchone() == (1,)

    async def test_pragmas_hold_for_every_connection(self, make_database):
        database = make_database(pragmas={'foreign_keys': 0, 'cache_size': -5})

        async def one():
            with persist.atomic():
                cursor = database.execute_sql('PRAGMA cache_size')
                return cursor.fetchone(), database.execute_sql('PRAGMA foreign_keys').fetchone()

        assert await asyncio.gather(*(drive(one()) for _ in range(5))) == [((-5,), (0,))] * 5
        await database.stop()

    def test_no_database(self, make_database, tmp_path):
        (tmp_path / 'text.db').write_text('this is no database, however long it may be')
        with pytest.raises(persist.OperationalError, match=r'cannot open the database .*text\.db: file is not a'):
            make_database(name=str(tmp_path / 'text.db'))

    async def test_folder_is_missing(self, project, tmp_path):
        project(settings=f"DATABASE = {{'backend': 'colibris.persist.SQLiteBackend', 'name': '{tmp_path}/no/x.db'}}")
        with pytest.raises(persist.OperationalError, match='cannot open the database'):
            await bridge.run(persist.get_database().execute_sql, 'SELECT 1')
        assert not await bridge.run(persist.connectivity_check)

    async def test_cancelled_while_connecting(self, database):
        for _ in range(20):
            task = asyncio.create_task(bridge.run(database.execute_sql, 'SELECT 1'))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
        assert await bridge.run(persist.connectivity_check)
        await database.stop()


class TestConfiguration:
    @pytest.mark.parametrize(
        ('options', 'message'),
        [
            ({'name': None}, "'name' must be the path"),
            ({'name': ''}, "'name' must be the path"),
            ({'pool_size': 0}, "'pool_size' must be a whole number from 1"),
            ({'pool_size': '5'}, "'pool_size' must be a whole number from 1"),
            ({'pool_timeout': 0}, "'pool_timeout' must be a number of seconds above 0"),
            ({'pool_timeout': None}, "'pool_timeout' must be a number of seconds above 0"),
        ],
    )
    def test_wrong_values(self, make_database, options, message):
        with pytest.raises(ConfigurationError, match=f'^DATABASE = .*: {message}') as caught:
            make_database(**options)
        assert '\n' not in str(caught.value)

    def test_unknown_and_missing_arguments(self, project):
        project(settings="DATABASE = {'backend': 'colibris.persist.SQLiteBackend', 'port': 1, 'pool_sice': 2}")
        with pytest.raises(ConfigurationError) as caught:
            check_backends()
        assert [line.rpartition(': ')[2] for line in str(caught.value).splitlines()] == [
            "'pool_sice' is not known to SQLiteBackend",
            "'port' is not known to SQLiteBackend",
            "'name' is missing",
        ]


class TestLifeOfAFile:
    def test_create_and_drop(self, database):
        path = Path(database.database)
        assert path.exists()
        assert database.exists()
        database.create_tables([Item])
        Item.create(name='a')
        database.create()
        assert Item.select().count() == 1
        database.drop()
        assert not list(path.parent.iterdir())
        assert not database.exists()
        assert not persist.connectivity_check()
        with pytest.raises(persist.OperationalError, match='has been dropped'):
            Item.get()
        database.drop()
        database.create()
        assert persist.connectivity_check()
        assert database.get_tables() == []

    async def test_drop_in_a_running_loop(self, database):
        async def code():
            database.create_tables([Item])
            Item.create(name='a')
            database.drop()
            assert not persist.connectivity_check()
            with pytest.raises(persist.OperationalError, match='has been dropped'):
                Item.get()
            database.create()
            assert persist.connectivity_check()
            return database.get_tables()

        assert await drive(code()) == []
        await database.stop()

    def test_drop_in_a_loop_closes_the_connection_of_plain_code(self, database):
        database.create_tables([Item])

        async def code():
            database.drop()
            database.create()

        asyncio.run(code())
        assert database.get_tables() == []

    def test_drop_in_the_middle_of_a_transaction(self, database):
        database.begin()
        database.drop()
        database.create()
        assert database.transaction_depth() == 0
        with persist.atomic():
            database.create_tables([Item])

    async def test_connectivity_check_does_not_make_the_file(self, database):
        database.drop()
        database._is_dropped = False
        assert not await bridge.run(persist.connectivity_check)
        assert not database.exists()


class TestTemplate:
    @pytest.fixture(params=['file', ':memory:'])
    def template(self, request, make_database):
        database = make_database() if request.param == 'file' else make_database(name=':memory:')
        database.create_tables([Item])
        Item.create(name='template')
        database.save_template()
        database.drop()
        return database

    def test_each_use_starts_afresh(self, template):
        for _ in range(3):
            template.create_from_template()
            Item.create(name='test')
            assert [item.name for item in Item.select()] == ['template', 'test']
            template.drop()

    def test_over_a_database_in_use(self, template):
        template.create_from_template()
        for number in range(100):
            Item.create(name=str(number))
        template.create_from_template()
        assert Item.select().count() == 1

    async def test_in_a_loop(self, template):
        async def code():
            template.create_from_template()
            Item.create(name='test')
            template.save_template()
            template.create_from_template()
            return Item.select().count()

        assert await drive(code()) == 2
        await template.stop()


class TestMemory:
    def test_plain_and_driven_code_see_the_same(self, memory):
        memory.create_tables([Item])
        Item.create(name='plain')

        async def code():
            Item.create(name='driven')
            with pytest.raises(KeyError), persist.atomic():
                Item.create(name='lost')
                raise KeyError
            with persist.atomic():
                Item.create(name='kept')

        async def main():
            await asyncio.gather(*(drive(code()) for _ in range(10)))
            await memory.stop()

        asyncio.run(main())
        assert Item.select().count() == 21
        assert persist.connectivity_check()

    async def test_cancelled_statement(self, memory):
        endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n'
        await memory.acreate_tables([Item])

        async def code():
            with persist.atomic():
                Item.create(name='lost')
                memory.execute_sql(endless)

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await drive(code())
        assert await bridge.run(Item.select().count) == 0
        await memory.stop()

    def test_drop(self, memory):
        memory.create_tables([Item])
        memory.drop()
        assert not memory.exists()
        assert not persist.connectivity_check()
        memory.create()
        assert memory.get_tables() == []


class TestTheTurnToWrite:
    @pytest.fixture(params=['shop.db', ':memory:'])
    def small(self, request, make_database, tmp_path):
        name = request.param if request.param == ':memory:' else str(tmp_path / request.param)
        return make_database(name=name, pool_size=2, pool_timeout=2, timeout=2)

    async def write(self, database):
        """Write, and return the names of all rows."""
        Item.create_table()
        with persist.atomic():
            Item.create(name='written')
        return [item.name for item in Item.select()]

    async def test_is_passed_on_when_a_connection_is_closed_in_a_transaction(self, small):
        async def leave_open():
            Item.create_table()
            small.execute_sql('BEGIN')
            Item.create(name='lost')
            small.close()

        await drive(leave_open())
        assert await drive(self.write(small)) == ['written']
        await small.stop()

    async def test_is_passed_on_when_rolling_back_is_cancelled(self, small, monkeypatch):
        execute = SQLiteConnection.execute

        async def execute_late(connection, sql, params):
            if sql == 'ROLLBACK':
                connection._thread.submit(is_cancelled.wait)
                asyncio.get_running_loop().call_soon(task.cancel)
            return await execute(connection, sql, params)

        async def leave_open():
            Item.create_table()
            small.execute_sql('BEGIN')
            Item.create(name='lost')

        is_cancelled = threading.Event()
        monkeypatch.setattr(SQLiteConnection, 'execute', execute_late)
        task = asyncio.create_task(drive(leave_open()))
        await asyncio.wait([task])
        monkeypatch.undo()
        is_cancelled.set()
        assert task.cancelled()
        assert await drive(self.write(small)) == ['written']
        await small.stop()


class TestOtherProcesses:
    @pytest.fixture
    def locked(self, make_database):
        database = make_database(timeout=0.2)
        database.create_tables([Item])
        other = sqlite3.connect(database.database, isolation_level=None)
        other.execute('BEGIN IMMEDIATE')
        yield database
        other.close()

    @pytest.mark.parametrize('begins', [True, False])
    def test_lock_of_another_connection(self, locked, run, begins):
        def code():
            assert Item.select().count() == 0
            start = time.perf_counter()
            with pytest.raises(persist.OperationalError, match='database is locked'):
                persist.atomic()(Item.create)(name='a') if begins else Item.create(name='a')
            assert 0.15 < time.perf_counter() - start < 10
            assert locked.transaction_depth() == 0
            assert Item.select().count() == 0

        run(code)


class TestProcesses:
    START = """
        import asyncio, gc, os, sys, tempfile
        from pathlib import Path
        from colibris import bridge, conf, persist
        from colibris.bridge import drive
        place = Path(tempfile.mkdtemp(dir=sys.argv[1]))
        (place / 'ended').mkdir()
        (place / 'ended' / '__init__.py').touch()
        settings = f"DATABASE = {{'backend': 'colibris.persist.SQLiteBackend', 'name': '{place}/x.db'}}"
        (place / 'ended' / 'settings.py').write_text(settings)
        sys.path.insert(0, str(place))
        conf.setup('ended')
        class Item(persist.Model):
            name = persist.CharField()
        database = persist.get_database()
        database.create_tables([Item])
        async def use():
            with persist.atomic():
                item = Item.create(name='a')
            return Item.select().count()
        async def many():
            return await asyncio.gather(*(drive(use()) for _ in range(5)))
    """

    def run(self, code, tmp_path):
        program = textwrap.dedent(self.START) + textwrap.dedent(code)
        arguments = [sys.executable, '-W', 'ignore::DeprecationWarning', '-c', program, str(tmp_path)]
        done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30)
        return done.stdout, done.returncode

    def test_ends_when_nothing_is_closed(self, tmp_path):
        assert self.run('asyncio.run(many()); print(Item.select().count())', tmp_path) == ('5\n', 0)

    def test_ends_in_the_middle_of_a_transaction(self, tmp_path):
        code = """
            async def code():
                with persist.atomic():
                    Item.create(name='a')
                    sys.exit(3)
            asyncio.run(drive(code()))
        """
        assert self.run(code, tmp_path) == ('', 3)

    def test_forked_child_uses_connections_of_its_own(self, tmp_path):
        code = """
            loop = asyncio.new_event_loop()
            loop.run_until_complete(many())
            connection = database.connection()
            for _ in range(3):
                pid = os.fork()
                if not pid:
                    status = 1
                    try:
                        assert database.connection() is not connection
                        asyncio.run(asyncio.wait_for(many(), 10))
                        gc.collect()
                        status = 0
                    finally:
                        os._exit(status)
                assert os.waitpid(pid, 0)[1] == 0
            loop.run_until_complete(many())
            assert database.connection() is connection
            print(Item.select().count(), database.execute_sql('PRAGMA integrity_check').fetchone())
        """
        assert self.run(code, tmp_path) == ("25 ('ok',)\n", 0)
