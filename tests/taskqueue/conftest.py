import contextlib
import os
import sys

import pytest
import redis

from colibris.taskqueue.rq import RQBackend
from colibris.taskqueue.slot import slot
from tests.taskqueue.processes import Worker, write_project

DATABASES = range(10, 20)
PATIENT = 20


def redis_database():
    """The address of a database of the shared server, one for each of pytest-xdist's workers."""
    if 'COLIBRIS_TEST_REDIS' not in os.environ:
        pytest.fail('COLIBRIS_TEST_REDIS is not set: run scripts/test')
    worker = int(os.environ.get('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw'))
    return f'{os.environ["COLIBRIS_TEST_REDIS"]}/{DATABASES[worker % len(DATABASES)]}'


@pytest.fixture
def redis_url():
    """The address of an empty database."""
    url = redis_database()
    with contextlib.closing(redis.Redis.from_url(url)) as client:
        client.flushdb()
    return url


@pytest.fixture
def client(redis_url):
    """A client of redis-py for that database."""
    with contextlib.closing(redis.Redis.from_url(redis_url)) as client:
        yield client


@pytest.fixture
def backend(redis_url, monkeypatch):
    """The tasks are in Redis, which is waited for however busy the machine is."""
    monkeypatch.setattr('colibris.taskqueue.rq.link.PATIENCE', PATIENT)
    backend = RQBackend(url=redis_url)
    with slot.replace(backend):
        yield backend
    backend.client.close()


@pytest.fixture
def make_project(redis_url, tmp_path, monkeypatch):
    """Write a project with a module of tasks; gives the module and the path of ``manage.py``."""
    monkeypatch.syspath_prepend(tmp_path)
    names = []

    def make(tasks, **options):
        names.append(f'queued{len(names)}')
        manage = write_project(tmp_path, names[-1], tasks, **{'url': redis_url, **options})
        return __import__(f'{names[-1]}.tasks').tasks, manage

    yield make
    for module in [module for module in sys.modules if module.partition('.')[0] in names]:
        del sys.modules[module]


@pytest.fixture
def worker(make_project):
    """Write a project and start its ``runworker`` with some arguments; gives the module of tasks, and the worker."""
    with contextlib.ExitStack() as stack:

        def start(tasks, *arguments, **options):
            module, manage = make_project(tasks, **options)
            started = Worker(manage, *arguments)
            stack.callback(started.discard)
            return module, started

        yield start
