"""Load, by wrk, from a processor of its own."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.http.pieces import HOST, Request

SCRIPT = Path(__file__).with_name('load.lua')
PREFIX = 'FIGURES '
TIMEOUT = 10  # seconds that wrk waits for an answer
SLACK = 60


@dataclass(frozen=True)
class Round:
    """The figures of some seconds of load. ``refused`` counts statuses of 400 and more."""

    requests: int
    duration_us: int
    p50_us: int
    p99_us: int
    refused: int = 0
    socket_errors: int = 0
    cpu_seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests * 1e6 / self.duration_us

    @property
    def cpu_us(self) -> float:
        """CPU time of the service for each request, in microseconds."""
        return self.cpu_seconds * 1e6 / max(self.requests, 1)


def write_requests(path: Path, requests: Iterable[Request]) -> None:
    """Write a file for :func:`put_load`."""
    encoded = [request.encode() for request in requests]
    path.write_bytes(b''.join(b'%d\n%s' % (len(data), data) for data in encoded))


def check() -> None:
    """Make sure that there is a wrk.

    :raises SystemExit: there is none.
    """
    if shutil.which('wrk') is None:
        raise SystemExit('the program wrk is missing; install the Debian package wrk')


def put_load(port: int, requests: Path, *, seconds: int, connections: int, cpu: int) -> Round:
    """Send requests for some seconds, as fast as the answers come."""
    options = ['--threads=1', f'--connections={connections}', f'--duration={seconds}s', f'--timeout={TIMEOUT}s']
    result = subprocess.run(
        ['wrk', *options, f'--script={SCRIPT}', f'http://{HOST}:{port}', '--', str(requests)],
        capture_output=True,
        text=True,
        timeout=seconds + SLACK,
        check=False,
        preexec_fn=lambda: os.sched_setaffinity(0, {cpu}),
    )
    for line in result.stdout.splitlines():
        if line.startswith(PREFIX):
            return Round(**json.loads(line.removeprefix(PREFIX)))
    raise RuntimeError(f'wrk has failed:\n{result.stdout}\n{result.stderr}')
