"""Plain Peewee, the same code with and without a running loop, on every engine."""

import asyncio
import datetime
import decimal
import uuid

import peewee
import pytest

from colibris import bridge, persist
from colibris.bridge import drive

from .conftest import assert_all_returned
from .models import Author, Book, Everything

VALUES = {
    'integer': [0, -5, 2**31 - 1, -(2**31)],
    'small': [3, -(2**15)],
    'big': [2**62, -(2**63)],
    'single': [0.1, 1234567.891, -1e300],
    'double': [0.1, 1 / 3, 1e-300],
    'decimal': [decimal.Decimal('12.3450'), decimal.Decimal('-9999999999.9999'), decimal.Decimal(0)],
    'char': ['', 'ä😀', 'it\'s \\ "quoted" %s %% $1 `x`', '\n\t'],
    'fixed': ['abcde'],
    'text': ['x' * 60_000, '100%'],
    'boolean': [True, False],
    'date': [datetime.date(2024, 2, 29), datetime.date(1970, 1, 1)],
    'datetime': [datetime.datetime(2024, 2, 29, 23, 59, 59, 123456), datetime.datetime(1999, 1, 1)],
    'time': [datetime.time(23, 59, 58, 123456), datetime.time(0, 0)],
    'timestamp': [datetime.datetime(2024, 1, 1, 1, 1, 1, 5)],
    'uuid': [uuid.UUID('12345678-1234-5678-1234-567812345678')],
    'blob': [b'', b'\x00\xff%s\\\'"'],
    'json': [{'a': [1, 2.5, None, 'ä%s'], 'b': {'c': True}}, [1, 2], 'text', 5, False],
    'ip': ['10.1.2.3'],
}
WRITTEN_AS_TEXT = {
    'integer': ('12', 12),
    'decimal': ('1.5000', decimal.Decimal('1.5')),
    'date': ('2024-02-29', datetime.date(2024, 2, 29)),
    'datetime': ('2024-02-29 10:11:12', datetime.datetime(2024, 2, 29, 10, 11, 12)),
    'time': ('10:11:12', datetime.time(10, 11, 12)),
    'uuid': ('12345678123456781234567812345678', uuid.UUID('12345678-1234-5678-1234-567812345678')),
}

IMPOSSIBLE = {
    'small': 2**15,
    'integer': 2**31,
    'decimal': decimal.Decimal(10) ** 17,
    'char': 'x' * 256,
    'date': 'no date',
    'text': 'half a surrogate: \ud800',
}


def names(query=None):
    return [author.name for author in query or Author.select().order_by(Author.name)]


class TestStatements:
    def test_create_get_update_delete(self, run):
        def code():
            author = Author.create(name='a')
            assert Author.get(Author.name == 'a') == author
            assert Author.get_by_id(author.id).name == 'a'
            author.number = 5
            assert author.save() == 1
            assert author.save() == 1  # found, though not changed
            assert Author.get(number=5) == author
            assert Author.update(number=6).where(Author.id == author.id).execute() == 1
            assert Author.update(number=6).where(Author.id == author.id).execute() == 1
            assert Author.get_or_none(name='b') is None
            assert Author.get_or_create(name='a') == (author, False)
            assert author.delete_instance() == 1
            with pytest.raises(Author.DoesNotExist):
                Author.get_by_id(author.id)

        run(code)

    def test_queries(self, run):
        def code():
            Author.insert_many([{'name': str(number), 'number': number} for number in range(10)]).execute()
            query = Author.select().where(Author.number > 3).order_by(Author.number)
            assert [author.number for author in query] == list(range(4, 10))
            assert [author.number for author in query.clone().iterator()] == list(range(4, 10))
            assert (query.count(), len(query), query.exists(), query[1].number) == (6, 6, True, 5)
            assert Author.select(persist.fn.SUM(Author.number)).scalar() == 45
            assert list(Author.select(Author.number).order_by(Author.number).limit(2).tuples()) == [(0,), (1,)]
            assert list(Author.select(Author.name).where(Author.number.in_([1, 2])).order_by(Author.id).dicts()) == [
                {'name': '1'},
                {'name': '2'},
            ]
            assert names(Author.select().where(Author.name.contains('7') | (Author.number == 8))) == ['7', '8']

        run(code)

    def test_values_whose_place_tells_no_type(self, run, engine):
        def code():
            Author.insert_many([{'name': str(number), 'number': number} for number in range(4)]).execute()
            even = persist.Case(None, [(Author.number.bin_and(1) == 0, 1)], 0)
            assert Author.select(persist.fn.SUM(even)).scalar() == 2
            half = persist.Case(None, [(Author.number > 1, 0.5)], 0.25)
            assert float(Author.select(persist.fn.SUM(half)).scalar()) == 1.5
            assert Author.select(persist.fn.COALESCE(None, 'x')).limit(1).scalar() == 'x'
            assert Author.select(peewee.Value(7)).limit(1).scalar() == 7
            assert Author.get_or_none(Author.number == 2**40) is None
            if engine != 'sqlite':  # which knows no larger numbers than of 64 bits
                assert Author.get_or_none(Author.number == 2**70) is None

        run(code)

    def test_lazy_foreign_key_and_prefetch(self, run):
        def code():
            for name in 'ab':
                author = Author.create(name=name)
                for number in range(3):
                    Book.create(author=author, title=f'{name}{number}')
            assert {book.title[0] == book.author.name for book in Book.select()} == {True}
            authors = persist.prefetch(Author.select().order_by(Author.name), Book.select().order_by(Book.title))
            assert [[book.title for book in author.books] for author in authors] == [
                ['a0', 'a1', 'a2'],
                ['b0', 'b1', 'b2'],
            ]
            joined = Book.select(Book, Author).join(Author).where(Author.name == 'b')
            assert {book.author.name for book in joined} == {'b'}
            assert Author.get(name='a').books.count() == 3

        run(code)

    def test_upsert(self, run, engine):
        def code():
            target = {} if engine == 'mysql' else {'conflict_target': [Author.name]}
            for number in (1, 2):
                row = Author.insert(name='a', number=number)
                row.on_conflict(preserve=[Author.number], **target).execute()
            assert [(author.name, author.number) for author in Author.select()] == [('a', 2)]
            Author.insert(name='a', number=3).on_conflict_ignore().execute()
            assert Author.get().number == 2

        run(code)

    def test_errors(self, run, database):
        def code():
            author = Author.create(name='a')
            with pytest.raises(persist.IntegrityError):
                Author.create(name='a')
            with pytest.raises(persist.IntegrityError):
                Book.create(author=99, title='foreign keys are enforced')
            Book.create(author=author, title='x')
            with pytest.raises(persist.IntegrityError):
                author.delete_instance()
            with pytest.raises(persist.IntegrityError):
                Author.insert(name=None).execute()
            with pytest.raises(persist.DatabaseError):
                database.execute_sql('SELECT nonsense FROM nowhere')
            assert Author.select().count() == 1

        run(code)

    @pytest.mark.parametrize('field', IMPOSSIBLE)
    def test_impossible_values(self, run, engine, field):
        if engine == 'sqlite':
            pytest.skip('SQLite takes what it is given')

        def code():
            with pytest.raises(persist.DataError):
                Everything.create(**{field: IMPOSSIBLE[field]})
            assert Everything.select().count() == 0

        run(code)

    def test_percent_signs(self, run, database):
        def code():
            assert database.execute_sql("SELECT 'a%%b', %s", ('%s',)).fetchone() == ('a%b', '%s')
            assert database.execute_sql("SELECT 'a%%b'").fetchone() == ('a%b',)

        if isinstance(database, persist.SQLiteBackend):
            pytest.skip('SQLite has other placeholders')
        run(code)

    def test_connection_can_be_kept(self, run, database):
        def code():
            database.close()
            assert database.is_closed()
            assert database.connect()
            assert not database.connect(reuse_if_open=True)
            Author.create(name='a')
            assert not database.is_closed()
            assert database.close()
            with database:
                Author.create(name='b')
            assert names() == ['a', 'b']

        run(code)


class TestFields:
    @pytest.mark.parametrize('field', VALUES)
    def test_round_trip(self, run, field):
        def code():
            for value in VALUES[field]:
                row = Everything.create(**{field: value})
                found = getattr(Everything.get_by_id(row.id), field)
                found = bytes(found) if field == 'blob' else found
                assert found == value
                assert type(found) is type(value)
                if field not in ('json', 'text'):
                    assert Everything.get(getattr(Everything, field) == value) == row
                row.delete_instance()

        run(code)

    def test_null(self, run):
        def code():
            row = Everything.get_by_id(Everything.create().id)
            assert {getattr(row, field) for field in VALUES} == {None}
            for field in VALUES:
                assert Everything.select().where(getattr(Everything, field).is_null()).count() == 1

        run(code)

    @pytest.mark.parametrize('field', WRITTEN_AS_TEXT)
    def test_text_for_other_types(self, run, field):
        def code():
            text, value = WRITTEN_AS_TEXT[field]
            row = Everything.create(**{field: text})
            assert getattr(Everything.get_by_id(row.id), field) == value
            assert Everything.get(getattr(Everything, field) == text) == row
            assert Everything.select().where(getattr(Everything, field).in_([text, text])).count() == 1

        run(code)

    def test_json_paths(self, run):
        def code():
            row = Everything.create(json={'a': {'b': [1, 'x']}, 'n': 5})
            assert Everything.get(Everything.json['a']['b'][1] == 'x') == row
            assert Everything.get(Everything.json['n'] == 5) == row
            assert Everything.get_or_none(Everything.json['n'] == 6) is None

        run(code)

    def test_date_parts(self, run):
        def code():
            row = Everything.create(datetime=datetime.datetime(2024, 2, 29, 10, 11, 12))
            moment = Everything.datetime
            assert Everything.get((moment.year == 2024) & (moment.month == 2) & (moment.hour == 10)) == row
            month = Everything.select(moment.truncate('month')).scalar()
            assert str(month).startswith('2024-02-01')

        run(code)


class TestAtomic:
    def test_commit_and_rollback(self, run):
        def code():
            with persist.atomic():
                Author.create(name='kept')
            with pytest.raises(KeyError), persist.atomic():
                Author.create(name='lost')
                raise KeyError
            assert names() == ['kept']

        run(code)

    def test_nested_savepoints(self, run):
        def code():
            with persist.atomic():
                Author.create(name='a')
                with pytest.raises(KeyError), persist.atomic():
                    Author.create(name='b')
                    with persist.atomic():
                        Author.create(name='c')
                    raise KeyError
                with persist.atomic():
                    Author.create(name='d')
            assert names() == ['a', 'd']

        run(code)

    def test_integrity_error_inside(self, run):
        def code():
            with persist.atomic():
                Author.create(name='a')
                with pytest.raises(persist.IntegrityError), persist.atomic():
                    Author.create(name='a')
                Author.create(name='b')
            assert names() == ['a', 'b']

        run(code)

    def test_failed_transaction_is_not_taken_for_committed(self, run, engine):
        def code():
            Author.create(name='a')
            seen = []
            with pytest.raises(persist.PeeweeException), persist.atomic():
                persist.after_commit(lambda: seen.append('committed'))
                Author.create(name='b')
                with pytest.raises(persist.IntegrityError):
                    Author.create(name='a')
            assert names() == ['a']
            assert seen == []
            with persist.atomic():
                Author.create(name='c')
            assert names() == ['a', 'c']

        if engine != 'postgresql':
            pytest.skip('only PostgreSQL gives a transaction up after an error')
        run(code)

    def test_manual_commit_and_rollback(self, run, database):
        def code():
            with persist.atomic() as transaction:
                Author.create(name='a')
                transaction.commit()
                Author.create(name='b')
                transaction.rollback()
                Author.create(name='c')
            assert names() == ['a', 'c']

        run(code)

    def test_after_commit(self, run):
        def code():
            seen = []
            with persist.atomic():
                persist.after_commit(lambda: seen.append(names()))
                Author.create(name='a')
                with pytest.raises(KeyError), persist.atomic():
                    persist.after_commit(lambda: seen.append('never'))
                    raise KeyError
                assert seen == []
            with pytest.raises(KeyError), persist.atomic():
                persist.after_commit(lambda: seen.append('never'))
                raise KeyError
            assert seen == [['a']]

        run(code)

    def test_isolation_level(self, run, database, engine):
        if engine != 'postgresql':
            pytest.skip('said in another way there')

        def code():
            with database.atomic('ISOLATION LEVEL SERIALIZABLE'):
                assert database.execute_sql('SHOW transaction_isolation').fetchone() == ('serializable',)
            assert database.execute_sql('SHOW transaction_isolation').fetchone() == ('read committed',)

        run(code)


class TestExplicitStyle:
    async def test_models_and_transactions(self, database):
        async def code():
            async with persist.atomic():
                author = await Author.acreate(name='a')
                assert await Author.aget(Author.name == 'a') == author
                book = await Book.acreate(author=author, title='x')
                assert await (await Book.aget_by_id(book.id)).afetch(Book.author) == author
                with pytest.raises(KeyError):
                    async with persist.atomic():
                        Author.create(name='b')
                        raise KeyError
            return [row.name async for row in database.iterate(Author.select())]

        assert await drive(code()) == ['a']
        assert_all_returned(database)
        await database.stop()

    async def test_undriven_code_is_told(self, database):
        with pytest.raises(bridge.BridgeError, match=r'await bridge\.run\(function\)'):
            Author.get()

    async def test_spawned_tasks_have_transactions_of_their_own(self, database):
        bridge.install(asyncio.get_running_loop())

        async def main():
            with persist.atomic():
                Author.create(name='a')
                return await asyncio.create_task(child()), database.transaction_depth()

        async def child():
            return database.transaction_depth(), Author.select().count()

        assert await drive(main()) == ((0, 0), 1)
        assert_all_returned(database)
        await database.stop()
