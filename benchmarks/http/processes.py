"""The process of a service: its start, its questions, its CPU time and its memory."""

import contextlib
import json
import os
import shlex
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from http.client import HTTPException, HTTPResponse
from pathlib import Path

from benchmarks.http.answers import Answer
from benchmarks.http.peers import APPS, Peer
from benchmarks.http.pieces import HOST, Request

POOL_SIZE = 16
START_SECONDS = 60
STOP_SECONDS = 15
ANSWER_SECONDS = 20
PAUSE = 0.002
SETTLE_SECONDS = 5
SETTLE_PAUSE = 0.2
TICKS = os.sysconf('SC_CLK_TCK')
PAGE_BYTES = os.sysconf('SC_PAGE_SIZE')
FIRST_FIELD = 3  # of /proc/PID/stat, behind the name; proc(5) counts from there
USER_TIME, SYSTEM_TIME, RESIDENT = (number - FIRST_FIELD for number in (14, 15, 24))


class Service:
    """A service on a processor of its own.

    :param python: the interpreter of its virtual environment.
    :param variables: what it finds in its environment besides ``PORT``, ``DATABASE_URL`` and ``DB_POOL``.
    """

    def __init__(
        self, peer: Peer, python: Path, database_url: str, cpu: int, variables: Mapping[str, str] | None = None
    ) -> None:
        self.peer = peer
        self._cpu = cpu
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # as long as the service
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            self.port = probe.getsockname()[1]
        self._command = shlex.split(peer.command.format(python=shlex.quote(str(python)), port=self.port))
        kept = {name: value for name, value in os.environ.items() if not name.startswith(('PYTHON', 'COLIBRIS'))}
        self._environment = {
            **kept,
            'PORT': str(self.port),
            'DATABASE_URL': database_url,
            'DB_POOL': str(POOL_SIZE),
            'PYTHONPATH': str(APPS / 'common'),
            **(variables or {}),
        }

    def start(self) -> float:
        """Start it, and return how many seconds went by until it answered.

        :raises RuntimeError: it does not answer.
        """
        begin = time.perf_counter()
        self._process = subprocess.Popen(
            self._command,
            cwd=self.peer.directory,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {self._cpu}),
        )
        while not self._is_up():
            if self._process.poll() is not None or time.perf_counter() - begin > START_SECONDS:
                raise RuntimeError(f'{self.peer.name} does not start:\n{self.output()}')
            time.sleep(PAUSE)
        return time.perf_counter() - begin

    def stop(self) -> None:
        """Stop it, with everything that it has started."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def close(self) -> None:
        """Stop it for good."""
        self.stop()
        self._log.close()

    def output(self) -> str:
        """The end of what it has printed."""
        self._log.seek(0)
        return self._log.read().decode(errors='replace')[-3000:]

    def ask(self, request: Request) -> Answer:
        """Send a request, on a connection of its own."""
        with socket.create_connection((HOST, self.port), ANSWER_SECONDS) as connection:
            connection.sendall(request.encode())
            with contextlib.closing(HTTPResponse(connection, method=request.method)) as response:
                response.begin()
                text = response.read()
                is_json = 'json' in response.headers.get('Content-Type', '')
                return Answer(response.status, json.loads(text) if is_json and text else None)

    def cpu_seconds(self) -> float:
        """The CPU time that it has used."""
        return sum(int(fields[USER_TIME]) + int(fields[SYSTEM_TIME]) for fields in self._stats()) / TICKS

    def memory_mib(self) -> float:
        """Its resident memory."""
        return sum(int(fields[RESIDENT]) for fields in self._stats()) * PAGE_BYTES / 2**20

    def settle(self) -> None:
        """Wait until it has answered what was on its way when the load ended."""
        end = time.monotonic() + SETTLE_SECONDS
        used = -1.0
        while used != (used := self.cpu_seconds()) and time.monotonic() < end:
            time.sleep(SETTLE_PAUSE)

    def _is_up(self) -> bool:
        with contextlib.suppress(OSError, HTTPException):
            return self.ask(Request('GET', '/ping')).status == 200
        return False

    def _stats(self) -> Iterator[list[str]]:
        pending = [self._process.pid] if self._process else []
        while pending:
            process = Path('/proc', str(pending.pop()))
            with contextlib.suppress(OSError):
                yield (process / 'stat').read_text().rpartition(')')[2].split()
                pending += (process / 'task' / process.name / 'children').read_text().split()
