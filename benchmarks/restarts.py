"""Does a request fail while processes are replaced, stopped and killed under load?

    scripts/bench restarts [SECONDS [SCENE ...]]

Each of the three scenes takes a minute, or as many seconds as are asked for:

- ``hangups``: ``wrk`` asks ``runserver --workers 2``, whose workers are replaced (SIGHUP) every few seconds;
- ``restarts``: ``wrk`` asks nginx, behind which one of two servers is stopped (SIGTERM) and started every few seconds;
- ``kills``: a client that knows who answers asks ``runserver --workers 2``, a worker of which is killed (SIGKILL) every
  second or so, at random.

Printed are the requests, those that failed, and the slowest answer where ``wrk`` tells it. The exit status is 1 if one
failed that should not have: with kills, those fail that were on a connection to a killed worker. Needed are the Debian
packages ``wrk`` and ``nginx-light``.
"""

import asyncio
import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.commands.conftest import Shop
from tests.serving.load import Load
from tests.serving.processes import Running, wait_until
from tests.serving.test_load import free_port, unexplained, write_project

SECONDS = 60
CONNECTIONS = 32
PAUSE = 4
KILL_PAUSES = (0.5, 2)
NGINX = """
daemon off;
pid {directory}/nginx.pid;
error_log {directory}/nginx.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    upstream service {{
        server 127.0.0.1:{first} max_fails=0;
        server 127.0.0.1:{second} max_fails=0;
        keepalive 16;
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://service;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }}
    }}
}}
"""


def hangups(project, seconds):
    """Replace all workers again and again."""
    with Running(project, '--workers', '2', '--port', '0') as server:
        workers, rolls = server.wait_for_workers(2), 0
        with wrk(server.port, seconds) as load:
            while load.poll() is None:
                server.send(signal.SIGHUP)
                workers = server.wait_for_workers(2, but=workers)
                rolls += 1
                time.sleep(PAUSE)
        return f'{rolls} times all workers', *result(load)


def restarts(project, seconds):
    """Stop and start one server after the other."""
    ports = [free_port(), free_port()]
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(Running(project, '--no-reload', '--port', str(port))) for port in ports]
        for server in servers:
            wait_until(lambda server=server: server.port)
        port, count = stack.enter_context(nginx(*ports)), 0
        with wrk(port, seconds) as load:
            while load.poll() is None:
                number = count % 2
                servers[number].send()
                servers[number].wait()
                servers[number] = stack.enter_context(Running(project, '--no-reload', '--port', str(ports[number])))
                wait_until(lambda number=number: servers[number].port)
                count += 1
                time.sleep(PAUSE)
        return f'{count} restarts', *result(load)


def kills(project, seconds):
    """Kill workers."""
    with Running(project, '--workers', '2', '--port', '0') as server:
        server.wait_for_workers(2)
        killed, outcome = asyncio.run(kill_under_load(server, seconds))
    odd = unexplained(outcome, killed)
    for failure in odd:
        print(failure)
    return f'{len(killed)} kills', outcome.requests, len(outcome.failures), len(odd), ''


async def kill_under_load(server, seconds):
    killed, end = {}, time.monotonic() + seconds
    async with Load(server.port, clients=CONNECTIONS) as load:
        while time.monotonic() < end:
            await asyncio.sleep(random.uniform(*KILL_PAUSES))
            if children := server.children:
                victim = random.choice(children)
                os.kill(victim, signal.SIGKILL)
                killed[victim] = time.monotonic()
        await load.until(CONNECTIONS)
    return killed, load.outcome


@contextlib.contextmanager
def wrk(port, seconds):
    """``wrk``, which ends by itself."""
    words = ['wrk', '-t1', f'-c{CONNECTIONS}', f'-d{seconds}s', '--timeout', '20s', '--latency']
    with subprocess.Popen([*words, f'http://127.0.0.1:{port}/pid'], stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.output = process.stdout.read()


def result(load):
    """Requests, failures, unexpected failures, and the slowest answer."""
    requests = int(re.search(r'(\d+) requests in', load.output)[1])
    errors = re.search(r'Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)', load.output)
    wrong = re.search(r'Non-2xx or 3xx responses: (\d+)', load.output)
    failures = sum(map(int, (*(errors.groups() if errors else ()), wrong[1] if wrong else 0)))
    return requests, failures, failures, re.search(r'Latency +\S+ +\S+ +(\S+)', load.output)[1]


@contextlib.contextmanager
def nginx(first, second):
    """nginx in front of two servers; gives its port."""
    with tempfile.TemporaryDirectory() as directory:
        port = free_port()
        path = Path(directory) / 'nginx.conf'
        path.write_text(NGINX.format(directory=directory, port=port, first=first, second=second))
        program = shutil.which('nginx', path=f'{os.environ["PATH"]}:/usr/sbin')
        with subprocess.Popen([program, '-c', str(path)], stderr=subprocess.DEVNULL) as process:
            wait_until((Path(directory) / 'nginx.pid').exists)
            try:
                yield port
            finally:
                process.terminate()


def main(seconds=SECONDS, *names):
    print(f'{"scene":<10}{"":<24}{"requests":>10}{"failed":>8}{"unexpected":>12}{"slowest":>10}')
    total = 0
    for scene in [scene for scene in (hangups, restarts, kills) if scene.__name__ in names or not names]:
        with tempfile.TemporaryDirectory() as directory:
            project = Shop(Path(directory))
            write_project(project)
            what, requests, failures, unexpected, slowest = scene(project, seconds)
        print(f'{scene.__name__:<10}{what:<24}{requests:>10}{failures:>8}{unexpected:>12}{slowest:>10}', flush=True)
        total += unexpected
    return int(total > 0)


if __name__ == '__main__':
    sys.exit(main(*map(int, sys.argv[1:2]), *sys.argv[2:]))
