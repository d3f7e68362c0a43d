"""The calls of the reference page, with ``manage.py runworker`` as a real process."""

import asyncio
import re
from urllib.parse import urlsplit

import pytest

from colibris import bridge, conf
from tests.taskqueue.processes import Worker, write_project

SETTINGS = """
TASK_QUEUE = {
    'backend': 'colibris.taskqueue.rq.RQBackend',
    'host': '127.0.0.1',
    'port': 6379,
    'db': 0,
    'password': 'yourpassword',
    'poll_results_interval': 1
}
"""
TASKS = """
import time

def time_consuming_task(arg1, arg2):
    time.sleep(0.1)
    return arg1 + arg2

def failing_task():
    raise LookupError('nothing there')
"""
CALLS = """
from colibris import taskqueue
from {package}.tasks import failing_task, time_consuming_task

handled = []
handle_exception = handled.append

async def main():
    try:
        result = await taskqueue.execute(time_consuming_task, 'value1', arg2='value2', timeout=20)

    except Exception as e:
        handle_exception(e)
    return result

async def fail():
    try:
        result = await taskqueue.execute(failing_task, timeout=20)

    except Exception as e:
        handle_exception(e)
"""


@pytest.fixture
def package(redis_url, tmp_path, clean_settings):
    """A project with the page's settings, but for where Redis is."""
    url = urlsplit(redis_url)
    text = SETTINGS
    for name, value in {'port': url.port, 'db': int(url.path[1:]), 'password': url.password}.items():
        text = re.sub(f"'{name}': [^,]+,", f"'{name}': {value!r},", text)
    manage = write_project(tmp_path, 'referring', TASKS)
    (manage.parent / 'settings.py').write_text(text)
    (manage.parent / 'calls.py').write_text(CALLS.format(package='referring'))
    return manage


def test_calls(package):
    conf.setup('referring')
    from referring import calls

    async def main():
        from colibris.taskqueue import get_backend

        await get_backend().start()
        try:
            assert await bridge.drive(calls.main()) == 'value1value2'
            await bridge.drive(calls.fail())
        finally:
            await get_backend().stop()

    with Worker(package):
        asyncio.run(main())
    assert [repr(error) for error in calls.handled] == ["LookupError('nothing there')"]
