"""What a run has found out, and what follows from it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.http.load import Round
from benchmarks.http.peers import Bar


@dataclass
class Measured:
    """The figures of a service: the rounds of each piece of work, its starts in seconds, its memory after the load."""

    rounds: dict[str, list[Round]] = field(default_factory=dict)
    starts: list[float] = field(default_factory=list)
    memory_mib: float = 0.0

    @property
    def start_ms(self) -> float:
        """The median start, in milliseconds."""
        return median(self.starts) * 1000

    def cpu_us(self, piece: str) -> float:
        """The median CPU time of a piece of work, in microseconds."""
        return median(one.cpu_us for one in self.rounds[piece])

    @property
    def failures(self) -> int:
        """How many requests had no answer, or none that they should have had."""
        return sum(each.refused + each.socket_errors for rounds in self.rounds.values() for each in rounds)


def ratios(ours: Sequence[Round], theirs: Sequence[Round]) -> list[float]:
    """The ratio of each round to the one beside it, so that a machine that is slow for a while is so for both."""
    return [one.rate / other.rate for one, other in zip(ours, theirs, strict=True)]


@dataclass(frozen=True)
class Verdict:
    """Whether a bar is reached; ``measured`` is at least, or at most, the ``limit``."""

    text: str
    measured: float
    limit: float
    is_met: bool

    def __str__(self) -> str:
        return f'{"met   " if self.is_met else "MISSED"} {self.text}: {self.measured:.2f} (bar {self.limit:.2f})'


def judge(bar: Bar, results: Mapping[str, Measured]) -> list[Verdict]:
    """Compare what has been measured with a bar; nothing where one of the two services was left out."""
    if bar.peer not in results or bar.to not in results:
        return []
    ours, theirs = results[bar.peer], results[bar.to]
    verdicts = []
    for piece, limit in bar.ratios.items():
        if piece in ours.rounds:
            ratio = median(ratios(ours.rounds[piece], theirs.rounds[piece]))
            verdicts.append(Verdict(f'{bar.peer} to {bar.to}, {piece}', ratio, limit, ratio >= limit))
    for text, measured, limit in (
        ('start-up in ms', ours.start_ms, bar.start_ms),
        ('memory in MiB', ours.memory_mib, bar.memory_mib),
    ):
        if limit < math.inf:
            verdicts.append(Verdict(f'{bar.peer}, {text}', measured, limit, measured <= limit))
    return verdicts
