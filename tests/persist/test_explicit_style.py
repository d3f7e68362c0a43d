"""Peewee with `await`."""

import asyncio

import pytest

from colibris import persist
from colibris.bridge import drive

from .tables import Note, User, assert_all_returned


class TestExplicitStyle:
    @pytest.fixture(autouse=True)
    def _tables(self, tables):
        """Every test has the tables."""

    async def test_models_in_any_coroutine(self, tables):
        user = await User.acreate(name='a')
        assert await User.aget(User.name == 'a') == user
        note = await Note.acreate(user=user, text='x')
        assert await (await Note.aget_by_id(note.id)).afetch(Note.user) == user
        assert await tables.list(User.select()) == [user]
        assert [row async for row in tables.iterate(User.select())] == [user]
        await tables.adrop_tables([Note])
        await tables.acreate_tables([Note])
        assert await tables.count(Note.select()) == 0
        assert_all_returned(tables)
        await tables.stop()

    async def test_async_with(self, tables):
        async def code():
            async with persist.atomic():
                await User.acreate(name='a')
                with pytest.raises(KeyError):
                    async with persist.atomic():
                        User.create(name='b')
                        raise KeyError
            with pytest.raises(KeyError):
                async with persist.atomic():
                    await User.acreate(name='c')
                    raise KeyError
            return [user.name for user in User.select()]

        assert await drive(code()) == ['a']
        await tables.stop()

    async def test_decorator_of_an_async_function(self, tables):
        @persist.atomic()
        async def create(name, fails=False):
            await User.acreate(name=name)
            await asyncio.sleep(0)
            if fails:
                raise KeyError
            return name

        async def code():
            assert await create('a') == 'a'
            with pytest.raises(KeyError):
                await create('b', fails=True)
            return [user.name for user in User.select()]

        assert await drive(code()) == ['a']
        await tables.stop()
