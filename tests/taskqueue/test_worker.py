"""``manage.py runworker``: signals, crashes, time-outs, queues."""

import os
import signal
from pathlib import Path

import pytest

from colibris import bridge, taskqueue
from colibris.log import operation_id
from colibris.taskqueue import TaskStatus
from colibris.taskqueue.rq import RQBackend
from colibris.taskqueue.slot import slot
from tests.processes import children_of
from tests.taskqueue.chaos import hasten
from tests.taskqueue.processes import PATIENCE, Worker, has_ended, wait_until

TASKS = """
import asyncio, os, signal, subprocess, sys, time
from pathlib import Path
from colibris import taskqueue

def note(path, text='ran'):
    with open(path, 'a') as file:
        file.write(f'{text}\\n')

@taskqueue.task(retries=1, backoff=0)
def note_and_wait(path, gate):
    note(path, 'begun')
    while not Path(gate).exists():
        time.sleep(0.02)
    note(path, 'done')

def note_and_wait_once(path, gate):
    note_and_wait(path, gate)

@taskqueue.task(retries=10, backoff=0)
def kill_own_process(path):
    note(path)
    os.kill(os.getpid(), signal.SIGKILL)

@taskqueue.task(timeout=0.5)
def hang(path):
    while True:
        try:
            time.sleep(60)
        except BaseException as exc:
            note(path, type(exc).__name__)

@taskqueue.task(timeout=0.3)
async def hang_async(path):
    try:
        await asyncio.sleep(60)
    except Exception as exc:
        note(path, 'caught')

@taskqueue.task(queue='urgent')
def note_urgent(path):
    note(path, 'urgent')

def say(text):
    print(text)

def run_program():
    program = 'import os, signal; os.kill(os.getpid(), signal.SIGTERM)'
    return subprocess.run([sys.executable, '-c', program]).returncode

async def enqueue_another(path):
    return taskqueue.enqueue(note, path).id
"""

SHORT_GRACE = """
from colibris.taskqueue.rq import worker
worker.GRACE_SECONDS = 0.5
"""


@pytest.fixture
def paths(tmp_path):
    """A file for notes, and one whose being there opens a gate."""
    return str(tmp_path / 'notes'), str(tmp_path / 'gate')


def notes(path):
    return Path(path).read_text().split() if os.path.exists(path) else []


def open_gate(path):
    Path(path).touch()


def result_of(handle):
    return bridge.wait(handle.result(PATIENCE))


def test_sigterm_finishes_the_task(backend, worker, paths):
    tasks, process = worker(TASKS)
    handle = taskqueue.enqueue(tasks.note_and_wait, *paths)
    wait_until(lambda: notes(paths[0]))
    process.signal()
    waiting = taskqueue.enqueue(tasks.note, paths[0])
    open_gate(paths[1])
    assert process.wait() == 0
    assert handle.status is TaskStatus.FINISHED
    assert waiting.status is TaskStatus.WAITING
    assert notes(paths[0]) == ['begun', 'done']


def test_second_sigterm_puts_the_task_back(backend, worker, paths):
    tasks, process = worker(TASKS)
    handle = taskqueue.enqueue(tasks.note_and_wait_once, *paths)
    wait_until(lambda: notes(paths[0]))
    process.signal()
    process.wait_for('another signal')
    process.signal()
    assert process.wait() == 0
    assert handle.status is TaskStatus.WAITING
    open_gate(paths[1])
    worker(TASKS)
    result_of(handle)
    assert notes(paths[0]) == ['begun', 'begun', 'done']


def test_signal_to_every_process(backend, worker, paths):
    """As a service manager sends it."""
    tasks, process = worker(TASKS)
    handle = taskqueue.enqueue(tasks.note_and_wait, *paths)
    wait_until(lambda: notes(paths[0]))
    runners = children_of(process.children[0])
    for pid in (*runners, *process.children, process.process.pid):
        os.kill(pid, signal.SIGTERM)
    open_gate(paths[1])
    assert process.wait() == 0
    assert handle.status is TaskStatus.FINISHED


@pytest.mark.parametrize('retries', ['one', 'none'])
def test_killed_worker(backend, worker, paths, retries):
    tasks, process = worker(TASKS)
    handle = taskqueue.enqueue(tasks.note_and_wait if retries == 'one' else tasks.note_and_wait_once, *paths)
    wait_until(lambda: notes(paths[0]))
    [runner] = children_of(process.children[0])
    os.kill(process.children[0], signal.SIGKILL)
    wait_until(lambda: has_ended(runner))  # it ends with its worker, but not in the same moment
    open_gate(paths[1])
    if retries == 'one':
        result_of(handle)
        assert notes(paths[0])[-2:] == ['begun', 'done']
    else:
        with pytest.raises(taskqueue.TaskExecException, match='its worker has ended'):
            result_of(handle)
        assert [state.id for state in backend.tasks(TaskStatus.FAILED)] == [handle.id]


def test_killed_machine(backend, worker, paths):
    """Nobody is left who knows whose task it was; another machine's worker finds it by its silence."""
    tasks, process = worker(hasten() + TASKS)
    handle = taskqueue.enqueue(tasks.note_and_wait, *paths)
    wait_until(lambda: notes(paths[0]))
    pids = [process.process.pid, *process.children, *children_of(process.children[0])]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    open_gate(paths[1])
    worker(hasten() + TASKS)
    result_of(handle)  # without haste, test_chaos.py says, it takes a minute at most
    assert notes(paths[0]) == ['begun', 'begun', 'done']


def test_killed_supervisor(backend, worker, paths):
    """Its workers finish their tasks, and end."""
    tasks, process = worker(TASKS)
    handle = taskqueue.enqueue(tasks.note_and_wait, *paths)
    wait_until(lambda: notes(paths[0]))
    pid = process.children[0]
    process.kill()
    open_gate(paths[1])
    result_of(handle)
    wait_until(lambda: not os.path.exists(f'/proc/{pid}') or not children_of(pid))
    assert notes(paths[0]) == ['begun', 'done']


def test_task_that_kills_its_process(backend, worker, paths):
    tasks, _ = worker(TASKS, max_crashes=3)
    with pytest.raises(taskqueue.TaskExecException, match='the process that ran it has ended'):
        result_of(taskqueue.enqueue(tasks.kill_own_process, paths[0]))
    assert notes(paths[0]) == ['ran'] * 3
    result_of(taskqueue.enqueue(tasks.note, paths[0]))


def test_task_that_does_not_let_itself_be_ended(backend, worker, paths):
    tasks, _ = worker(SHORT_GRACE + TASKS)
    with pytest.raises(taskqueue.TimeoutException, match=r'it was killed: it took longer than 0\.5 seconds'):
        result_of(taskqueue.enqueue(tasks.hang, paths[0]))
    assert notes(paths[0]) == ['OutOfTime']


def test_async_task_that_hangs(backend, worker, paths):
    tasks, _ = worker(TASKS)
    with pytest.raises(taskqueue.TimeoutException, match=r'took longer than 0\.3 seconds'):
        result_of(taskqueue.enqueue(tasks.hang_async, paths[0]))
    assert notes(paths[0]) == []


def test_cancelled_while_it_runs(backend, worker, paths):
    tasks, _ = worker(TASKS)
    handle = taskqueue.enqueue(tasks.note_and_wait, *paths)
    wait_until(lambda: notes(paths[0]))
    assert handle.cancel()
    with pytest.raises(taskqueue.TaskCancelled):
        result_of(handle)
    assert handle.status is TaskStatus.CANCELLED
    assert notes(paths[0]) == ['begun']


def test_burst(redis_url, make_project, paths):
    tasks, manage = make_project(TASKS, queues=['default', 'urgent'])
    with slot.replace(RQBackend(url=redis_url, queues=['default', 'urgent'])):
        for _ in range(3):
            taskqueue.enqueue(tasks.note, paths[0])
        taskqueue.enqueue(tasks.note_urgent, paths[0])
    with Worker(manage, '--queue-name', 'urgent', '--queue-name', 'default', '--burst') as process:
        assert process.wait() == 0
    assert notes(paths[0]) == ['urgent', 'ran', 'ran', 'ran']


def test_one_of_several_queues(redis_url, make_project, paths):
    tasks, manage = make_project(TASKS, queues=['default', 'urgent'])
    with slot.replace(RQBackend(url=redis_url, queues=['default', 'urgent'])):
        waiting = taskqueue.enqueue(tasks.note, paths[0])
        with Worker(manage, '--queue-name', 'urgent'):
            result_of(taskqueue.enqueue(tasks.note_urgent, paths[0]))
        assert waiting.status is TaskStatus.WAITING
        with Worker(manage):  # is woken for any of its queues, too
            result_of(waiting)
            result_of(taskqueue.enqueue(tasks.note_urgent, paths[0]))
            result_of(taskqueue.enqueue(tasks.note, paths[0]))


def test_max_jobs(backend, worker, paths):
    tasks, process = worker(TASKS, '--max-jobs', '2')
    handles = [taskqueue.enqueue(tasks.note, paths[0]) for _ in range(3)]
    assert process.wait() == 0
    assert [handle.status for handle in handles].count(TaskStatus.FINISHED) == 2


def test_output_and_operation(backend, worker):
    tasks, process = worker(TASKS)
    token = operation_id.set('operation-7')
    handle = taskqueue.enqueue(tasks.say, 'hello')
    operation_id.reset(token)
    result_of(handle)
    process.wait_for('hello')
    assert f'[operation-7] colibris.taskqueue.rq.worker: task queued0.tasks.say {handle.id} started' in process.output
    assert 'rq.worker' not in process.output.replace('taskqueue.rq.worker', '')


def test_programs_get_signals(backend, worker):
    tasks, _ = worker(TASKS)
    assert result_of(taskqueue.enqueue(tasks.run_program)) == -signal.SIGTERM


def test_task_enqueues_a_task(backend, worker, paths):
    tasks, _ = worker(TASKS)
    result_of(taskqueue.get_task(result_of(taskqueue.enqueue(tasks.enqueue_another, paths[0]))))
    assert notes(paths[0]) == ['ran']


def test_unknown_queue(redis_url, make_project):
    _, manage = make_project(TASKS)
    process = Worker(manage, '--queue-name', 'other', is_ready=False)
    assert process.wait() == 1
    assert "there is no queue 'other'; TASK_QUEUE['queues'] has default" in process.output
