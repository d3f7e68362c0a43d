"""How many of Python's own instructions a request takes, by part, in colibris and in bare aiohttp.

    scripts/bench instructions [--pieces NAME,…] [--functions N]

The pieces of work, the services and the database are those of ``scripts/bench http``, but there is no socket: requests
are handed to the server's protocol, on 32 connections that each send one after another. What is written in C, such as
asyncpg, orjson and uvloop, has no instructions of Python's. Unlike times, counts hardly depend on what else the
machine does, and show a difference of one per cent. ``--functions`` lists those with the most instructions.

A run over all pieces of work writes the table of docs/performance.md.
"""

import argparse
import asyncio
import importlib
import itertools
import os
import platform
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import uvloop
from aiohttp import web

from benchmarks.http import databases
from benchmarks.http.arguments import names, positive
from benchmarks.http.environments import CHECKOUT
from benchmarks.http.peers import APPS
from benchmarks.http.pieces import HOST, PIECES
from benchmarks.http.processes import POOL_SIZE
from benchmarks.http.tables import make_table, write_block

MANUAL = CHECKOUT / 'docs' / 'performance.md'
CONNECTIONS = 32
WARM_UP, COUNTED = 5, 20  # requests of each connection
GENERATED = '<colibris: '
PARTS = {
    str(APPS): 'the project',
    str(CHECKOUT / 'colibris' / 'bridge.py'): 'the bridge',
    str(CHECKOUT / 'colibris' / 'persist'): 'statements and rows',
    GENERATED: 'compiled functions',
    str(CHECKOUT / 'colibris' / 'authentication'): 'authentication',
    str(CHECKOUT / 'colibris' / 'views'): 'views and answers',
    str(CHECKOUT / 'colibris'): 'server, steps, the rest of colibris',
    'peewee.py': 'Peewee',
    '': 'aiohttp and everything else',
}

Counts = Mapping[CodeType, float]


class Transport(asyncio.Transport):
    """A connection that keeps what is written for whoever waits for it."""

    def __init__(self) -> None:
        super().__init__({'peername': (HOST, 1), 'sockname': (HOST, 2)})
        self.written: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def write(self, data: Any) -> None:
        """Take the whole answer: there is no other."""
        self.written.set_result(bytes(data))

    def is_closing(self) -> bool:
        """It stays open."""
        return False

    def pause_reading(self) -> None:
        """There is nothing to be paused."""

    def resume_reading(self) -> None:
        """There is nothing to be paused."""

    def close(self) -> None:
        """There is nothing to be closed."""

    def abort(self) -> None:
        """There is nothing to be closed."""


class Client:
    """Sends requests on a connection of its own."""

    def __init__(self, runner: web.BaseRunner) -> None:
        make_protocol: Any = runner.server
        self._protocol = make_protocol()
        self._protocol.connection_made(Transport())

    async def ask(self, number: int, requests: Iterator[bytes]) -> None:
        """Send requests, each when the one before has been answered.

        :raises SystemExit: an answer is not what it should be.
        """
        for request in itertools.islice(requests, number):
            transport = self._protocol.transport = Transport()
            self._protocol.data_received(request)
            answer = await transport.written
            if not answer.startswith(b'HTTP/1.1 20'):
                raise SystemExit(f'{request!r} is answered with {answer!r}')


class Tracer:
    """Counts instructions while it is told to."""

    def __init__(self) -> None:
        self.counts: Counter[CodeType] = Counter()
        self.is_counting = False

    def __call__(self, frame: FrameType, event: str, argument: Any) -> 'Tracer | None':
        """Count an instruction."""
        if frame.f_code.co_filename == __file__:
            return None
        if event == 'call':
            frame.f_trace_lines, frame.f_trace_opcodes = False, True
        elif event == 'opcode' and self.is_counting:
            self.counts[frame.f_code] += 1
        return self


@contextmanager
def tracing() -> Iterator[Tracer]:
    """Everything that begins in a block is traced, what is driven in greenlets too."""
    tracer = Tracer()
    sys._getframe().f_trace_opcodes = True  # Python 3.12 counts them only if it knows before that somebody will ask
    sys.settrace(tracer)
    try:
        yield tracer
    finally:
        sys.settrace(None)


def make_colibris() -> web.BaseRunner:
    """The runner of a colibris project."""
    from colibris.app import create_app
    from colibris.conf import setup
    from colibris.serving.protocol import Runner

    setup('shop')
    return Runner(create_app())


def make_aiohttp() -> web.BaseRunner:
    """The runner of bare aiohttp."""
    return web.AppRunner(importlib.import_module('app').app, access_log=None)


MAKERS: dict[str, Callable[[], web.BaseRunner]] = {'colibris': make_colibris, 'aiohttp': make_aiohttp}


async def count(name: str, requests: Mapping[str, Sequence[bytes]]) -> dict[str, Counts]:
    """The instructions of each piece of work for a request, by function.

    :raises SystemExit: an answer is not what it should be.
    """
    sys.path.insert(0, str(APPS / name))
    with tracing() as tracer:
        runner = MAKERS[name]()
        await runner.setup()
        try:
            return {piece: await _count(runner, tracer, each) for piece, each in requests.items()}
        finally:
            await runner.cleanup()


async def _count(runner: web.BaseRunner, tracer: Tracer, requests: Sequence[bytes]) -> Counts:
    clients = [Client(runner) for _ in range(CONNECTIONS)]
    source = itertools.cycle(requests)
    await asyncio.gather(*(client.ask(WARM_UP, source) for client in clients))
    tracer.is_counting = True
    await asyncio.gather(*(client.ask(COUNTED, source) for client in clients))
    tracer.is_counting = False
    counts = {code: number / COUNTED / CONNECTIONS for code, number in tracer.counts.items()}
    tracer.counts.clear()
    return counts


def part_of(code: CodeType) -> str:
    """The part to which a function belongs."""
    return next(part for beginning, part in PARTS.items() if beginning in code.co_filename)


def show(ours: Mapping[str, Counts], theirs: Mapping[str, Counts]) -> str:
    """A table of all parts, and both sums."""
    rows = [
        [part, *(f'{sum(each for code, each in ours[piece].items() if part_of(code) == part):,.0f}' for piece in ours)]
        for part in PARTS.values()
    ]
    whole, bare = ([sum(each[piece].values()) for piece in ours] for each in (ours, theirs))
    rows.append(['**colibris**', *(f'{number:,.0f}' for number in whole)])
    rows.append(['bare aiohttp, hand-written SQL', *(f'{number:,.0f}' for number in bare)])
    rows.append(['ratio', *(f'{other / number:.2f}' for number, other in zip(whole, bare, strict=True))])
    return make_table(['', *(PIECES[piece].title for piece in ours)], rows)


def show_functions(piece: str, counts: Counts, number: int) -> str:
    """The functions with the most instructions."""
    largest = sorted(counts.items(), key=lambda item: -item[1])[:number]
    lines = [f'{count:>8,.1f}  {_short(code.co_filename)}:{code.co_qualname}' for code, count in largest]
    return '\n'.join([f'{piece}, colibris:', *lines])


def _short(path: str) -> str:
    return path.rpartition('/site-packages/')[2].removeprefix(f'{CHECKOUT}/')


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser('scripts/bench instructions', description=(__doc__ or '').partition('\n')[0])
    parser.add_argument('--pieces', type=names, default=list(PIECES), help=f'some of {",".join(PIECES)}')
    parser.add_argument('--functions', type=positive, help='how many functions are listed for each piece of work')
    options = parser.parse_args()
    if unknown := set(options.pieces) - set(PIECES):
        parser.error(f'there is no piece of work {", ".join(unknown)}; there are: {", ".join(PIECES)}')
    with tempfile.TemporaryDirectory() as directory, databases.opened('postgresql', Path(directory)) as database:
        os.environ.update(DATABASE_URL=database.url, DB_POOL=str(POOL_SIZE), PORT='0')
        requests = {
            piece: [request.encode() for request in PIECES[piece].requests(database.keys, database.rows)]
            for piece in options.pieces
        }
        results = {}
        for name in MAKERS:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                results[name] = runner.run(count(name, requests))
            database.tidy()
    for piece in options.pieces if options.functions else ():
        print(show_functions(piece, results['colibris'][piece], options.functions), end='\n\n')
    table = show(results['colibris'], results['aiohttp'])
    print(table)
    if options.pieces == list(PIECES):
        write_block(MANUAL, 'instructions', f'{table}\n\nCounted with Python {platform.python_version()}.')


if __name__ == '__main__':
    main()
