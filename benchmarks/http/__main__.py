"""How many requests a colibris project answers, beside bare aiohttp and the frameworks that people would pick instead.

    scripts/bench http [--quick] [--database postgresql|sqlite|mysql] [--apps NAME,…] [--rounds N] [--seconds N]

Every service does the same five pieces of work on the same database: ping, a nested body validated, a page of 25 rows
with their count, one row, and a new row; the last three look an API key up first. Each runs alone as one process on one
processor, wrk sends its requests over 32 connections from another one, and the services take turns within each round.
A service whose answers are wrong, before the load or after it, ends the run. Printed are medians over the rounds, and
the medians of the ratios to the service beside it in the same round: to bare aiohttp, or FastAPI where it does not take
part.

A whole run writes the tables of README.md and docs/performance.md; one with fewer services or rounds, and ``--quick``
(bare aiohttp and colibris, about two minutes), only prints them.
"""

import argparse
import os
import platform
import shlex
import signal
import sys
import tempfile
import textwrap
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.http import databases, load, tables
from benchmarks.http.answers import WrongAnswer
from benchmarks.http.arguments import names, positive
from benchmarks.http.environments import python_of, versions_of
from benchmarks.http.figures import Measured, judge
from benchmarks.http.measuring import Measurement, Plan, choose_processors
from benchmarks.http.peers import BARS, ENGINES, PEERS, baseline_of, peers_for
from benchmarks.http.pieces import PIECES
from benchmarks.http.processes import Service

ROOT = Path(__file__).resolve().parents[2]
README, MANUAL = ROOT / 'README.md', ROOT / 'docs' / 'performance.md'
ROUNDS = 5  # that a median needs
WIDTH = 120
CONNECTIONS = 32


def read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """What is to be measured."""
    parser = argparse.ArgumentParser('scripts/bench http', description=(__doc__ or '').partition('\n')[0])
    add = parser.add_argument
    add('--quick', action='store_true', help='colibris and what it is compared with only, in about two minutes')
    add('--database', choices=ENGINES, default=ENGINES[0])
    add('--apps', type=names, help=f'some of {",".join(PEERS)}')
    add('--pieces', type=names, default=list(PIECES), help=f'some of {",".join(PIECES)}')
    add('--rounds', type=positive, default=ROUNDS)
    add('--seconds', type=positive, help='of each round')
    options = parser.parse_args(arguments)
    known = peers_for(options.database)
    if options.apps is None:
        options.apps = [baseline_of(known), 'colibris'] if options.quick else known
    for what, chosen, choices in (('service', options.apps, known), ('piece of work', options.pieces, PIECES)):
        if unknown := set(chosen) - set(choices):
            parser.error(f'{options.database} has no {what} {", ".join(unknown)}; there are: {", ".join(choices)}')
    return options


def make_plan(options: argparse.Namespace) -> Plan:
    """How much is measured."""
    seconds, warm_up, starts = (2, 1, 3) if options.quick else (3, 2, 5)
    return Plan(options.pieces, options.rounds, options.seconds or seconds, warm_up, starts, CONNECTIONS)


def measure(options: argparse.Namespace) -> tuple[dict[str, Measured], str]:
    """Run the services; the figures, and a sentence on what was measured how."""
    load.check()
    busy, _, _ = os.getloadavg()
    cpu, load_cpu = choose_processors()
    pythons = {name: python_of(PEERS[name], options.database) for name in options.apps}
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix='colibris-')))
        database = stack.enter_context(databases.opened(options.database, directory))
        services = {name: Service(PEERS[name], pythons[name], database.url, cpu) for name in options.apps}
        for service in services.values():
            stack.callback(service.close)
        os.sched_setaffinity(0, {load_cpu})
        results = Measurement(services, database, make_plan(options), load_cpu, directory).run()
        return results, describe(options, pythons, database.version, busy)


def describe(options: argparse.Namespace, pythons: dict[str, Path], database: str, busy: float) -> str:
    """When, where and with which versions figures were measured; ``busy`` is the load average before that."""
    versions = {'Python': platform.python_version()}
    for name, python in pythons.items():
        versions |= versions_of(python, PEERS[name].packages)
    return textwrap.fill(
        f'Measured on {datetime.now(UTC):%Y-%m-%d} by `{shlex.join(["scripts/bench", "http", *sys.argv[1:]])}` on '
        f'{os.cpu_count()} processors ({processor()}), with a load average of {busy:.1f} before: one process on one of '
        f'them, {CONNECTIONS} connections, medians of {options.rounds} interleaved rounds; {database}, '
        f'{", ".join(f"{name} {version}" for name, version in versions.items())}.',
        WIDTH,
        break_on_hyphens=False,
    )


def processor() -> str:
    """What the machine calls its processors."""
    lines = Path('/proc/cpuinfo').read_text().splitlines()
    return next((line.partition(':')[2].strip() for line in lines if line.startswith('model name')), platform.machine())


def report(options: argparse.Namespace, results: dict[str, Measured], sentence: str) -> bool:
    """Print the figures, and write them where they belong; whether every request was answered."""
    base = baseline_of(options.apps)
    short = f'{tables.summary(results, base)}\n\n{sentence}'
    full = tables.details(results, base)
    print(f'\n{full}\n\n{short}\n')
    for bar in BARS[options.database]:
        print(*judge(bar, results), sep='\n')
    for name, measured in results.items():
        if measured.failures:
            print(f'{measured.failures} requests to {name} have failed')
    is_good = not any(measured.failures for measured in results.values())
    if is_good and is_whole(options):
        write(options.database, short, full)
    return is_good


def is_whole(options: argparse.Namespace) -> bool:
    """Whether this is a run whose figures may be shown."""
    everything = options.apps == peers_for(options.database) and options.pieces == list(PIECES)
    return everything and options.rounds >= ROUNDS and not options.quick


def write(engine: str, short: str, full: str) -> None:
    """Put the tables where people read them."""
    if engine == ENGINES[0]:
        tables.write_block(README, 'benchmark', short)
        tables.write_block(MANUAL, 'benchmark', short)
        tables.write_block(MANUAL, 'benchmark-details', full)
    else:
        tables.write_block(MANUAL, f'benchmark-{engine}', short)


def main() -> int:
    """Measure, print, and write."""
    options = read_arguments(sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        results, sentence = measure(options)
    except (WrongAnswer, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0 if report(options, results, sentence) else 1


if __name__ == '__main__':
    sys.exit(main())
