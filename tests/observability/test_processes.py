"""Metrics of several processes, real ones."""

import os
import signal
import subprocess
import sys

import pytest

from tests.observability.processes import Project, Server, Worker, wait_until

SETTINGS = """
DATABASE = {{'backend': 'colibris.persist.SQLiteBackend', 'name': 'service.db'}}
TASK_QUEUE = {{'backend': 'colibris.taskqueue.rq.RQBackend', 'url': {url!r}}}
METRICS_PATH = '/metrics'
"""
TASKS = """
import os, signal
from colibris import taskqueue

def work(number):
    if number == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    if number < 0:
        raise ValueError
"""
ROUTES = """
import os
from colibris import taskqueue
from service.tasks import work

def pid(request):
    return os.getpid()

def enqueue(request):
    taskqueue.enqueue(work, int(request.match_info['number']))

ROUTES = [('/pid', pid), ('/enqueue/{number}', enqueue)]
"""


@pytest.fixture
def project(tmp_path, redis_url):
    return Project(tmp_path, settings=SETTINGS.format(url=redis_url), tasks=TASKS, routes=ROUTES)


@pytest.fixture
def start():
    """Start a program that ends with the test."""
    started = []

    def make(kind, *arguments, **variables):
        program = kind(*arguments, **variables)
        started.append(program)
        return program

    yield make
    for program in started:
        program.discard()


def visit_every_worker(server, count):
    """Make requests until so many processes have answered; returns how many requests that took."""
    pids, requests = set(), 0
    while len(pids) < count:
        assert requests < 5000
        pids.add(server.get('/pid'))
        requests += 1
    return requests


def test_servers(project, start):
    server = start(Server, project, '--workers', '2')
    requests = visit_every_worker(server, 2)
    key = ('colibris_http_requests_total', 'GET', '/pid', '200')
    assert server.metrics()[key] == requests
    wait_until(lambda: server.metrics()['colibris_database_pool_size',] == 10)  # two pools of five
    victim = int(server.get('/pid'))
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: victim not in server.children and len(server.children) == 2)
    requests += 1 + visit_every_worker(server, 2)
    found = server.metrics()
    assert found[key] == requests  # what the killed one has counted is kept
    assert found['colibris_http_request_duration_seconds_count', 'GET', '/pid'] == requests
    assert found['colibris_http_requests_in_flight',] == 1  # what it was doing is not
    assert server.stop() == 0


def test_task_workers(project, start, tmp_path):
    folder = {'PROMETHEUS_MULTIPROC_DIR': str(tmp_path / 'metrics')}
    server = start(Server, project, **folder)
    worker = start(Worker, project, '--count', '2', **folder)
    for number in (1, 2, 3, -1, 0):
        server.get(f'/enqueue/{number}')
    name = 'service.tasks.work'
    counts = {
        ('colibris_task_runs_total', 'finished', name): 3,
        ('colibris_task_runs_total', 'failed', name): 1,
        ('colibris_task_runs_total', 'killed', name): 1,
        ('colibris_task_run_duration_seconds_count', name): 4,
        ('colibris_tasks_enqueued_total', 'default', name): 5,
    }
    queues = {('colibris_tasks', 'default', 'failed'): 2, ('colibris_task_workers',): 2}
    wait_until(lambda: {**counts, **queues}.items() <= server.metrics().items())
    assert worker.stop() == 0
    assert counts.items() <= server.metrics().items()
    assert len(list((tmp_path / 'metrics').glob('*.db'))) < 10  # of six processes that ran tasks, and others


def test_workers_without_a_folder_count_nothing(project, start):
    server = start(Server, project)
    worker = start(Worker, project, '--burst')
    server.get('/enqueue/1')
    wait_until(lambda: worker.process.poll() is not None or 'finished' in worker.output)
    assert not [key for key in server.metrics() if key[0] == 'colibris_task_runs_total']


PROGRAM = """
import os, sys
from pathlib import Path
from colibris import conf
conf.setup('service')
from colibris.observability import end_process, prepare_processes

def count(number):
    from colibris.observability import metrics
    metrics._RUNS.labels('task', 'finished').inc(number)
    metrics._RUN_SECONDS.labels('task').observe(number)
    metrics._IN_FLIGHT.inc(number)

def in_child(number):
    pid = os.fork()
    if not pid:
        count(number)
        os._exit(0)
    os.waitpid(pid, 0)
    return pid

def read():
    from colibris.observability.page import render
    lines = render()[0].decode().splitlines()
    return sorted(line for line in lines if line.startswith('colibris_') and not line.endswith(' 0.0'))

folder = Path(os.environ['PROMETHEUS_MULTIPROC_DIR'])
"""


def run(project, text, folder):
    program = PROGRAM + text
    variables = {**os.environ, 'PROMETHEUS_MULTIPROC_DIR': str(folder)}
    subprocess.run([sys.executable, '-c', program], check=True, timeout=60, cwd=project.directory, env=variables)


def test_the_numbers_of_ended_processes_become_one(project, tmp_path):
    program = """
prepare_processes()
pids = [in_child(number) for number in (1000, 2000, 3000)]
before = read()
assert 'colibris_http_requests_in_flight 6000.0' in before, before
for pid in pids:
    end_process(pid)
after = read()
gone = 'colibris_http_requests_in_flight 6000.0'
assert after == [line for line in before if line != gone], (before, after)
assert 'colibris_task_runs_total{outcome="finished",task="task"} 6000.0' in after
assert 'colibris_task_run_duration_seconds_count{task="task"} 3.0' in after
names = {path.name for path in folder.glob('*.db') if str(os.getpid()) not in path.name}
assert names == {'counter_ended.db', 'histogram_ended.db'}, names
end_process(pids[0])  # once more, or one that has counted nothing, or could not even begin: no harm
(folder / 'counter_4000000.db').touch()
assert read() == after
end_process(4000000)
assert read() == after
"""
    run(project, program, tmp_path / 'new' / 'folder')


def test_a_folder_that_nobody_uses_is_emptied(project, tmp_path):
    run(project, 'prepare_processes(); count(5)', tmp_path / 'metrics')
    assert list((tmp_path / 'metrics').glob('counter_*.db'))
    run(project, "prepare_processes(); assert not list(folder.glob('*.db')), read()", tmp_path / 'metrics')


def test_a_folder_that_somebody_uses_is_not(project, tmp_path):
    program = """
prepare_processes()
count(5)
pid = in_child(7)
import subprocess, sys
other = "from colibris import conf; conf.setup('service'); from colibris.observability import *; prepare_processes()"
subprocess.run([sys.executable, '-c', other], check=True)
assert 'colibris_task_runs_total{outcome="finished",task="task"} 12.0' in read(), read()
assert 'colibris_http_requests_in_flight 5.0' in read(), read()
assert not list(folder.glob(f'*_{pid}.db'))
"""
    run(project, program, tmp_path / 'metrics')


def test_a_folder_that_cannot_be_made(project, tmp_path):
    (tmp_path / 'file').write_text('')
    program = """
from colibris.errors import ConfigurationError
try:
    prepare_processes()
except ConfigurationError as exc:
    assert str(exc).endswith('metrics cannot be kept there: Not a directory'), exc
else:
    raise AssertionError
"""
    run(project, program, tmp_path / 'file' / 'folder')


def test_own_folder_goes_with_its_process(project, tmp_path):
    program = """
prepare_processes()
assert os.environ['PROMETHEUS_MULTIPROC_DIR'].startswith(os.environ['TMPDIR'])
pid = os.fork()
if pid:
    os.waitpid(pid, 0)
    count(1)
    assert 'colibris_task_runs_total{outcome="finished",task="task"} 1.0' in read()
"""
    (tmp_path / 'tmp').mkdir()
    variables = {**os.environ, 'TMPDIR': str(tmp_path / 'tmp')}
    text = PROGRAM.replace("folder = Path(os.environ['PROMETHEUS_MULTIPROC_DIR'])\n", '') + program
    subprocess.run([sys.executable, '-c', text], check=True, timeout=60, cwd=project.directory, env=variables)
    assert list((tmp_path / 'tmp').iterdir()) == []


def test_a_server_that_is_alone_locks_nothing(project):
    """The module of locks is not on every system."""
    program = "import sys; sys.modules['fcntl'] = None; import colibris.app, colibris.observability.page"
    subprocess.run([sys.executable, '-c', program], check=True, timeout=60, cwd=project.directory)


def test_nothing_is_made_where_metrics_are_off(project, tmp_path):
    (project.manage.parent / 'settings.py').write_text('')
    run(project, 'prepare_processes(); end_process(1); assert not folder.exists()', tmp_path / 'metrics')
