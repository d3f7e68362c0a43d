"""A project that is served in processes of its own."""

import http.client
import json
import re
import signal
import socket
import time
from pathlib import Path

__all__ = ['SETTINGS', 'Running', 'get', 'is_alive', 'is_refused', 'wait_until']

SECONDS = 60
SETTINGS = """
DEBUG = False
SECRET_KEY = 'x' * 20 + 'y' * 20
LISTEN = '127.0.0.1'
"""


def wait_until(condition):
    """Wait until something is the case, and return what it is."""
    deadline = time.monotonic() + SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline, 'it has not become so'
        time.sleep(0.02)
    return found


class Running:
    """``manage.py runserver``, from its start to its end."""

    def __init__(self, shop, *arguments, **options):
        self._path = shop.directory / f'log.{len(list(shop.directory.glob("log.*")))}'
        with self._path.open('w') as file:
            self.process = shop.start('runserver', *arguments, stdout=file, stderr=file, **options)

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        workers = self.children
        self.process.kill()
        self.process.wait()
        wait_until(lambda: not any(map(is_alive, workers)))

    @property
    def log(self):
        """What it has written so far."""
        return self._path.read_text()

    @property
    def port(self):
        """The port on which it listens, once it does."""
        return int(self.wait_for(r'Listening on https?://127\.0\.0\.1:(\d+) ')[1])

    @property
    def children(self):
        """The process ids of its children."""
        path = Path(f'/proc/{self.process.pid}/task/{self.process.pid}/children')
        try:
            return sorted(map(int, path.read_text().split()))
        except OSError:
            return []

    def wait_for(self, pattern, count=1):
        """Wait until it has written something so many times; the last match."""

        def find():
            has_ended = self.process.poll() is not None
            found = list(re.finditer(pattern, self.log))
            assert len(found) >= count or not has_ended, self.log
            return found[count - 1] if len(found) >= count else None

        return wait_until(find)

    def wait_for_workers(self, count, but=()):
        """Wait until so many workers serve, and no others are left; their process ids."""

        def find():
            assert self.process.poll() is None, self.log
            pids = self.children
            serve = all(f'worker {pid} serves\n' in self.log for pid in pids)
            return pids if len(pids) == count and serve and not set(pids) & set(but) else None

        return wait_until(find)

    def send(self, number=signal.SIGTERM):
        """Send the parent a signal."""
        self.process.send_signal(number)

    def wait(self):
        """Wait for its end; the exit status."""
        return self.process.wait(SECONDS)


def is_alive(pid):
    """Whether a process is there, and is more than remains."""
    try:
        return Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except OSError:
        return False


def get(port, path, connection=None):
    """Status and data of an answer."""
    used = connection or http.client.HTTPConnection('127.0.0.1', port, timeout=SECONDS)
    try:
        used.request('GET', path)
        response = used.getresponse()
        return response.status, json.loads(response.read())
    finally:
        if connection is None:
            used.close()


def is_refused(port):
    """Whether nobody listens."""
    with socket.socket() as probe:
        return probe.connect_ex(('127.0.0.1', port)) != 0
