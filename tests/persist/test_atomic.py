"""Transactions and savepoints."""

import pytest

from colibris import persist

from .tables import User


class TestAtomic:
    @pytest.fixture(autouse=True)
    def _tables(self, tables):
        """Every test has the tables."""

    def names(self):
        return [user.name for user in User.select().order_by(User.name)]

    def test_commit_and_rollback(self, run):
        def code():
            with persist.atomic():
                User.create(name='kept')
            with pytest.raises(KeyError), persist.atomic():
                User.create(name='lost')
                raise KeyError
            assert self.names() == ['kept']

        run(code)

    def test_nested_savepoints(self, run):
        def code():
            with persist.atomic():
                User.create(name='a')
                with pytest.raises(KeyError), persist.atomic():
                    User.create(name='b')
                    with persist.atomic():
                        User.create(name='c')
                    raise KeyError
                with persist.atomic():
                    User.create(name='d')
            assert self.names() == ['a', 'd']

        run(code)

    def test_integrity_error_inside(self, run):
        def code():
            with persist.atomic():
                User.create(name='a')
                with pytest.raises(persist.IntegrityError), persist.atomic():
                    User.create(name='a')
                User.create(name='b')
            assert self.names() == ['a', 'b']

        run(code)

    def test_transaction_that_the_database_has_ended(self, run):
        def code():
            User.create(name='a')
            with pytest.raises(persist.IntegrityError), persist.atomic():
                User.create(name='b')
                with persist.atomic():
                    persist.get_database().execute_sql("INSERT OR ROLLBACK INTO user (name, number) VALUES ('a', 1)")
            assert self.names() == ['a']
            assert persist.get_database().transaction_depth() == 0
            with persist.atomic():
                User.create(name='c')

        run(code)

    def test_manual_commit_and_rollback(self, run):
        def code():
            with persist.atomic() as transaction:
                User.create(name='a')
                transaction.commit()
                User.create(name='b')
                transaction.rollback()
                User.create(name='c')
            assert self.names() == ['a', 'c']
            with pytest.raises(persist.InterfaceError):
                persist.get_database().close()
                persist.get_database().commit()

        run(code)

    def test_decorator(self, run):
        @persist.atomic()
        def create(name, fails=False):
            User.create(name=name)
            if fails:
                raise KeyError
            return name

        def code():
            assert create('a') == 'a'
            with pytest.raises(KeyError):
                create('b', fails=True)
            assert self.names() == ['a']

        run(code)

    def test_generators_cannot_be_decorated(self):
        with pytest.raises(TypeError):

            @persist.atomic()
            def generator():
                yield

        with pytest.raises(TypeError):

            @persist.atomic()
            async def async_generator():
                yield

    def test_after_commit(self, run):
        def code():
            seen = []
            persist.after_commit(lambda: seen.append('at once'))
            assert seen == ['at once']
            with persist.atomic():
                persist.after_commit(lambda: seen.append(self.names()))
                User.create(name='a')
                with persist.atomic():
                    persist.after_commit(lambda: seen.append('nested'))
                assert seen == ['at once']
            assert seen == ['at once', ['a'], 'nested']

        run(code)

    def test_after_commit_never_runs_for_what_is_rolled_back(self, run):
        def code():
            seen = []
            with pytest.raises(KeyError), persist.atomic():
                persist.after_commit(lambda: seen.append('transaction'))
                raise KeyError
            with persist.atomic():
                with pytest.raises(KeyError), persist.atomic():
                    persist.after_commit(lambda: seen.append('savepoint'))
                    raise KeyError
                persist.after_commit(lambda: seen.append('kept'))
            with persist.atomic():
                User.create(name='a')
            assert seen == ['kept']

        run(code)

    def test_after_commit_that_fails(self, run, caplog):
        called = []

        def code():
            def fail():
                raise KeyError('callback')

            with persist.atomic():
                User.create(name='a')
                persist.after_commit(fail)
                persist.after_commit(lambda: called.append('other'))
            assert self.names() == ['a']
            assert called == ['other']
            assert "KeyError: 'callback'" in caplog.text
            with persist.atomic():
                User.create(name='b')

        run(code)

    def test_after_commit_gives_the_function_back(self):
        assert persist.after_commit(print) is print
