"""Workers and Redis killed at random while tasks run; afterwards every task is accounted for."""

import contextlib
import importlib
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from colibris import taskqueue
from colibris.taskqueue import TaskStatus
from colibris.taskqueue.rq import RQBackend
from colibris.taskqueue.slot import slot
from tests.processes import children_of
from tests.services import RedisServer, running
from tests.taskqueue.processes import Worker, wait_until, write_project

__all__ = ['Outcome', 'hasten', 'run_chaos']

TASKS = """
import os, random, time
from colibris import taskqueue

def note(path, number):
    time.sleep(random.random() / 50)
    with open(path, 'a') as file:
        file.write(f'{number}\\n')

@taskqueue.task(retries=10, backoff=0.01)
def note_with_retries(path, number):
    note(path, number)
"""
HASTE = """
from colibris.taskqueue.rq import recovery, supervisor, worker
worker.HEARTBEAT_SECONDS = {heartbeat}
worker.RUN_SECONDS = supervisor.RUN_SECONDS = {run}
supervisor.RECOVERY_SECONDS = recovery.STUCK_SECONDS = {stuck}
"""
"""What a project's tasks begin with to have its workers find lost tasks sooner than they do otherwise."""

SUPERVISORS = 2
PATIENCE = 60
SLOWEST_RATE = 10


def hasten(heartbeat=0.5, run=3, stuck=2):
    """The text that has a project's workers find lost tasks within a few seconds."""
    return HASTE.format(heartbeat=heartbeat, run=run, stuck=stuck)


@dataclass
class Outcome:
    """What has happened, and what has become of the tasks."""

    accepted: set = field(default_factory=set)
    """The numbers of the tasks that ``enqueue`` has taken."""
    runs: Counter = field(default_factory=Counter)
    """How often each has been run to its end."""
    failed: set = field(default_factory=set)
    """Those on the failed list."""
    refused: int = 0
    """How often ``enqueue`` has said that the queue is away."""
    kills: Counter = field(default_factory=Counter)
    seconds: float = 0.0
    left: int = 0
    """Tasks that still wait or run at the end."""

    @property
    def vanished(self):
        """The numbers of which nothing is known."""
        return self.accepted - set(self.runs) - self.failed

    def __str__(self):
        repeated = sum(count - 1 for count in self.runs.values())
        kills = ', '.join(f'{name} {count}' for name, count in sorted(self.kills.items()))
        return (
            f'accepted {len(self.accepted)} (refused in an outage and tried again: {self.refused}), ran '
            f'{len(self.runs)} (more than once: {repeated}), on the failed list {len(self.failed)}, '
            f'vanished {len(self.vanished)}, left {self.left}; killed: {kills}; {self.seconds:.0f} s'
        )


class Mayhem:
    """Kills workers and Redis, until it has done so often enough.

    :param kills: how often to kill one of the workers' processes.
    :param restarts: how often to kill Redis, and start it anew.
    """

    def __init__(self, server, manage, outcome, kills, restarts, pause):
        self._server, self._manage, self._outcome = server, manage, outcome
        self._plan = ['worker'] * kills + ['redis'] * restarts
        random.shuffle(self._plan)
        self._pause = pause
        self.workers = [self._start() for _ in range(SUPERVISORS)]

    def _start(self):
        return Worker(self._manage, '--count', '2', is_ready=False)

    def cause(self):
        """Do all of it."""
        for what in self._plan:
            time.sleep(random.uniform(0, 2 * self._pause))
            if what == 'redis':
                self._server.kill()
                self._server.start()
                self._outcome.kills['redis'] += 1
            else:
                self._kill_one_of(self.workers)

    def _kill_one_of(self, workers):
        worker = random.choice(workers)
        forks = children_of(worker.process.pid)
        runs = [pid for fork in forks for pid in children_of(fork)]
        kinds = {'supervisor': [worker.process.pid], 'worker': forks, 'run': runs}
        kind = random.choice([kind for kind, pids in kinds.items() if pids])
        victims = [random.choice(kinds[kind])]
        if kind == 'supervisor' and random.random() < 0.5:  # as if its machine had lost power
            kind, victims = 'machine', [*victims, *forks, *runs]
        for pid in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._outcome.kills[kind] += 1
        if kind in ('supervisor', 'machine'):
            worker.process.wait()
            workers[workers.index(worker)] = self._start()


def run_chaos(directory, tasks, kills, restarts, pause=0.2, preface=''):
    """Enqueue tasks, kill what runs them meanwhile, and give the :class:`Outcome` when all is quiet."""
    notes = Path(directory) / 'notes'
    notes.touch()
    outcome = Outcome()
    begin = time.monotonic()
    with running(RedisServer) as [server], contextlib.ExitStack() as stack:
        manage = write_project(directory, 'chaotic', preface + TASKS, url=server.url)
        stack.enter_context(_imported_from(directory))
        functions = importlib.import_module('chaotic.tasks')
        backend = RQBackend(url=server.url)
        stack.callback(backend.client.close)
        stack.enter_context(slot.replace(backend))
        mayhem = Mayhem(server, manage, outcome, kills, restarts, pause)
        stack.callback(lambda: [worker.stop() for worker in mayhem.workers])
        ids = []
        # The servers end with the thread that has started them, so this one has to be the thread that is left.
        thread = threading.Thread(target=_enqueue_all, args=(functions, str(notes), tasks, outcome, ids))
        thread.start()
        mayhem.cause()
        thread.join()
        with contextlib.suppress(AssertionError):
            wait_until(lambda: not _left(backend, ids), PATIENCE + tasks / SLOWEST_RATE)
        outcome.left = _left(backend, ids)
        outcome.failed = {state.args[1] for state in backend.tasks(TaskStatus.FAILED, limit=tasks)}
        outcome.runs = Counter(map(int, notes.read_text().split()))
    outcome.seconds = time.monotonic() - begin
    return outcome


def _enqueue_all(functions, notes, tasks, outcome, ids):
    for number in range(tasks):
        function = functions.note_with_retries if number % 2 else functions.note
        ids.append(_enqueue(function, notes, number, outcome))


def _enqueue(function, notes, number, outcome):
    while True:
        try:
            handle = taskqueue.enqueue(function, notes, number)
        except taskqueue.TaskQueueUnavailable:
            outcome.refused += 1
            time.sleep(0.02)
        else:
            outcome.accepted.add(number)
            return handle.id


def _left(backend, ids):
    """How many of the tasks have not come to an end."""
    with backend.client.pipeline(transaction=False) as pipeline:
        for task_id in ids:
            pipeline.hget(f'rq:job:{task_id}', 'status')
        return sum(status in (b'queued', b'scheduled', b'started') for status in pipeline.execute())


@contextlib.contextmanager
def _imported_from(directory):
    sys.path.insert(0, str(directory))
    try:
        yield
    finally:
        sys.path.remove(str(directory))
        for name in [name for name in sys.modules if name.partition('.')[0] == 'chaotic']:
            del sys.modules[name]
