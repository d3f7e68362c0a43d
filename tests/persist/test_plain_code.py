"""Plain Peewee, driven and not."""

import pytest

from colibris import persist
from colibris.bridge import BridgeError

from .tables import Note, User


class TestPlainPeewee:
    """The same code, with and without a running loop."""

    @pytest.fixture(autouse=True)
    def _tables(self, tables):
        """Every test has the tables."""

    def test_create_get_update_delete(self, run):
        def code():
            user = User.create(name='a')
            assert User.get(User.name == 'a') == user
            assert User.get_by_id(user.id).name == 'a'
            user.number = 5
            assert user.save() == 1
            assert User.get(number=5) == user
            assert User.update(number=6).where(User.id == user.id).execute() == 1
            assert User.get_or_none(name='b') is None
            assert User.get_or_create(name='a') == (user, False)
            assert user.delete_instance() == 1
            with pytest.raises(User.DoesNotExist):
                User.get_by_id(user.id)

        run(code)

    def test_queries(self, run):
        def code():
            User.insert_many([{'name': str(number), 'number': number} for number in range(10)]).execute()
            query = User.select().where(User.number > 3).order_by(User.number)
            assert [user.number for user in query] == list(range(4, 10))
            assert [user.number for user in query.clone().iterator()] == list(range(4, 10))
            assert (query.count(), len(query), query.exists(), query[1].number) == (6, 6, True, 5)
            assert User.select(persist.fn.SUM(User.number)).scalar() == 45
            assert list(User.select(User.number).limit(2).tuples()) == [(0,), (1,)]

        run(code)

    def test_lazy_foreign_key_and_prefetch(self, run):
        def code():
            for name in 'ab':
                user = User.create(name=name)
                for number in range(3):
                    Note.create(user=user, text=f'{name}{number}')
            assert {note.text[0] == note.user.name for note in Note.select()} == {True}
            users = persist.prefetch(User.select().order_by(User.name), Note.select())
            assert [[note.text for note in user.notes] for user in users] == [['a0', 'a1', 'a2'], ['b0', 'b1', 'b2']]
            assert User.get(name='a').notes.count() == 3

        run(code)

    def test_errors(self, run):
        def code():
            User.create(name='a')
            with pytest.raises(persist.IntegrityError):
                User.create(name='a')
            with pytest.raises(persist.IntegrityError):
                Note.create(user=99, text='foreign keys are enforced')
            with pytest.raises(persist.OperationalError):
                persist.get_database().execute_sql('SELECT nonsense')
            assert User.select().count() == 1

        run(code)

    def test_connection_can_be_kept(self, run):
        def code():
            database = persist.get_database()
            database.close()
            assert database.is_closed()
            assert database.connect()
            assert not database.connect(reuse_if_open=True)
            with pytest.raises(persist.OperationalError):
                database.connect()
            User.create(name='a')
            assert not database.is_closed()
            assert database.close()
            with database:
                User.create(name='b')
            with pytest.raises(ValueError, match='x'), database:
                User.create(name='c')
                raise ValueError('x')
            assert User.select().count() == 2

        run(code)

    def test_query_hooks(self, run):
        def code():
            events = []
            database = persist.get_database()
            database.query_hooks.append(events.append)
            try:
                User.select().count()
                with pytest.raises(persist.OperationalError):
                    database.execute_sql('SELECT nonsense')
            finally:
                database.query_hooks.clear()
            assert len(events) == 2

        run(code)


class TestUndriven:
    async def test_one_clear_sentence(self, tables):
        for use in (lambda: User.get(), lambda: list(User.select()), lambda: persist.atomic().__enter__()):
            with pytest.raises(BridgeError, match=r'await bridge\.run\(function\)'):
                use()
        with pytest.raises(BridgeError):
            async with persist.atomic():
                pass
        with pytest.raises(BridgeError):
            await tables.aexecute_sql('SELECT 1')


class TestSwitchedOff:
    def test_every_use_raises(self, project):
        project()
        for use in (
            persist.get_database,
            persist.connectivity_check,
            lambda: User.get(),
            lambda: User.create(name='a'),
        ):
            with pytest.raises(persist.PersistenceDisabled, match=r'^Persistence is disabled: the setting DATABASE'):
                use()
        with pytest.raises(persist.PersistenceDisabled), persist.atomic():
            pass
