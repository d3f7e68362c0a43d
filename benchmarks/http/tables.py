"""The tables that README and docs show."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from benchmarks.http.figures import Measured, ratios
from benchmarks.http.load import Round
from benchmarks.http.peers import PEERS
from benchmarks.http.pieces import PIECES


def summary(results: Mapping[str, Measured], base: str) -> str:
    """One row for each service, with its ratios to ``base``."""
    pieces = list(results[base].rounds)
    header = ['', *(PIECES[piece].title for piece in pieces), 'start-up', 'memory']
    rows = [
        [
            PEERS[name].label,
            *(f'{median(ratios(measured.rounds[piece], results[base].rounds[piece])):.2f}' for piece in pieces),
            f'{measured.start_ms:.0f} ms',
            f'{measured.memory_mib:.0f} MiB',
        ]
        for name, measured in results.items()
    ]
    return make_table(header, rows)


def details(results: Mapping[str, Measured], base: str) -> str:
    """One row for each service and piece of work, with all its figures."""
    header = ['', '', 'requests/s', 'ratio (from, to)', 'p50 ms', 'p99 ms', 'CPU µs/request', 'CPU ratio', 'failed']
    first = next(iter(results))
    rows = [
        [PIECES[piece].title if name == first else '', PEERS[name].label, *_figures(measured, results[base], piece)]
        for piece in results[base].rounds
        for name, measured in results.items()
    ]
    return make_table(header, rows)


def make_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown; the first column holds names, and so does a second one without a title."""
    names = 2 if header[1] == '' else 1
    ruler = ['---'] * names + ['---:'] * (len(header) - names)
    return '\n'.join(f'| {" | ".join(cells)} |' for cells in (header, ruler, *rows))


def markers(name: str) -> tuple[str, str]:
    """The lines between which a generated block stands."""
    return f'<!-- {name}:begin -->', f'<!-- {name}:end -->'


def read_block(text: str, name: str) -> str:
    """What stands between the markers.

    :raises ValueError: the text has no such block, or several.
    """
    begin, end = map(re.escape, markers(name))
    found = re.findall(rf'^{begin}\n(.*?)^{end}$', text, re.DOTALL | re.MULTILINE)
    if len(found) != 1:
        raise ValueError(f'{len(found)} blocks "{name}" instead of one')
    return str(found[0])


def write_block(path: Path, name: str, block: str) -> None:
    """Put a new block between the markers in a file."""
    text = path.read_text()
    read_block(text, name)
    begin, end = markers(name)
    before, rest = text.split(f'{begin}\n', 1)
    path.write_text(f'{before}{begin}\n{block.strip()}\n{end}{rest.split(end, 1)[1]}')


def _figures(ours: Measured, theirs: Measured, piece: str) -> list[str]:
    rounds = ours.rounds[piece]
    each = ratios(rounds, theirs.rounds[piece])
    return [
        f'{median(one.rate for one in rounds):,.0f}',
        f'{median(each):.2f} ({min(each):.2f}, {max(each):.2f})',
        f'{_milliseconds(rounds, "p50_us"):.1f}',
        f'{_milliseconds(rounds, "p99_us"):.1f}',
        f'{ours.cpu_us(piece):.0f}',
        f'{theirs.cpu_us(piece) / ours.cpu_us(piece):.2f}',
        str(sum(one.refused + one.socket_errors for one in rounds)),
    ]


def _milliseconds(rounds: Sequence[Round], name: str) -> float:
    return median(getattr(one, name) for one in rounds) / 1000
