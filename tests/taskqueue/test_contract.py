"""Every backend keeps the contract."""

import contextlib
from dataclasses import dataclass

import pytest
import redis

from colibris import bridge, taskqueue
from colibris.taskqueue.local import LocalBackend
from colibris.taskqueue.rq import RQBackend
from colibris.taskqueue.slot import slot
from colibris.test.taskqueue import TaskQueueBackendContract
from tests.taskqueue.conftest import PATIENT, redis_database
from tests.taskqueue.processes import Worker, write_project


@pytest.fixture(scope='module')
def running_workers(tmp_path_factory):
    """Workers that serve the tests of this module."""
    manage = write_project(tmp_path_factory.mktemp('project'), 'contracted', url=redis_database())
    empty('*')
    with Worker(manage, '--count', '2') as worker:
        yield worker


def empty(pattern):
    """Delete the keys of a pattern."""
    with contextlib.closing(redis.Redis.from_url(redis_database())) as client:
        for key in client.scan_iter(pattern):
            if not key.startswith(b'rq:worker'):
                client.delete(key)


class TestLocal(TaskQueueBackendContract):
    @pytest.fixture
    def backend(self):
        return LocalBackend()

    @pytest.fixture
    def workers(self):
        return contextlib.nullcontext


@dataclass
class Point:
    """Something that JSON has no form for."""

    x: int


def move(point):
    return Point(point.x + 1)


def test_pickle():
    backend = LocalBackend(serializer='pickle', workers=1)
    with slot.replace(backend):
        assert bridge.wait(taskqueue.execute(move, Point(1), timeout=PATIENT)) == Point(2)
    bridge.wait(backend.stop())


class TestRQ(TaskQueueBackendContract):
    @pytest.fixture
    def backend(self, monkeypatch, running_workers):
        monkeypatch.setattr('colibris.taskqueue.rq.link.PATIENCE', PATIENT)
        empty('*')
        backend = RQBackend(url=redis_database(), poll_results_interval=PATIENT)
        yield backend
        backend.client.close()
        assert running_workers.process.poll() is None, running_workers.output

    @pytest.fixture
    def workers(self):
        return contextlib.nullcontext
