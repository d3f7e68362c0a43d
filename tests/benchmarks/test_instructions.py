"""Counted instructions."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.http.pieces import PIECES
from benchmarks.http.tables import read_block
from benchmarks.instructions import MANUAL, PARTS

ROOT = Path(__file__).parents[2]


def count(*arguments):
    kept = {name: value for name, value in os.environ.items() if name not in ('COLIBRIS_PROJECT', 'PYTHONPATH')}
    return subprocess.run(
        [sys.executable, '-m', 'benchmarks.instructions', *arguments],
        cwd=ROOT,
        env=kept,
        capture_output=True,
        text=True,
        check=False,
    )


def numbers(table):
    lines = [line for line in table.splitlines() if line.startswith('|')]
    rows = [[cell.strip() for cell in line.strip('|').split('|')] for line in lines]
    return {name: [float(cell.replace(',', '')) for cell in cells] for name, *cells in rows[2:]}


@pytest.fixture(scope='module')
def run():
    before = MANUAL.read_text()
    result = count('--pieces', 'ping,insert', '--functions', '2')
    assert result.returncode == 0, result.stderr
    assert MANUAL.read_text() == before
    return result.stdout


def test_parts_make_the_whole(run):
    *_, table = run.split('\n\n')
    found = numbers(table)
    assert list(found) == [*PARTS.values(), '**colibris**', 'bare aiohttp, hand-written SQL', 'ratio']
    for column in (0, 1):
        whole, bare, ratio = (found[name][column] for name in list(found)[-3:])
        assert sum(found[part][column] for part in PARTS.values()) == pytest.approx(whole, abs=len(PARTS))
        assert ratio == pytest.approx(bare / whole, abs=0.01)
    assert found['statements and rows'][0] == 0 < found['statements and rows'][1]


def test_functions_are_listed(run):
    ping, insert, _ = run.split('\n\n')
    assert [len(ping.splitlines()), len(insert.splitlines())] == [3, 3]
    assert 'aiohttp/web_protocol.py:RequestHandler.start' in ping


def test_the_next_run_counts_the_same(run):
    *_, table = run.split('\n\n')
    again = numbers(count('--pieces', 'ping').stdout)['**colibris**'][0]
    assert again == pytest.approx(numbers(table)['**colibris**'][0], rel=0.01)


def test_unknown_pieces_of_work():
    result = count('--pieces', 'ping,pong')
    assert result.returncode == 2
    assert f'there is no piece of work pong; there are: {", ".join(PIECES)}\n' in result.stderr


def test_the_manual_has_the_table():
    found = numbers(read_block(MANUAL.read_text(), 'instructions'))
    assert {len(cells) for cells in found.values()} == {len(PIECES)}
