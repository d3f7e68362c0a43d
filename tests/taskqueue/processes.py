"""Projects whose ``manage.py runworker`` runs in a process of its own."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.processes import children_of, kill_all_of

PATIENCE = 60
REPOSITORY = Path(__file__).resolve().parents[2]

MANAGE = """
import sys
from pathlib import Path
sys.path[0] = str(Path(__file__).resolve().parent.parent)
sys.path.insert(1, {repository!r})
from colibris.commands import main
if __name__ == '__main__':
    sys.exit(main({package!r}))
"""


def write_project(directory, package, tasks='', **options):
    """Write a project whose tasks are in Redis, where ``options`` say; gives the path of its ``manage.py``."""
    directory = Path(directory) / package
    directory.mkdir(parents=True)
    task_queue = {'backend': 'colibris.taskqueue.rq.RQBackend', **options}
    files = {
        '__init__': '',
        'settings': f'TASK_QUEUE = {task_queue!r}',
        'tasks': tasks,
        'manage': MANAGE.format(repository=str(REPOSITORY), package=package),
    }
    for name, text in files.items():
        (directory / f'{name}.py').write_text(text)
    return directory / 'manage.py'


class Worker:
    """A ``manage.py runworker``; its output goes to a file."""

    def __init__(self, manage, *arguments, is_ready=True):
        self.log = manage.parent.parent / f'worker.{time.monotonic_ns()}.log'
        with self.log.open('wb') as log:
            self.process = subprocess.Popen(
                [sys.executable, str(manage), 'runworker', *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={name: value for name, value in os.environ.items() if not name.startswith('COLIBRIS_PROJECT')},
            )
        if is_ready:
            self.wait_for('Working on')

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.stop()

    @property
    def output(self):
        return self.log.read_text()

    def wait_for(self, text, count=1):
        """Wait until the output holds a text so many times."""
        wait_until(lambda: self.output.count(text) >= count or self.process.poll() is not None)
        assert self.output.count(text) >= count, self.output

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def wait(self):
        """Its exit status."""
        return self.process.wait(PATIENCE)

    def stop(self):
        """End it, in a hurry if it has to be."""
        if self.process.poll() is None:
            self.signal()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f'the worker does not end:\n{self.output}') from None

    def kill(self):
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()

    def discard(self):
        """End it and all that it has started, at once; what they have asked of Redis ends with them."""
        pids = kill_all_of(self.process)
        wait_until(lambda: all(map(has_ended, pids)))

    @property
    def children(self):
        """The process ids of the workers below it."""
        return children_of(self.process.pid)


def has_ended(pid):
    """Whether a process does nothing any more, although perhaps nobody has asked for its exit status yet."""
    try:
        return Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] == 'Z'
    except OSError:
        return True


def wait_until(condition, seconds=PATIENCE):
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, 'it takes too long'
        time.sleep(0.02)
