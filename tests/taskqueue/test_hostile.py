"""What stands in Redis may be anything: workers neither run it as code, nor stop, nor lose other tasks."""

import pickle
import time

import pytest

from colibris import bridge, taskqueue
from colibris.taskqueue import SerializationError, TaskStatus
from colibris.taskqueue.failure import Failure
from colibris.taskqueue.rq import keys
from colibris.taskqueue.serializer import JSONSerializer
from colibris.test.taskqueue import echo
from tests.taskqueue.processes import PATIENCE

MEGABYTES = 2


class Bomb:
    """An object that runs code when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (self.path, 'w')


def data(function, *args):
    return JSONSerializer().dumps((function, None, args, {}))


def write_task(client, name, content, **fields):
    """Write a task as RQ would."""
    times = {'created_at': '2026-02-03T04:05:06.000000Z', 'enqueued_at': '2026-02-03T04:05:06.000000Z'}
    hashed = {**times, 'status': 'queued', 'origin': 'default', 'data': content, 'timeout': 60, **fields}
    client.hset(keys.job_key(name), mapping=hashed)
    client.rpush(keys.queue_key('default'), name)


def test_worker_survives(backend, worker, client, tmp_path):
    touched = tmp_path / 'touched'
    client.rpush(keys.queue_key('default'), 'absent')
    bad = {
        'pickled': pickle.dumps(('os.system', None, (Bomb(str(touched)),), {})),
        'garbled': b'\x00\xff',
        'short': b'[]',
        'unknown': data('absent.module.function'),
        'uncallable': data('colibris.taskqueue.__all__'),
        'private': data(''),
    }
    for name, content in bad.items():
        write_task(client, name, content)
    write_task(client, 'nonsensical', data('time.time'), timeout='soon')
    good = taskqueue.enqueue(echo, 1)
    _, process = worker('')
    assert bridge.wait(good.result(PATIENCE)) == ((1,), {})
    assert {taskqueue.get_task(name).status for name in (*bad, 'nonsensical')} == {TaskStatus.FAILED}, process.output
    assert not touched.exists()
    assert process.process.poll() is None


def test_lists_survive(backend, client):
    write_task(client, 'garbled', b'\x00', timeout='soon', progress='a/b', failure=b'{}', retries='many', due='soon')
    handle = taskqueue.enqueue(echo)
    assert handle.id in [state.id for state in backend.tasks()]
    assert backend.status().waiting == 2


def test_failure_does_not_import_or_call():
    """A class is only taken from modules that are imported already, and only an exception's."""
    for path in ('this.Thing', 'os.system', 'builtins.eval', 'builtins.SystemExit', 'colibris.taskqueue.TaskHandle'):
        exc = Failure(path, 'message', 'trace', (('true',), {})).to_exception()
        assert type(exc) is taskqueue.TaskExecException


def test_huge_values(backend, worker):
    worker('')
    text = 'ä' * MEGABYTES * 1024**2
    assert bridge.wait(taskqueue.enqueue(echo, text).result(PATIENCE)) == ((text,), {})


def test_deep_values(backend):
    value = []
    value.append(value)
    begin = time.monotonic()
    with pytest.raises(SerializationError, match='nested too deep, or holds itself'):
        taskqueue.enqueue(echo, value)
    assert time.monotonic() - begin < PATIENCE
    assert backend.tasks() == []


@pytest.mark.parametrize(
    'content', [b'', b'{', b'{"$absent":1}', b'{"$date":5}', b'{"$timedelta":["x"]}', b'[' * 100_000]
)
def test_serializer_refuses(content):
    with pytest.raises(SerializationError, match='it cannot be read'):
        JSONSerializer().loads(content)
