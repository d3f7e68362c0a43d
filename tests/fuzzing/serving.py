"""The shop, served in a process of its own."""

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.persist.engines.conftest import BACKENDS, server_address

__all__ = ['KEY', 'Shop', 'serving']

MANAGE = Path(__file__).resolve().parent / 'shop' / 'manage.py'
START_SECONDS = STOP_SECONDS = 60
FAILURE = re.compile(r' \[(ERROR|CRITICAL)\]|Traceback| 5\d\d \d+\.\d ms$')
KEY = 'the-key-of-a-boss'
FILL = f"""
from shop import models

database = persist.get_database()
database.drop()
database.create()
database.create_tables(persist.models_of('shop'))
models.Account.create(api_key={KEY!r}, role='boss')
for number in range(60):
    maker = models.Maker.create(name=f'maker {{number}}') if number % 10 == 0 else None
    models.Thing.create(name=f'thing {{number % 7}}', maker=maker, stock=number % 5, price=number % 3 or None)
    models.Seat.create(row=number // 10, number=number % 10, label=f's{{number}}')
    models.Tag.create(word=f'tag{{number}}')
"""


@dataclass
class Shop:
    """A server.

    :param directory: where it may write.
    :param port: the port on the loopback interface.
    :param pid: its process.
    :param log: the file of its log.
    """

    directory: Path
    port: int
    pid: int
    log: Path

    @property
    def memory(self):
        """The memory that it holds, in MiB."""
        return int(re.search(r'VmRSS:\s+(\d+)', Path(f'/proc/{self.pid}/status').read_text())[1]) / 1024

    def failures(self):
        """The lines of its log that tell of an error, or of an answer with a status from 500."""
        with self.log.open() as log:
            return [line.rstrip() for line in log if FAILURE.search(line)]


@contextlib.contextmanager
def serving(engine='sqlite'):
    """Serve the shop with some rows in a database on an engine."""
    with tempfile.TemporaryDirectory() as directory:
        environment = {**os.environ, 'FUZZED_DATABASE': json.dumps(_database_on(engine, directory))}

        def manage(*arguments):
            return subprocess.Popen(
                [sys.executable, str(MANAGE), *arguments], env=environment, cwd=directory, stdout=log, stderr=log
            )

        with (Path(directory) / 'log').open('w') as log:
            _finish(manage('shell', '-c', FILL), log)
            server = manage('runserver', '--no-reload', '--port', '0')
            try:
                yield Shop(Path(directory), _port_of(server, log), server.pid, Path(log.name))
            finally:
                server.terminate()
                server.wait(STOP_SECONDS)
                _finish(manage('shell', '-c', 'persist.get_database().drop()'), log)


def _database_on(engine, directory):
    """The setting ``DATABASE``."""
    if engine == 'sqlite':
        return {'backend': 'colibris.persist.SQLiteBackend', 'name': str(Path(directory) / 'shop.db')}
    return {'backend': BACKENDS[engine], 'name': 'colibris_fuzzed', **server_address(engine)}


def _finish(process, log):
    if process.wait(START_SECONDS):
        raise RuntimeError(Path(log.name).read_text())


def _port_of(server, log):
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        match = re.search(r'Listening on http://127\.0\.0\.1:(\d+)', Path(log.name).read_text())
        if match:
            return int(match[1])
        time.sleep(0.05)
    raise RuntimeError(Path(log.name).read_text())
