"""The functions of a project's app.py: init, startup, shutdown and background_tasks."""

import asyncio
import contextlib
import sqlite3

import pytest
from aiohttp.test_utils import TestServer

from colibris.app import create_app, lifecycle
from colibris.app.lifecycle import BackgroundTasks
from colibris.errors import ConfigurationError

RECORDING = """
import asyncio
from __packagename__ import models

works = asyncio.Event()


def note(name):
    models.Item.create(name=name)


{prefix}def init(app, loop):
    note('init')


{prefix}def startup():
    note('startup')


async def work():
    note('work')
    works.set()
    try:
        await asyncio.Event().wait()
    finally:
        note('cancelled')


{prefix}def background_tasks():
    note('background_tasks')
    return [work]


{prefix}def shutdown():
    note('shutdown')
"""


@pytest.mark.parametrize('prefix', ['', 'async '])
async def test_order(serve, prefix):
    client = await serve(
        """
        from __packagename__ import app

        async def names(request):
            await app.works.wait()
            return [item.name for item in models.Item.select().order_by(models.Item.id)]

        ROUTES = [('/names', names)]
        """,
        app=RECORDING.format(prefix=prefix),
    )
    begun = ['init', 'startup', 'background_tasks', 'work']
    assert await (await client.get('/names')).json() == begun
    await client.close()
    with contextlib.closing(sqlite3.connect('sample.db')) as database:
        names = [name for (name,) in database.execute('SELECT name FROM item ORDER BY id')]
    assert names == [*begun, 'cancelled', 'shutdown']


class Failing:
    """A background task that fails some times and then waits."""

    def __init__(self, times):
        self.times = times
        self.is_through = asyncio.Event()

    def function(self):
        async def import_orders():
            if self.times:
                self.times -= 1
                raise ValueError('no orders')
            self.is_through.set()
            await asyncio.Event().wait()

        return import_orders


async def test_a_task_that_fails_is_started_anew(monkeypatch, caplog):
    pauses = []
    sleep = asyncio.sleep

    async def note(seconds):
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr(lifecycle.asyncio, 'sleep', note)
    failing = Failing(8)
    tasks = BackgroundTasks([failing.function()])
    tasks.start()
    await failing.is_through.wait()
    await tasks.stop(5)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    lines = [record.getMessage() for record in caplog.records]
    assert lines[0] == 'the background task import_orders failed; it starts again in 1 s'
    assert lines[-1] == 'the background task import_orders failed; it starts again in 60 s'
    assert caplog.records[0].exc_info[1].args == ('no orders',)


async def test_one_that_ends_has_ended(caplog):
    calls = []

    async def once():
        calls.append(1)

    tasks = BackgroundTasks((once,))
    tasks.start()
    await asyncio.wait(tasks._running)
    await tasks.stop(5)
    assert calls == [1]
    assert caplog.records == []


async def test_one_that_does_not_end(caplog):
    is_running, may_end = asyncio.Event(), asyncio.Event()

    async def stubborn():
        is_running.set()
        while not may_end.is_set():
            try:
                await may_end.wait()
            except asyncio.CancelledError:
                continue

    tasks = BackgroundTasks([stubborn])
    tasks.start()
    await is_running.wait()
    await tasks.stop(0.01)
    assert [record.getMessage() for record in caplog.records] == [
        'the background task stubborn has not ended in 0.01 s'
    ]
    may_end.set()
    await asyncio.wait(tasks._running)


async def test_tasks_use_plain_peewee_beside_requests(serve):
    client = await serve(
        """
        import asyncio
        from __packagename__ import app

        async def wait(request):
            await app.made.wait()
            return models.Item.get().name

        ROUTES = [('/wait', wait)]
        """,
        app="""
        import asyncio
        from colibris import persist
        from __packagename__ import models

        made = asyncio.Event()

        async def make():
            with persist.atomic():
                models.Item.create(name='made')
            made.set()

        def background_tasks():
            return [make]
        """,
    )
    assert await (await client.get('/wait')).json() == 'made'


@pytest.mark.parametrize('result', ['5', '[5]', '[print]', "{'a': 1}", '[asyncio.sleep, 5]'])
async def test_no_coroutine_functions(project, result):
    project(routes='ROUTES = []', app=f'import asyncio\ndef background_tasks():\n    return {result}')
    with pytest.raises(ConfigurationError, match=r'background_tasks\(\) in app\.py must return a list of coroutine'):
        await TestServer(create_app()).start_server()


async def test_a_startup_that_fails_is_told(project):
    project(routes='ROUTES = []', app='async def startup():\n    raise ValueError("not today")')
    with pytest.raises(ValueError, match='not today'):
        await TestServer(create_app()).start_server()
