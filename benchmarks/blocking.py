"""How long requests without a database take while another request runs a 2-second statement.

    scripts/services python benchmarks/blocking.py

For each engine 200 requests are made one after another while the statement runs; printed is their 99th percentile,
which must stay under 50 ms, beside the one without the statement.
"""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from colibris import bridge, persist
from colibris.middleware import drive_request

REQUESTS = 200
SECONDS = 2
LIMIT_MS = 50
STATEMENTS = {
    'sqlite': (
        'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000000) SELECT count(*) FROM n'
    ),
    'postgresql': f'SELECT pg_sleep({SECONDS})',
    'mysql': f'SELECT SLEEP({SECONDS})',
}


def make_app(database, statement):
    async def ping(request):
        return web.Response(text='pong')

    async def slow(request):
        start = time.perf_counter()
        database.execute_sql(statement)
        return web.Response(text=str(time.perf_counter() - start))

    app = web.Application(middlewares=[drive_request])
    app.router.add_get('/ping', ping)
    app.router.add_get('/slow', slow)
    return app


async def measure(client, address):
    times = []
    for _ in range(REQUESTS):
        start = time.perf_counter()
        async with client.get(f'{address}/ping') as answer:
            await answer.read()
        times.append((time.perf_counter() - start) * 1000)
    return sorted(times)[REQUESTS * 99 // 100 - 1]


async def slow(client, address):
    async with client.get(f'{address}/slow') as answer:
        return float(await answer.text())


async def run(engine, database):
    runner = web.AppRunner(make_app(database, STATEMENTS[engine]))
    await runner.setup()
    site = web.TCPSite(runner, '127.0.0.1', 0)
    await site.start()
    address = 'http://{}:{}'.format(*runner.addresses[0])
    async with aiohttp.ClientSession() as client:
        await bridge.run(database.execute_sql, 'SELECT 1')
        alone = await measure(client, address)
        statement = asyncio.create_task(slow(client, address))
        await asyncio.sleep(0.05)
        beside = await measure(client, address)
        was_running = not statement.done()
        seconds = await statement
    await runner.cleanup()
    await database.stop()
    good = was_running and beside < LIMIT_MS
    print(
        f'{engine:12} p99 {alone:6.2f} ms alone, {beside:6.2f} ms beside a statement of {seconds:.1f} s'
        f'{"" if good else "  <- too slow" if was_running else "  <- the statement has ended too early"}'
    )
    return good


def databases(directory):
    yield 'sqlite', persist.SQLiteBackend(Path(directory) / 'blocking.db')
    for engine, kind, name in (
        ('postgresql', persist.PostgreSQLBackend, 'postgres'),
        ('mysql', persist.MySQLBackend, 'mysql'),
    ):
        address = os.environ.get(f'COLIBRIS_TEST_{engine.upper()}')
        if not address:
            sys.exit(f'no {engine} server: run scripts/services python {sys.argv[0]}')
        url = urlsplit(address)
        yield engine, kind(name, url.hostname, url.port, url.username, url.password)


def main():
    with tempfile.TemporaryDirectory() as directory:
        results = [asyncio.run(run(engine, database)) for engine, database in databases(directory)]
    sys.exit(not all(results))


if __name__ == '__main__':
    main()
