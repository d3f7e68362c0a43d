"""Processes that are replaced, stopped and killed under load; benchmarks/restarts.py does it for a minute each."""

import asyncio
import contextlib
import os
import random
import signal
import socket
import time

import pytest

from tests.serving.load import Load
from tests.serving.processes import SETTINGS, Running

ROUTES = """
import asyncio
import os


async def pid(request):
    await asyncio.sleep(0.002)
    return os.getpid()


ROUTES = [('/pid', pid)]
"""
ROUNDS = 2
REQUESTS = 200
SEED = 8


QUIET = "LOGGING_OVERRIDES = {'root': {'level': 'WARNING'}, 'loggers': {'colibris.serving': {'level': 'INFO'}}}\n"


def write_project(shop):
    """Have a project do hardly anything, and log as little."""
    shop.write(routes=ROUTES, settings=SETTINGS + QUIET)


@pytest.fixture
def project(shop):
    """A project under load."""
    write_project(shop)
    return shop


async def test_rolling_restarts_fail_no_request(project):
    with Running(project, '--workers', '2', '--port', '0') as server:
        workers = await asyncio.to_thread(server.wait_for_workers, 2)
        async with Load(server.port) as load:
            for _ in range(ROUNDS):
                await load.until(REQUESTS)
                server.send(signal.SIGHUP)
                workers = await asyncio.to_thread(server.wait_for_workers, 2, workers)
            await load.until(REQUESTS)
        server.send()
        assert await asyncio.to_thread(server.wait) == 0
    assert load.outcome.failures == []
    assert len(load.outcome.answers) > 2


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as free:
        return free.getsockname()[1]


async def test_stopping_one_of_two_servers_fails_no_request(project):
    ports = [free_port(), free_port()]

    def start(port):
        return Running(project, '--no-reload', '--port', str(port))

    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(start(port)) for port in ports]
        for server in servers:
            assert await asyncio.to_thread(lambda server: server.port, server)
        async with Load(*ports) as load:
            for number in range(2 * ROUNDS):
                await load.until(REQUESTS)
                old = servers[number % 2]
                old.send()
                assert await asyncio.to_thread(old.wait) == 0
                await load.until(REQUESTS)
                new = servers[number % 2] = stack.enter_context(start(ports[number % 2]))
                assert await asyncio.to_thread(lambda new: new.port, new) == ports[number % 2]
    assert load.outcome.failures == []
    assert len(load.outcome.answers) > 2


async def test_killed_workers_fail_only_their_own_requests(project):
    chance = random.Random(SEED)
    killed = {}
    with Running(project, '--workers', '2', '--port', '0') as server:
        await asyncio.to_thread(server.wait_for_workers, 2)
        async with Load(server.port) as load:
            for _ in range(2 * ROUNDS):
                await load.until(REQUESTS)
                victim = chance.choice(server.children)
                os.kill(victim, signal.SIGKILL)
                killed[victim] = time.monotonic()
                await load.until(REQUESTS)
            await asyncio.to_thread(server.wait_for_workers, 2, killed)
            await load.until(REQUESTS)
    assert unexplained(load.outcome, killed) == []
    assert load.outcome.requests > 20 * len(load.outcome.failures)


def unexplained(outcome, killed):
    """The failures that are not those of requests to killed workers.

    :param killed: when each of them was killed, by its process id.
    """

    def is_explained(failure):
        if 'Connect call failed' in failure.reason:
            return False
        if failure.worker is None:  # nobody has answered yet on this connection
            return any(failure.began <= moment <= failure.ended for moment in killed.values())
        return failure.worker in killed

    return [failure for failure in outcome.failures if not is_explained(failure)]
