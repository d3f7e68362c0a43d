"""One process computes, and the others wait for it, unless it dies."""

import contextlib
import json
import subprocess
import sys

import pytest

from tests.cache.worker import COUNTER, HANG, MISSES

SHORT = 1
LONG = 600


@pytest.fixture
def start(redis_url):
    """Start a worker that is ready to ask."""
    with contextlib.ExitStack() as stack:

        def start(lock_lifetime, mode='finish'):
            command = [sys.executable, '-m', 'tests.cache.worker', redis_url, str(lock_lifetime), mode]
            worker = stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            stack.callback(worker.kill)
            assert said(worker) == 'ready'
            return worker

        yield start


def test_concurrent_misses_in_two_processes(start, client):
    workers = [start(LONG), start(LONG)]
    for worker in workers:
        ask(worker)
    outcomes = [said(worker) for worker in workers]
    assert outcomes.count('computing') == 1
    outcomes[outcomes.index('computing')] = said(workers[outcomes.index('computing')])
    assert outcomes == [[1] * MISSES] * 2
    assert int(client.get(COUNTER)) == 1


def test_the_computing_process_is_killed(start, client):
    killed, other = start(SHORT, HANG), start(SHORT)
    ask(killed)
    assert said(killed) == 'computing'
    killed.kill()
    ask(other)
    assert said(other) == 'computing'
    assert said(other) == [2] * MISSES
    assert int(client.get(COUNTER)) == 2


def test_others_wait_for_a_lock_that_has_not_expired(start, client):
    computing, other = start(LONG, HANG), start(LONG)
    ask(computing)
    assert said(computing) == 'computing'
    ask(other)
    [lease] = client.keys('*lease*')
    assert (LONG - 60) * 1000 < client.pttl(lease) <= LONG * 1000
    client.delete(lease)  # as if the time had passed
    assert said(other) == 'computing'
    assert said(other) == [2] * MISSES


def ask(worker):
    worker.stdin.write('\n')
    worker.stdin.flush()


def said(worker):
    return json.loads(worker.stdout.readline())
