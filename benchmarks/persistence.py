"""What a database operation costs through colibris, through bare Peewee (pwasyncio) and through the bare driver.

    scripts/services python benchmarks/persistence.py [ROUNDS]

Every operation runs in a task of its own, takes a connection from a pool and gives it back, as in a request. The ways
take turns within each round; printed are the medians of the rounds in microseconds, and the ratio to the bare driver.
"""

import asyncio
import contextlib
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import aiomysql
import aiosqlite
import asyncpg
import peewee
from playhouse.pwasyncio import AsyncMySQLDatabase, AsyncPostgresqlDatabase, AsyncSqliteDatabase

from colibris import persist
from colibris.bridge import drive

NAME = 'colibris_benchmark'
ROWS = 200
PAGE = 25
TIMES = 100
ROUNDS = 15
POOL = 5
OPERATIONS = ('get by key', f'list of {PAGE}', 'insert', 'two-statement transaction')


def make_model(database):
    class Item(peewee.Model):
        name = peewee.CharField()
        number = peewee.IntegerField()
        price = peewee.DoubleField()
        text = peewee.TextField()
        done = peewee.BooleanField()

        class Meta:
            pass

    Item._meta.set_database(database)
    return Item


VALUES = {'name': 'a name', 'number': 5, 'price': 1.5, 'text': 'some text', 'done': True}


class Peewee:
    """Plain Peewee, on whatever asynchronous database."""

    def __init__(self, database, run):
        self.database = database
        self.item = make_model(database)
        self.run = run

    def get(self):
        return self.item.get_by_id(7)

    def page(self):
        return list(self.item.select().order_by(self.item.id).limit(PAGE))

    def insert(self):
        return self.item.create(**VALUES)

    def transaction(self):
        with self.database.atomic():
            item = self.item.get_by_id(8)
            self.item.update(number=item.number + 1).where(self.item.id == item.id).execute()

    def operations(self):
        functions = self.get, self.page, self.insert, self.transaction
        return [lambda function=function: self.run(function) for function in functions]


async def call(function):
    return function()


def colibris(database):
    return Peewee(database, lambda function: drive(call(function)))


class Driver:
    """The driver alone, with hand-written SQL."""

    select = 'SELECT id, name, number, price, text, done FROM item'
    columns = 'INSERT INTO item (name, number, price, text, done) VALUES'
    places = '?'

    def statements(self):
        mark = self.places
        values = ', '.join(mark.format(place) for place in range(1, 6))
        return {
            'get': f'{self.select} WHERE id = {mark.format(1)}',
            'page': f'{self.select} ORDER BY id LIMIT {mark.format(1)}',
            'insert': f'{self.columns} ({values})',
            'update': f'UPDATE item SET number = {mark.format(1)} WHERE id = {mark.format(2)}',
        }

    def __init__(self):
        self.sql = self.statements()

    def operations(self):
        return [self.get, self.page, self.insert, self.transaction]

    async def get(self):
        return await self.fetch('get', 7)

    async def page(self):
        return await self.fetch('page', PAGE)

    async def insert(self):
        return await self.fetch('insert', *VALUES.values())


class Asyncpg(Driver):
    places = '${}'

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, address):
        self = cls()
        async with asyncpg.create_pool(f'{address}/{NAME}', min_size=POOL, max_size=POOL) as self.pool:
            yield self

    async def fetch(self, name, *values):
        async with self.pool.acquire() as connection:
            return await connection.fetch(self.sql[name], *values)

    async def transaction(self):
        async with self.pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(self.sql['get'], 8)
            await connection.execute(self.sql['update'], row['number'] + 1, 8)


class Aiomysql(Driver):
    places = '%s'

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, address):
        self = cls()
        url = urlsplit(address)
        options = {'host': url.hostname, 'port': url.port, 'user': url.username, 'password': url.password}
        async with aiomysql.create_pool(POOL, POOL, db=NAME, autocommit=True, **options) as self.pool:
            yield self

    async def fetch(self, name, *values):
        async with self.pool.acquire() as connection, connection.cursor() as cursor:
            await cursor.execute(self.sql[name], values)
            return await cursor.fetchall()

    async def transaction(self):
        async with self.pool.acquire() as connection, connection.cursor() as cursor:
            await connection.begin()
            await cursor.execute(self.sql['get'], (8,))
            row = await cursor.fetchone()
            await cursor.execute(self.sql['update'], (row[2] + 1, 8))
            await connection.commit()


class Aiosqlite(Driver):
    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, address):
        self = cls()
        async with aiosqlite.connect(address, isolation_level=None) as self.connection:
            yield self

    async def fetch(self, name, *values):
        return await self.connection.execute_fetchall(self.sql[name], values)

    async def transaction(self):
        await self.connection.execute('BEGIN IMMEDIATE')
        row = (await self.fetch('get', 8))[0]
        await self.connection.execute(self.sql['update'], (row[2] + 1, 8))
        await self.connection.execute('COMMIT')


def open_sqlite(directory):
    path = str(Path(directory) / 'benchmark.db')
    pragmas = {'journal_mode': 'wal', 'foreign_keys': 1}
    bare = AsyncSqliteDatabase(path, pool_size=POOL, pragmas=pragmas)
    return persist.SQLiteBackend(path, pool_size=POOL), bare, Aiosqlite.open(path)


def open_postgresql(address):
    url = urlsplit(address)
    options = {'host': url.hostname, 'port': url.port, 'user': url.username, 'password': url.password}
    backend = persist.PostgreSQLBackend(NAME, url.hostname, url.port, url.username, url.password, pool_size=POOL)
    return backend, AsyncPostgresqlDatabase(NAME, pool_size=POOL, **options), Asyncpg.open(address)


def open_mysql(address):
    url = urlsplit(address)
    options = {'host': url.hostname, 'port': url.port, 'user': url.username, 'password': url.password}
    backend = persist.MySQLBackend(NAME, url.hostname, url.port, url.username, url.password, pool_size=POOL)
    return backend, AsyncMySQLDatabase(NAME, pool_size=POOL, **options), Aiomysql.open(address)


async def measure(function):
    start = time.perf_counter()
    for _ in range(TIMES):
        await asyncio.create_task(function())
    return (time.perf_counter() - start) / TIMES * 1e6


async def compare(backend, bare, driver, rounds):
    async with driver as raw:
        ways = [colibris(backend), Peewee(bare, bare.run), raw]
        times = {(way, number): [] for way in range(3) for number in range(4)}
        for turn in range(rounds + 1):
            for number in range(4):
                for way in range(3):
                    taken = await measure(ways[way].operations()[number])
                    if turn:
                        times[way, number].append(taken)
            await drive(call(lambda: ways[0].item.delete().where(ways[0].item.id > ROWS).execute()))
        await backend.stop()
        await bare.close_pool()
    return {key: statistics.median(values) for key, values in times.items()}


def fill(backend):
    backend.drop()
    backend.create()
    item = make_model(backend)
    backend.create_tables([item])
    item.insert_many([VALUES] * ROWS).execute()
    backend.close()


def report(engine, medians):
    print(f'\n{engine:28} {"colibris":>16} {"pwasyncio":>16} {"driver":>9}')
    for number, operation in enumerate(OPERATIONS):
        ours, bare, raw = (medians[way, number] for way in range(3))
        print(f'{operation:28} {ours:8.0f} ({ours / raw:4.1f}x) {bare:8.0f} ({bare / raw:4.1f}x) {raw:9.0f}')


def main(rounds):
    with tempfile.TemporaryDirectory() as directory:
        engines = {'sqlite': (open_sqlite, directory)}
        for engine, open_engine in (('postgresql', open_postgresql), ('mysql', open_mysql)):
            address = os.environ.get(f'COLIBRIS_TEST_{engine.upper()}')
            if not address:
                sys.exit(f'no {engine} server: run scripts/services python {sys.argv[0]}')
            engines[engine] = (open_engine, address)
        for engine, (open_engine, address) in engines.items():
            backend, bare, driver = open_engine(address)
            fill(backend)
            try:
                report(engine, asyncio.run(compare(backend, bare, driver, rounds)))
            finally:
                backend.drop()


if __name__ == '__main__':
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
