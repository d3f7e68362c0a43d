"""What stays the same when there is more of something: routes, rows of a page, requests.

    scripts/bench growth [--only routes,page,memory] [--requests N]

``routes``: how long a project with 10,000 routes takes to start, and to find the first of them, the last one and none,
beside one with 12 routes. ``page``: what a page of 1,000 rows costs beside one of 25. ``memory``: how much a service
grows while it answers requests, right and wrong ones; ``--requests 5_000_000`` are eight hours' worth. Every figure is
printed with its bar; the exit status is 1 when one is missed.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from statistics import median

from benchmarks.http import databases, load
from benchmarks.http.arguments import names, positive
from benchmarks.http.environments import python_of
from benchmarks.http.figures import Verdict
from benchmarks.http.measuring import choose_processors
from benchmarks.http.peers import Peer
from benchmarks.http.pieces import HOST, PIECES, Request
from benchmarks.http.processes import Service

FEW, MANY = 12, 10_000
STARTS = 5
START_LIMIT = 2.0  # seconds
ASKED = 2_000  # requests for each path
ROUTING_LIMIT = 1.5  # to try one route after another takes some ten times as long
GROUPS: dict[str, Callable[[int], int]] = {
    'a request for the first route': lambda routes: 0,
    'a request for the last route': lambda routes: routes // 4 - 1,
    'a request for no route': lambda routes: routes,
}

SMALL, LARGE = 25, 1_000
PAGE_REQUESTS = {SMALL: 200, LARGE: 20}
PAGE_ROUNDS = 9
PAGE_LIMIT = 40.0

REQUESTS = 100_000
CHUNK_SECONDS = 10
VARIETY = 4_000  # requests of a chunk, which has others than the one before
CONNECTIONS = 32
WARM_UP = 0.1
MEMORY_LIMIT = 1.1

PEER = Peer('grown', 'colibris', '{python} -m grown', ('colibris',), 'colibris')


@contextmanager
def grown(database: databases.ShopDatabase, routes: int) -> Iterator[Service]:
    """A project with many routes."""
    cpu, _ = choose_processors()
    python = python_of(PEER, 'postgresql')
    with closing(Service(PEER, python, database.url, cpu, {'ROUTES': str(routes)})) as service:
        yield service


def measure_routes(database: databases.ShopDatabase) -> Iterator[Verdict]:
    """How long a start takes, and a request for a route that stands at the beginning, at the end, or nowhere."""
    with grown(database, FEW) as few, grown(database, MANY) as many:
        starts = {service: min(_starts(service)) for service in (few, many)}
        print(f'{FEW:,} routes start in {starts[few]:.2f} s')
        yield at_most(f'{MANY:,} routes start, in seconds', starts[many], START_LIMIT)
        for text, group_of in GROUPS.items():
            times = _ask_in_turn([(few, _path(group_of(FEW))), (many, _path(group_of(MANY)))])
            print(f'{text}: {times[0] * 1e6:.0f} µs among {FEW:,} routes, {times[1] * 1e6:.0f} µs among {MANY:,}')
            yield at_most(f'{text}, among {MANY:,} routes to among {FEW:,}', times[1] / times[0], ROUTING_LIMIT)


def measure_page(database: databases.ShopDatabase) -> Iterator[Verdict]:
    """The CPU time of a large page, to that of a small one."""
    with grown(database, FEW) as service, closing(HTTPConnection(HOST, service.port)) as connection:
        service.start()
        costs: dict[int, list[float]] = {size: [] for size in PAGE_REQUESTS}
        for _ in range(PAGE_ROUNDS):
            for size, count in PAGE_REQUESTS.items():
                costs[size].append(_cost(service, connection, size, count, database.keys[0]))
        small, large = (median(costs[size][1:]) for size in (SMALL, LARGE))
        print(f'a page of {SMALL} rows takes {small * 1e3:.2f} ms of CPU time, one of {LARGE:,} {large * 1e3:.2f} ms')
        yield at_most(f'a page of {LARGE:,} rows, to one of {SMALL}', large / small, PAGE_LIMIT)


def measure_memory(database: databases.ShopDatabase, requests: int) -> Iterator[Verdict]:
    """The memory after many requests, to that after the first of them."""
    load.check()
    with grown(database, FEW) as service, tempfile.TemporaryDirectory() as directory:
        service.start()
        answered, samples, failed = 0, [], 0
        while answered < requests:
            path = Path(directory) / 'requests'
            load.write_requests(path, make_mixture(Random(len(samples)), database))
            chunk = load.put_load(
                service.port, path, seconds=CHUNK_SECONDS, connections=CONNECTIONS, cpu=choose_processors()[1]
            )
            service.settle()
            database.tidy()
            answered += chunk.requests
            failed += chunk.socket_errors
            samples.append((answered, service.memory_mib()))
            print(f'{answered:>11,} requests: {samples[-1][1]:.1f} MiB', flush=True)
        warm = next(memory for count, memory in samples if count >= WARM_UP * requests)
        yield at_most(f'memory after {answered:,} requests, to the first tenth', samples[-1][1] / warm, MEMORY_LIMIT)
        yield at_most('requests without an answer', failed, 0)


def make_mixture(random: Random, database: databases.ShopDatabase) -> list[Request]:
    """Requests of all kinds, most of them right; wrk does not take a wrong one as the first."""
    right = [piece.request for piece in PIECES.values()]
    kinds = [right[0], *random.choices([*right, *right, make_wrong], k=VARIETY)]
    return [kind(random, database.keys, database.rows) for kind in kinds]


def make_wrong(random: Random, keys: Sequence[str], rows: int) -> Request:
    """A request that cannot be answered well, with words that no other one has."""
    word, key = f'{random.getrandbits(64):x}', random.choice(keys)
    return random.choice(
        [
            Request('GET', f'/nowhere/{word}'),
            Request('GET', f'/items/{rows + random.randint(10**6, 10**7)}', key=key),
            Request('GET', f'/items?page=1&{word}={word}', key=key),
            Request('GET', '/items/1', key=word),
            Request('POST', '/validate', {word: word}),
            Request('POST', '/validate', b'{"name": '),
            Request('POST', '/items', {'name': word}, key),
            Request(f'M{word[:4].upper()}', '/items', key=key),
        ]
    )


def at_most(text: str, measured: float, limit: float) -> Verdict:
    """Whether a figure is small enough."""
    return Verdict(text, measured, limit, measured <= limit)


def _starts(service: Service) -> Iterator[float]:
    for _ in range(STARTS):
        service.stop()
        yield service.start()


def _path(group: int) -> str:
    return f'/api/group{group}/notes/7'


def _ask_in_turn(targets: Sequence[tuple[Service, str]]) -> list[float]:
    times: list[list[float]] = [[] for _ in targets]
    with ExitStack() as stack:
        connections = [
            (stack.enter_context(closing(HTTPConnection(HOST, service.port))), path) for service, path in targets
        ]
        for _ in range(ASKED):
            for (connection, path), found in zip(connections, times, strict=True):
                found.append(_time_of(connection, path))
    return [median(found) for found in times]


def _time_of(connection: HTTPConnection, path: str) -> float:
    start = time.perf_counter()
    connection.request('GET', path)
    connection.getresponse().read()
    return time.perf_counter() - start


def _cost(service: Service, connection: HTTPConnection, size: int, count: int, key: str) -> float:
    before = service.cpu_seconds()
    for _ in range(count):
        connection.request('GET', f'/items?page=1&page_size={size}', headers={'Authorization': f'Bearer {key}'})
        text = connection.getresponse().read()
    if len(json.loads(text)['items']) != size:
        raise RuntimeError(f'a page of {size} rows has another number of them')
    return (service.cpu_seconds() - before) / count


def main() -> int:
    """Measure, print, and say whether all is well."""
    parser = argparse.ArgumentParser('scripts/bench growth', description=(__doc__ or '').partition('\n')[0])
    parser.add_argument('--requests', type=positive, default=REQUESTS, help='how many the memory is measured over')
    parser.add_argument('--only', type=names, help='some of routes,page,memory')
    options = parser.parse_args()
    parts: dict[str, Callable[[databases.ShopDatabase], Iterator[Verdict]]] = {
        'routes': measure_routes,
        'page': measure_page,
        'memory': lambda database: measure_memory(database, options.requests),
    }
    wanted = options.only or list(parts)
    if unknown := set(wanted) - set(parts):
        parser.error(f'there is no part {", ".join(unknown)}')
    missed = 0
    with databases.postgresql() as database:
        database.fill()
        for name in wanted:
            for verdict in parts[name](database):
                print(verdict, flush=True)
                missed += not verdict.is_met
    return 1 if missed else 0


if __name__ == '__main__':
    sys.exit(main())
