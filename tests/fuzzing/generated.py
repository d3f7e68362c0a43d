"""Requests that schemathesis makes from the API document."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.fuzzing.serving import KEY

__all__ = ['Outcome', 'generate']

SCHEMATHESIS = Path(sys.executable).parent / 'schemathesis'
CONFIG = Path(__file__).resolve().parent / 'schemathesis.toml'
PHASES = 'examples,coverage,fuzzing,stateful'


@dataclass
class Outcome:
    """How a run ended.

    :param passed: whether every check has been passed.
    :param cases: how many requests have been made.
    :param output: what schemathesis printed.
    """

    passed: bool
    cases: int
    output: str


def generate(shop, *, examples, seed, phases=PHASES, options=()):
    """Run schemathesis once, with all of its checks.

    :param examples: how many cases each operation gets, about.
    """
    command = [SCHEMATHESIS, 'run', f'http://127.0.0.1:{shop.port}/api/docs/openapi.json', '--checks', 'all']
    command += ['--phases', phases, '--max-examples', str(examples), '--seed', str(seed), '--workers', '2']
    command[1:1] = ['--config-file', str(CONFIG)]
    command += ['--header', f'Authorization: Bearer {KEY}', '--generation-database', 'none', *options]
    result = subprocess.run(command, cwd=shop.directory, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    match = re.search(r'(\d+) generated', result.stdout)
    return Outcome(result.returncode == 0, int(match[1]) if match else 0, result.stdout + result.stderr)
