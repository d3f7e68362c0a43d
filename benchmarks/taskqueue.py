"""What background tasks cost through colibris, bare RQ and SAQ (asyncio, in its workers too), on one Redis.

    scripts/services python benchmarks/taskqueue.py [TASKS]

Printed are, for each: tasks enqueued per second by one process; no-op tasks done per second by one worker and by two;
percentiles in milliseconds of the time from the call of a task to its result, with an idle worker; and the Redis
connections of a program in which many wait for results. For colibris also the time from a task's end to the
continuation of the handler that awaits it. RQ and colibris run each task in a process of its own, which can be killed;
SAQ runs them all in the worker's loop. RQ waits in threads; SAQ looks for results every 20 ms (by default 500).
"""

import asyncio
import contextlib
import importlib
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import redis
import rq
import saq

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from colibris import bridge, taskqueue
from colibris.taskqueue.rq import RQBackend
from colibris.taskqueue.slot import slot
from tests.taskqueue.processes import Worker, wait_until, write_project

DATABASE = 19
TASKS = 500
ROUND_TRIPS = 200
SAQ_POLL_SECONDS = 0.02
WAITING = {'colibris': 1000, 'SAQ': 100, 'RQ': 50}
TASK_MODULE = """
import time

def work():
    return time.time()

async def work_async(ctx):
    return time.time()
"""
SAQ_WORKER = """
import asyncio, sys
from saq import Queue, Worker
from benchmarked.tasks import work_async

queue = Queue.from_url(sys.argv[1])
worker = Worker(queue, functions=[work_async], concurrency=1)
print('started', flush=True)
asyncio.run(worker.start())
"""


class Colibris:
    """``taskqueue`` in a driven coroutine, and ``manage.py runworker``."""

    name = 'colibris'
    waiting_list = 'rq:queue:default'

    def __init__(self, url, manage):
        self._manage = manage
        self._backend = RQBackend(url=url, poll_results_interval=60)
        self._work = importlib.import_module('benchmarked.tasks').work

    @contextlib.contextmanager
    def workers(self, count):
        with Worker(self._manage, '--count', str(count)):
            yield

    async def start(self):
        await self._backend.start()

    async def stop(self):
        await self._backend.stop()

    async def enqueue(self, count):
        with slot.replace(self._backend):
            await bridge.run(lambda: [taskqueue.enqueue(self._work) for _ in range(count)])

    async def execute(self):
        with slot.replace(self._backend):
            return await bridge.drive(taskqueue.execute(self._work))

    async def wait_for_many(self, count):
        return await asyncio.gather(*(self.execute() for _ in range(count)))


class BareRQ:
    """``Queue.enqueue`` and ``rq worker``."""

    name = 'RQ'
    waiting_list = 'rq:queue:default'

    def __init__(self, url, manage):
        self._url, self._directory = url, manage.parent.parent
        self._queue = rq.Queue(connection=redis.Redis.from_url(url))
        self._work = importlib.import_module('benchmarked.tasks').work

    @contextlib.contextmanager
    def workers(self, count):
        command = [sys.executable, '-m', 'rq.cli', 'worker', '--quiet', '--url', self._url]
        with processes(command, count, self._directory):
            wait_until(lambda: rq.Worker.count(queue=self._queue) == count)
            yield

    async def start(self):
        """Its client connects when it is first used."""

    async def stop(self):
        self._queue.connection.close()

    async def enqueue(self, count):
        for _ in range(count):
            self._queue.enqueue(self._work)

    async def execute(self):
        return self._queue.enqueue(self._work).latest_result(timeout=60).return_value

    async def wait_for_many(self, count):
        def run():
            asyncio.run(self.execute())

        threads = [threading.Thread(target=run) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            await asyncio.to_thread(thread.join)


class Saq:
    """``Queue.enqueue`` and ``Queue.apply``, and a worker that runs one task at a time."""

    name = 'SAQ'
    waiting_list = 'saq:default:queued'

    def __init__(self, url, manage):
        self._url, self._directory = url, manage.parent.parent
        self._queue = None

    @contextlib.contextmanager
    def workers(self, count):
        command = [sys.executable, '-c', SAQ_WORKER, self._url]
        with processes(command, count, self._directory) as started:
            for process in started:
                process.stdout.readline()
            yield

    async def start(self):
        self._queue = saq.Queue.from_url(self._url)

    async def stop(self):
        await self._queue.disconnect()

    async def enqueue(self, count):
        for _ in range(count):
            await self._queue.enqueue('work_async')

    async def execute(self):
        return await self._queue.apply('work_async', timeout=60, poll_interval=SAQ_POLL_SECONDS)

    async def wait_for_many(self, count):
        await asyncio.gather(*(self.execute() for _ in range(count)))


@contextlib.contextmanager
def processes(command, count, directory):
    environment = {**os.environ, 'PYTHONPATH': str(directory)}
    started = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for _ in range(count)
    ]
    try:
        yield started
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.communicate()


async def measure_enqueuing(way, client, count):
    client.flushdb()
    begin = time.perf_counter()
    await way.enqueue(count)
    return count / (time.perf_counter() - begin)


async def measure_throughput(way, client, count, workers):
    """Tasks done per second, from when some are done until all are."""
    client.flushdb()
    await way.enqueue(count)
    marks = []
    with way.workers(workers):
        for left in (count - count // 10, 0):
            wait_until(lambda left=left: client.llen(way.waiting_list) <= left)
            marks.append((time.perf_counter(), client.llen(way.waiting_list)))
    (begin, at_first), (end, at_last) = marks
    return (at_first - at_last) / (end - begin)


async def measure_round_trips(way, client):
    """The times from call to result, and those from the task's end to it, in milliseconds, sorted."""
    client.flushdb()
    whole, last_part = [], []
    with way.workers(1):
        await way.execute()
        for _ in range(ROUND_TRIPS):
            begin = time.time()
            end = await way.execute()
            arrival = time.time()
            whole.append((arrival - begin) * 1000)
            last_part.append((arrival - end) * 1000)
    return sorted(whole), sorted(last_part)


async def measure_connections(way, client, many):
    """The most connections of this process while many wait."""
    client.flushdb()
    waiting = asyncio.create_task(way.wait_for_many(many))
    await asyncio.to_thread(wait_until, lambda: waiting.done() or client.llen(way.waiting_list) == many)
    await asyncio.wait([waiting], timeout=0.5)  # for those that have not begun to wait
    own = client.client_info()
    most = sum(int(item['db']) == own['db'] and int(item['id']) != own['id'] for item in client.client_list())
    with way.workers(2):
        await waiting
    return most


async def report(way, client, count):
    await way.start()
    rate = await measure_enqueuing(way, client, count)
    one, two = [await measure_throughput(way, client, count, workers) for workers in (1, 2)]
    whole, last_part = await measure_round_trips(way, client)
    await way.stop()
    await way.start()
    many = WAITING[way.name]
    connections = await measure_connections(way, client, many)
    await way.stop()
    percentiles = '/'.join(f'{whole[int(len(whole) * part)]:.1f}' for part in (0.5, 0.95, 0.99))
    print(f'{way.name:<9}{rate:>10.0f}{one:>11.0f}{two:>13.0f}{percentiles:>22}{connections:>9} for {many} waiting')
    return statistics.median(last_part)


def main(count=TASKS):
    address = os.environ.get('COLIBRIS_TEST_REDIS')
    if not address:
        sys.exit('run it with: scripts/services python benchmarks/taskqueue.py')
    url = f'{address}/{DATABASE}'
    with tempfile.TemporaryDirectory() as directory, contextlib.closing(redis.Redis.from_url(url)) as client:
        manage = write_project(directory, 'benchmarked', TASK_MODULE, url=url)
        sys.path.insert(0, directory)
        print(f'{"":<9}{"enqueued/s":>10}{"1 worker/s":>11}{"2 workers/s":>13}{"p50/p95/p99 ms":>22}  connections')
        medians = {}
        for kind in (Colibris, BareRQ, Saq):
            way = kind(url, manage)
            medians[kind] = asyncio.run(report(way, client, count))
        print(f"colibris, from a task's end to the awaiting handler: {medians[Colibris]:.1f} ms (median)")
        client.flushdb()


if __name__ == '__main__':
    main(*map(int, sys.argv[1:]))
