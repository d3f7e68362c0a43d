"""What drives a project from outside, as a user would: processes and HTTP, nothing of colibris itself."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent.parent
SECONDS = 60


def clean_environment(**variables: str) -> dict[str, str]:
    """The environment of a fresh shell: nothing of colibris', nothing of pytest's."""
    kept = ('PATH', 'HOME', 'LANG', 'TMPDIR')
    return {
        **{
            name: value
            for name, value in os.environ.items()
            if name in kept or name.upper().startswith(('PIP_', 'HTTP', 'SSL', 'NO_PROXY'))
        },
        **variables,
    }


def run(
    *command: str | Path, cwd: Path | None = None, check: bool = True, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; its output is in the failure's message."""
    result = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean_environment(**variables),
        capture_output=True,
        text=True,
        timeout=300,
        stdin=subprocess.DEVNULL,
    )
    if check:
        assert result.returncode == 0, f'{command} ended with {result.returncode}\n{result.stdout}\n{result.stderr}'
    return result


@dataclass
class Answer:
    """What a server answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.body)


@dataclass
class Client:
    """Speaks HTTP to a server."""

    base: str
    headers: dict[str, str] = field(default_factory=dict)

    def request(self, method: str, path: str, data: Any = None, **headers: str) -> Answer:
        body = data if isinstance(data, bytes) or data is None else json.dumps(data).encode()
        content = {'Content-Type': 'application/json'} if body is not None else {}
        request = urllib.request.Request(self.base + path, body, {**content, **self.headers, **headers}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as response:
                return Answer(response.status, dict(response.headers), response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read())

    def get(self, path: str, **headers: str) -> Answer:
        return self.request('GET', path, **headers)

    def post(self, path: str, data: Any = None, **headers: str) -> Answer:
        return self.request('POST', path, data, **headers)

    def patch(self, path: str, data: Any = None) -> Answer:
        return self.request('PATCH', path, data)

    def put(self, path: str, data: Any = None) -> Answer:
        return self.request('PUT', path, data)

    def delete(self, path: str) -> Answer:
        return self.request('DELETE', path)

    def with_key(self, key: str) -> 'Client':
        return Client(self.base, {**self.headers, 'Authorization': f'Bearer {key}'})


class Server:
    """A server in a process of its own, listening on a free port."""

    def __init__(self, *command: str | Path, cwd: Path, **variables: str) -> None:
        self.process = subprocess.Popen(
            [*map(str, command), 'runserver', '--host', '127.0.0.1', '--port', '0'],
            cwd=cwd,
            env=clean_environment(**variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.output: list[str] = []
        self._lines: Queue[str | None] = Queue()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.client = Client(self._wait_for(r'Listening on (http://\S+)'))
        except BaseException:
            self.process.kill()
            raise

    def stop(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        try:
            status = self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self._reader.join(SECONDS)
        return status

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as stream:
            for line in stream:
                self.output.append(line.rstrip())
                self._lines.put(line)
        self._lines.put(None)

    def _wait_for(self, pattern: str) -> str:
        while (line := self._lines.get(timeout=SECONDS)) is not None:
            match = re.search(pattern, line)
            if match:
                return match[1]
        raise AssertionError('the server did not start:\n' + '\n'.join(self.output))


def interpreters() -> dict[str, str]:
    """The Python versions that colibris supports and this machine has, with their paths."""
    found = {f'{sys.version_info.major}.{sys.version_info.minor}': sys.executable}
    for version in ('3.11', '3.12', '3.13'):
        for path in _candidates(version):
            if version not in found and _is_python(path, version):
                found[version] = path
    return dict(sorted(found.items()))


def _candidates(version: str) -> list[str]:
    beside_this_one = Path(sys.base_prefix).parent.glob(f'{version}.*/bin/python')
    return [f'python{version}', *map(str, sorted(beside_this_one))]


def _is_python(path: str, version: str) -> bool:
    code = 'import sys; print("%d.%d" % sys.version_info[:2])'
    try:
        result = subprocess.run([path, '-c', code], capture_output=True, text=True)
    except OSError:
        return False
    return result.stdout.strip() == version
