"""Many at once, on every engine: nothing is shared that should not be, nothing leaks, nothing blocks."""

import asyncio
import contextlib
import random
import time

import pytest

from colibris import bridge, persist
from colibris.bridge import drive
from colibris.persist import pool

from .conftest import assert_all_returned, pool_of, slow_statement
from .models import Author, Book

FAULTS = 1000
AT_ONCE = 50


class Fault(Exception):
    pass


async def test_many_tasks_on_few_connections(database):
    async def one(number):
        with persist.atomic():
            author = Author.create(name=f'author {number}')
            await asyncio.sleep(0)
            Book.create(author=author, title=str(number))
        book = Book.get(Book.author == author)
        return book.title == str(number) and book.author.name == f'author {number}'

    assert all(await asyncio.gather(*(drive(one(number)) for number in range(200))))
    assert_all_returned(database, size=5)
    await database.stop()


async def test_a_transaction_is_seen_when_it_is_committed(database):
    inside, seen = asyncio.Event(), asyncio.Event()

    async def writer():
        with persist.atomic():
            Author.create(name='not yet committed')
            inside.set()
            await seen.wait()

    async def reader():
        await inside.wait()
        count = Author.select().count()
        seen.set()
        return count

    assert (await asyncio.gather(drive(writer()), drive(reader())))[1] == 0
    assert await drive(reader()) == 1
    await database.stop()


async def test_a_full_pool(make_database):
    database = make_database(pool_size=1, pool_timeout=0.05)

    async def hold():
        with persist.atomic():
            Author.select().count()
            holding.set()
            await release.wait()

    holding, release = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(drive(hold()))
    await holding.wait()
    with pytest.raises(persist.PoolTimeout):
        await Author.acreate(name='a')
    release.set()
    await task
    assert (await Author.acreate(name='a')).id
    await database.stop()


async def test_statements_in_a_row_are_one_turn(make_database, monkeypatch):
    monkeypatch.setattr(pool, 'TURN_SECONDS', 60)
    database = make_database(pool_size=1, pool_timeout=120)
    order = []

    async def one(name):
        for _ in range(3):
            Author.select().count()
            order.append(name)
        await asyncio.sleep(0)
        Author.select().count()
        order.append(name.upper())

    await asyncio.gather(*(drive(one(name)) for name in 'abcd'))
    assert ''.join(order[:12]) == 'aaabbbcccddd'
    assert sorted(order[12:]) == list('ABCD')
    await database.stop()


async def test_nobody_keeps_a_connection_from_others(make_database, monkeypatch):
    monkeypatch.setattr(pool, 'TURN_SECONDS', 0)
    database = make_database(pool_size=1, pool_timeout=5)
    ended = asyncio.Event()

    async def endless():
        while not ended.is_set():
            Author.select().count()

    async def short():
        assert Author.select().count() == 0
        ended.set()

    await asyncio.gather(drive(endless()), drive(short()))
    await database.stop()


async def test_a_slow_statement_does_not_block(database, engine):
    ticks = 0

    async def tick():
        nonlocal ticks
        while True:
            await asyncio.sleep(0.001)
            ticks += 1

    ticker = asyncio.create_task(tick())
    await bridge.run(database.execute_sql, slow_statement(engine, 0.5))
    ticker.cancel()
    assert ticks > 10
    await database.stop()


async def test_a_cancelled_statement_is_cancelled_on_the_server(database, engine):
    task = asyncio.create_task(bridge.run(database.execute_sql, slow_statement(engine, 60)))
    await asyncio.sleep(0.1)
    start = time.perf_counter()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.perf_counter() - start < 20
    if engine != 'sqlite':
        assert await bridge.run(running_statements, database, engine) == []
    assert_all_returned(database)
    await database.stop()


def running_statements(database, engine):
    sql = {
        'postgresql': "SELECT query FROM pg_stat_activity WHERE state = 'active' AND query LIKE %s",
        'mysql': 'SELECT info FROM information_schema.processlist WHERE info LIKE %s',
    }[engine]
    time.sleep(0.05)
    words = {'postgresql': '%pg_sleep(60%', 'mysql': '%SLEEP(60%'}[engine]
    return [row for row in database.execute_sql(sql, (words,)).fetchall() if 'LIKE' not in row[0]]


async def test_a_cancelled_transaction_is_rolled_back(database, engine):
    async def code():
        with persist.atomic():
            Author.create(name='lost')
            database.execute_sql(slow_statement(engine, 60))

    task = asyncio.create_task(drive(code()))
    await asyncio.sleep(0.15)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await bridge.run(Author.select().count) == 0
    assert_all_returned(database)
    await database.stop()


async def test_an_open_transaction_is_rolled_back_at_the_end(database):
    async def code():
        database.execute_sql('BEGIN')
        Author.create(name='lost')

    await drive(code())
    assert await bridge.run(Author.select().count) == 0
    assert_all_returned(database)
    await database.stop()


async def test_random_faults(database):
    """Cancelled at any moment, failed in the middle: what is committed is whole, and nothing is left behind."""
    chance = random.Random(FAULTS)
    done = set()

    async def one(number):
        with persist.atomic():
            author = Author.create(name=f'author {number}', number=number)
            if chance.random() < 0.2:
                with contextlib.suppress(Fault), persist.atomic():
                    Book.create(author=author, title='lost')
                    raise Fault
            await asyncio.sleep(chance.random() * 0.002)
            for part in range(2):
                Book.create(author=author, title=f'{number} {part}')
            if chance.random() < 0.3:
                raise Fault
        done.add(number)
        assert [book.title for book in Author.get(number=number).books.order_by(Book.id)] == [
            f'{number} 0',
            f'{number} 1',
        ]

    async def disturbed(number, turn):
        async with turn:
            task = asyncio.create_task(drive(one(number)))
            if chance.random() < 0.5:
                await asyncio.sleep(chance.random() * 0.06)
                task.cancel()
            with contextlib.suppress(Fault, asyncio.CancelledError):
                await task

    turn = asyncio.Semaphore(AT_ONCE)
    await asyncio.gather(*(disturbed(number, turn) for number in range(FAULTS)))

    def check():
        kept = {author.number for author in Author.select()}
        assert done <= kept
        assert len(kept) < FAULTS
        books = [(book.title.split()[0], book.author_id) for book in Book.select()]
        assert len(books) == 2 * len(kept)
        assert all(int(title) in kept for title, _ in books)

    await bridge.run(check)
    assert_all_returned(database)
    assert pool_of(database)._made <= 5
    await database.stop()


async def test_a_deadlock_ends_one_of_the_two(database, engine):
    if engine == 'sqlite':
        pytest.skip('SQLite has one writer at a time')
    first, second = await bridge.run(lambda: (Author.create(name='a'), Author.create(name='b')))
    arrived = asyncio.Barrier(2)

    async def change(one, other, number):
        try:
            with persist.atomic():
                Author.update(number=number).where(Author.id == one.id).execute()
                await arrived.wait()
                with contextlib.suppress(persist.OperationalError), persist.atomic():
                    Author.update(number=number).where(Author.id == other.id).execute()
                Author.update(number=number).where(Author.id == one.id).execute()
        except persist.OperationalError:
            return 'rolled back'
        return 'committed'

    results = await asyncio.gather(drive(change(first, second, 1)), drive(change(second, first, 2)))
    numbers = {author.number for author in await database.list(Author.select())}
    if engine == 'mysql':
        assert sorted(results) == ['committed', 'rolled back']
        assert len(numbers) == 1
    else:
        assert 'committed' in results
    assert_all_returned(database)
    await database.stop()
