"""The command ``scripts/fuzz``."""

import argparse
import asyncio
import sys
import time

from tests.fuzzing.attack import attack
from tests.fuzzing.generated import generate
from tests.fuzzing.mangling import Mangler
from tests.fuzzing.serving import serving

MAX_GROWTH = 0.1
SHOWN, SHOWN_BYTES = 20, 1000


def main():
    """Send chance requests to a project that has everything, and tell what became of them."""
    parser = argparse.ArgumentParser(prog='scripts/fuzz', description=main.__doc__)
    parser.add_argument('--cases', type=int, default=20_000, help="schemathesis' cases, at least (20,000)")
    parser.add_argument('--requests', type=int, default=100_000, help='mangled requests (100,000)')
    parser.add_argument('--engine', choices=('sqlite', 'postgresql', 'mysql'), default='sqlite')
    parser.add_argument('--seed', type=int, default=1)
    options = parser.parse_args()
    problems = []
    for run, count in ((run_generated, options.cases), (run_mangled, options.requests)):
        if count:
            with serving(options.engine) as shop:
                started = time.monotonic()
                problems += [*run(shop, count, options.seed), *shop.failures()[:SHOWN]]
                print(f'{time.monotonic() - started:.0f} seconds\n', flush=True)
    sys.exit('\n'.join(problems))


def run_generated(shop, count, seed):
    """Run schemathesis, each turn with another seed, until there have been so many cases; gives the problems."""
    total = 0
    while total < count:
        outcome = generate(shop, examples=max(1, min(100, (count - total) // 80)), seed=seed)
        total, seed = total + outcome.cases, seed + 1
        print(f'schemathesis: {total:,} cases', flush=True)
        if not outcome.passed:
            return [outcome.output]
    return []


def run_mangled(shop, count, seed):
    """Send so many mangled requests; gives the problems."""
    report = asyncio.run(attack(shop, Mangler(seed).requests(count), count=count))
    statuses = ', '.join(f'{status}: {number:,}' for status, number in sorted(report.statuses.items()))
    print(f'mangled requests: {count:,}; first answers: {statuses}; closed without: {report.unanswered:,}')
    print(f'hung: {len(report.hung)}; with a status from 500: {len(report.failed)}')
    print(f'memory: warm {report.warm:.1f} MiB, most {max(report.memory):.1f}, at the end {report.memory[-1]:.1f} MiB')
    print(f'growth: {report.growth:+.1%}')
    problems = [f'{request[:SHOWN_BYTES]!r}' for request in (*report.hung, *report.failed)[:SHOWN]]
    return [*problems, *(['the memory has grown'] if report.growth > MAX_GROWTH else [])]


if __name__ == '__main__':
    main()
