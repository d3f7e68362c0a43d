"""What the backends for servers do besides running statements: settings, creation, templates, changed tables."""

import asyncio
import statistics
import subprocess
import sys
import time

import peewee
import pytest

from colibris import bridge, persist
from colibris.errors import ConfigurationError, MissingDependencyError
from colibris.persist.mysql.errors import peewee_error as mysql_error
from colibris.persist.postgresql.errors import error_for_state
from colibris.persist.postgresql.parameters import adapt, translate

from .conftest import BACKENDS, assert_all_returned, new_backend, server_address
from .models import Author, Book, Everything

SERVERS = ('postgresql', 'mysql')
DRIVERS = {'postgresql': ('asyncpg', 'psycopg'), 'mysql': ('aiomysql', 'pymysql')}


@pytest.fixture(params=SERVERS)
def server_engine(request):
    return request.param


class TestSettings:
    @pytest.mark.parametrize(
        ('options', 'problem'),
        [
            ({'name': ''}, "'name' must be the name of a database"),
            ({'host': ''}, "'host' must be the name or the address of a host"),
            ({'port': 'x'}, "'port' must be a whole number from 1 to 65535"),
            ({'port': 0}, "'port' must be a whole number from 1 to 65535"),
            ({'pool_size': 0}, "'pool_size' must be a whole number from 1"),
            ({'pool_timeout': 'x'}, "'pool_timeout' must be a number of seconds above 0"),
            ({'nonsense': 1}, 'unknown: nonsense; known are also: '),
        ],
    )
    def test_wrong_ones(self, server_engine, options, problem):
        kind = getattr(persist, BACKENDS[server_engine].rpartition('.')[2])
        with pytest.raises(ConfigurationError, match=problem):
            kind(**{'name': 'x', **options})

    def test_missing_driver(self, server_engine, monkeypatch):
        kind = getattr(persist, BACKENDS[server_engine].rpartition('.')[2])
        for driver in DRIVERS[server_engine]:
            with monkeypatch.context() as context:
                context.setitem(sys.modules, driver, None)
                with pytest.raises(MissingDependencyError, match=f"{driver} .*'colibris\\[{server_engine}\\]'"):
                    kind('x')

    def test_unused_backends_are_not_imported(self):
        code = 'import sys, colibris.persist; print([name for name in sys.modules if "colibris.persist" in name])'
        names = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True).stdout
        assert 'colibris.persist.sqlite' in names
        assert 'colibris.persist.postgresql' not in names
        assert 'colibris.persist.mysql' not in names
        with pytest.raises(AttributeError):
            persist.__getattr__('Nonsense')

    def test_server_settings(self):
        database = new_backend('postgresql', 'postgres', server_settings={'application_name': "it's \\ x"})
        sql = "SELECT current_setting('application_name')"

        async def main():
            row = (await bridge.run(database.execute_sql, sql)).fetchone()
            await database.stop()
            return row

        assert database.execute_sql(sql).fetchone() == ("it's \\ x",)
        assert asyncio.run(main()) == ("it's \\ x",)
        database.close()

    def test_strict_mode_and_character_set(self):
        database = new_backend('mysql', 'mysql', init_command='SET @a = 5')
        sql = 'SELECT @@sql_mode, @@character_set_connection, @@autocommit, @a'

        async def main():
            row = (await bridge.run(database.execute_sql, sql)).fetchone()
            await database.stop()
            return row

        row = database.execute_sql(sql).fetchone()
        assert row == asyncio.run(main())
        assert 'STRICT_TRANS_TABLES' in row[0]
        assert row[1:] == ('utf8mb4', 1, 5)
        assert database.mariadb
        database.close()


class TestCreation:
    @pytest.fixture
    def backend(self, server_engine):
        backend = new_backend(server_engine, 'colibris_creation')
        backend.drop()
        yield backend
        backend.drop()
        backend.forget_template()

    def test_create_and_drop(self, backend):
        assert not backend.exists()
        with pytest.raises(persist.OperationalError):
            backend.check_connectivity()
        backend.create()
        backend.create()
        assert backend.exists()
        backend.check_connectivity()
        backend.drop()
        backend.drop()
        assert not backend.exists()

    def test_drop_ends_the_connections_of_others(self, backend, server_engine):
        backend.create()
        other = new_backend(server_engine, 'colibris_creation')
        other.execute_sql('BEGIN')
        backend.drop()
        assert not backend.exists()
        with pytest.raises(persist.PeeweeException):
            other.execute_sql('SELECT 1')
        other._close_everything()

    def test_unreachable_server(self, server_engine, unused_tcp_port):
        address = {**server_address(server_engine), 'port': unused_tcp_port}
        backend = getattr(persist, BACKENDS[server_engine].rpartition('.')[2])('x', **address)
        with pytest.raises(persist.OperationalError):
            backend.check_connectivity()

        async def main():
            with pytest.raises(persist.DatabaseUnavailable):
                await bridge.run(backend.check_connectivity)

        asyncio.run(main())

    def test_wrong_password(self, server_engine):
        backend = getattr(persist, BACKENDS[server_engine].rpartition('.')[2])(
            'x', **{**server_address(server_engine), 'password': 'wrong'}
        )

        async def main():
            with pytest.raises(persist.OperationalError) as info:
                await bridge.run(backend.check_connectivity)
            assert not isinstance(info.value, persist.DatabaseUnavailable)

        asyncio.run(main())


class TestTemplate:
    @pytest.fixture
    def backend(self, server_engine):
        backend = new_backend(server_engine, 'colibris_templates')
        backend.drop()
        backend.create()
        with backend.bind_ctx([Author, Book, Everything]):
            backend.create_tables([Author, Book, Everything])
            author = Author.create(name='from a migration', number=7)
            Book.create(author=author, title='ä')
            Everything.create(blob=b'\x00\xff', json={'a': [1]}, decimal='1.5000')
            backend.save_template()
            yield backend
            backend._close_everything()
        backend.drop()
        backend.forget_template()

    def check(self):
        assert [(author.id, author.name) for author in Author.select()] == [(1, 'from a migration')]
        assert [book.title for book in Book.select()] == ['ä']
        row = Everything.get()
        assert (bytes(row.blob), row.json, str(row.decimal)) == (b'\x00\xff', {'a': [1]}, '1.5000')
        author = Author.create(name='new')
        assert author.id == 2
        Book.create(author=author, title='new')

    def test_rows_are_brought_back(self, backend):
        for _ in range(3):
            backend.create_from_template()
            self.check()
        Book.delete().execute()
        Author.delete().execute()
        Everything.update(json=None).execute()
        backend.create_from_template()
        self.check()

    def test_structure_is_brought_back(self, backend):
        for change in (
            'DROP TABLE book',
            'ALTER TABLE author ADD COLUMN more INTEGER',
            'CREATE TABLE more (a INTEGER)',
        ):
            backend.execute_sql(change)
            backend.create_from_template()
            assert sorted(backend.get_tables()) == ['author', 'book', 'everything']
            self.check()

    def test_dropped_database_is_brought_back(self, backend):
        backend.drop()
        backend.create_from_template()
        self.check()

    def test_open_transactions_of_others_do_not_matter(self, backend, server_engine):
        other = new_backend(server_engine, 'colibris_templates')
        other.execute_sql('BEGIN')
        other.execute_sql('UPDATE author SET number = 1')
        backend.create_from_template()
        self.check()
        other._close_everything()

    def test_it_is_cheaper_than_a_new_database(self, backend):
        times = {'restored': [], 'rebuilt': []}
        for _ in range(7):
            for way, seconds in times.items():
                self.check()
                if way == 'rebuilt':
                    backend.drop()
                start = time.perf_counter()
                backend.create_from_template()
                seconds.append(time.perf_counter() - start)
        assert statistics.median(times['restored']) < statistics.median(times['rebuilt']), times

    def test_there_is_none(self, server_engine):
        with pytest.raises(persist.OperationalError, match='save_template'):
            new_backend(server_engine, 'x').create_from_template()


class TestChangedTables:
    async def test_statements_are_prepared_anew(self, database):
        async def select():
            return await bridge.run(lambda: database.execute_sql('SELECT * FROM author').fetchall())

        await Author.acreate(name='a')
        for _ in range(3):
            assert len((await select())[0]) == 3
        await bridge.run(database.execute_sql, 'ALTER TABLE author ADD COLUMN more INTEGER')
        for _ in range(3):
            assert len((await select())[0]) == 4
        await bridge.run(database.execute_sql, 'ALTER TABLE author DROP COLUMN more')
        assert_all_returned(database)
        await database.stop()

    async def test_in_a_transaction(self, make_database, engine):
        if engine != 'postgresql':
            pytest.skip('only PostgreSQL prepares statements')
        database = await asyncio.to_thread(make_database, pool_size=1)

        def select():
            return database.execute_sql('SELECT * FROM author').fetchall()

        def code():
            with persist.atomic():
                select()

        await bridge.run(code)
        other = new_backend(engine)
        await asyncio.to_thread(
            lambda: (other.execute_sql('ALTER TABLE author ADD COLUMN more INTEGER'), other.close())
        )
        with pytest.raises(persist.OperationalError):
            await bridge.run(code)
        await bridge.run(code)
        await database.stop()

    async def test_no_prepared_statements(self, make_database, engine):
        if engine != 'postgresql':
            pytest.skip('only PostgreSQL prepares statements')
        database = await asyncio.to_thread(make_database, prepared_statements=0)

        def code():
            with persist.atomic():
                Author.create(name='a')
            assert Author.get(Author.number == 0).name == 'a'
            return database.execute_sql('SELECT count(*) FROM pg_prepared_statements').fetchone()

        assert await bridge.run(code) == (0,)
        await database.stop()

    async def test_few_prepared_statements(self, make_database, engine):
        if engine != 'postgresql':
            pytest.skip('only PostgreSQL prepares statements')
        database = await asyncio.to_thread(make_database, prepared_statements=3, pool_size=1)

        def code():
            for number in range(10):
                database.execute_sql(f'SELECT {number}')
            return database.execute_sql('SELECT count(*) FROM pg_prepared_statements').fetchone()[0]

        assert await bridge.run(code) <= 5
        await database.stop()


class TestPostgreSQL:
    @pytest.fixture
    def engine(self):
        return 'postgresql'

    def test_arrays_enums_and_ranges(self, run, database):
        def code():
            database.execute_sql("CREATE TYPE mood AS ENUM ('sad', 'glad')")
            database.execute_sql('CREATE TABLE more (a integer[], m mood, i interval, n inet, t timestamptz, x text[])')
            values = ([1, 2, None], 'glad', '1 day', '10.0.0.1', '2024-01-01 00:00+00', ['a', 'ä"'])
            database.execute_sql('INSERT INTO more VALUES (%s, %s, %s, %s, %s, %s)', values)
            row = database.execute_sql(
                'SELECT a, m, x FROM more WHERE m = %s AND 2 = ANY(a) AND i > %s AND n = %s AND t < %s',
                ('glad', '1 hour', '10.0.0.1', '2025-01-01'),
            ).fetchone()
            assert row == ([1, 2, None], 'glad', ['a', 'ä"'])
            with pytest.raises(persist.DataError):
                database.execute_sql('SELECT 1 FROM more WHERE m = %s', ('angry',))
            assert database.execute_sql('SELECT 1 FROM more WHERE a && %s::integer[]', ([2, 9],)).fetchall() == [(1,)]

        run(code)

    def test_returning(self, run):
        def code():
            rows = Author.insert_many([{'name': 'a'}, {'name': 'b'}]).returning(Author.name).execute()
            assert [author.name for author in rows] == ['a', 'b']
            updated = Author.update(number=3).where(Author.name == 'a').returning(Author).execute()
            assert [author.number for author in updated] == [3]

        run(code)

    @pytest.mark.parametrize(
        ('state', 'kind'),
        [
            ('23505', peewee.IntegrityError),
            ('23P01', peewee.IntegrityError),
            ('22001', peewee.DataError),
            ('42601', peewee.ProgrammingError),
            ('40001', peewee.OperationalError),
            ('40P01', peewee.OperationalError),
            ('25P02', peewee.InternalError),
            ('57014', peewee.OperationalError),
            ('57P01', persist.DatabaseUnavailable),
            ('08006', persist.DatabaseUnavailable),
            ('53300', persist.DatabaseUnavailable),
            ('0A000', peewee.NotSupportedError),
            ('XX000', peewee.InternalError),
            ('99999', peewee.OperationalError),
        ],
    )
    def test_errors(self, state, kind):
        import psycopg.errors

        assert error_for_state(state) is kind
        if state not in ('57P01', '08006', '53300', '99999'):
            assert kind.__name__ in [base.__name__ for base in psycopg.errors.lookup(state).__mro__]

    @pytest.mark.parametrize(
        ('sql', 'params', 'translated'),
        [
            ('SELECT %s, %s', ['a', None], 'SELECT $1, $2'),
            ('SELECT %s', [1], 'SELECT $1::int4'),
            ('SELECT %s', [2**40], 'SELECT $1::int8'),
            ('SELECT %s', [True], 'SELECT $1::bool'),
            ("SELECT '100%%', %s", [1.5], "SELECT '100%', $1::float8"),
        ],
    )
    def test_placeholders(self, sql, params, translated):
        assert translate(sql, adapt(params)[0]) == translated

    @pytest.mark.parametrize(('sql', 'params'), [('SELECT %s', []), ('SELECT %s', [1, 2]), ('SELECT 1', [1])])
    def test_wrong_number_of_values(self, sql, params):
        with pytest.raises(peewee.ProgrammingError):
            translate(sql, adapt(params)[0])


class TestMySQLErrors:
    @pytest.mark.parametrize(
        ('code', 'kind'),
        [
            (1062, peewee.IntegrityError),
            (1048, peewee.IntegrityError),
            (1452, peewee.IntegrityError),
            (4025, peewee.IntegrityError),
            (3819, peewee.IntegrityError),
            (1264, peewee.DataError),
            (1292, peewee.DataError),
            (1406, peewee.DataError),
            (1064, peewee.ProgrammingError),
            (1213, peewee.OperationalError),
            (1205, peewee.OperationalError),
            (1053, persist.DatabaseUnavailable),
            (2003, persist.DatabaseUnavailable),
            (2013, persist.DatabaseUnavailable),
            (1040, persist.DatabaseUnavailable),
        ],
    )
    def test_kinds(self, code, kind):
        import pymysql

        error = pymysql.err.error_map.get(code, pymysql.err.OperationalError)(code, 'text')
        assert type(mysql_error(error, is_closed=False)) is kind

    def test_others_are_nobodys(self):
        assert mysql_error(KeyError('x'), is_closed=False) is None
