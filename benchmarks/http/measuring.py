"""The order of events: right answers, starts, load in turns, memory, right answers again."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.http.answers import Examiner, WrongAnswer
from benchmarks.http.databases import ShopDatabase
from benchmarks.http.figures import Measured
from benchmarks.http.load import Round, put_load, write_requests
from benchmarks.http.pieces import PIECES
from benchmarks.http.processes import Service


@dataclass(frozen=True)
class Plan:
    """How much is measured; durations are in seconds."""

    pieces: list[str]
    rounds: int
    seconds: int
    warm_up: int
    starts: int
    connections: int


def choose_processors() -> tuple[int, int]:
    """One processor for the services, and one for the load.

    :raises SystemExit: there is only one.
    """
    available = sorted(os.sched_getaffinity(0))
    if len(available) < 2:
        raise SystemExit('the services and the load need a processor each, but there is only one')
    return available[0], available[1]


class Measurement:
    """A run over some services.

    :param cpu: the processor for the load.
    :param directory: where the requests are written.
    """

    def __init__(
        self, services: Mapping[str, Service], database: ShopDatabase, plan: Plan, cpu: int, directory: Path
    ) -> None:
        self._services = services
        self._database = database
        self._plan = plan
        self._cpu = cpu
        self._directory = directory
        self.results = {name: Measured() for name in services}

    def run(self) -> dict[str, Measured]:
        """Measure.

        :raises WrongAnswer: a service has answered wrongly, before the load or after it.
        """
        for service in self._services.values():
            service.start()
            self._examine(service)
        self._measure_starts()
        for piece in self._plan.pieces:
            self._measure(piece)
        for name, service in self._services.items():
            self.results[name].memory_mib = service.memory_mib()
        self._database.tidy()
        for service in self._services.values():
            self._examine(service)
        return self.results

    def _examine(self, service: Service) -> None:
        try:
            Examiner(service.ask, self._database).examine(self._plan.pieces)
        except WrongAnswer as error:
            raise WrongAnswer(f'{service.peer.name}: {error}\n{service.output()}') from None
        self._database.tidy()
        print(f'{service.peer.name}: the answers are right', flush=True)

    def _measure_starts(self) -> None:
        for _ in range(self._plan.starts):
            for name, service in self._services.items():
                service.stop()
                self.results[name].starts.append(service.start())
        for name, measured in self.results.items():
            print(f'{name}: starts in {measured.start_ms:.0f} ms', flush=True)

    def _measure(self, piece: str) -> None:
        requests = PIECES[piece].requests(self._database.keys, self._database.rows)
        write_requests(self._directory / piece, requests)
        names = list(self._services)
        for name in names:
            self._load(name, piece, self._plan.warm_up)
        for number in range(self._plan.rounds):
            first = number % len(names)
            for name in [*names[first:], *names[:first]]:
                figures = self._load(name, piece, self._plan.seconds)
                self.results[name].rounds.setdefault(piece, []).append(figures)
                print(f'{piece} {number + 1} {name:<15}{figures.rate:>9,.0f} requests/s', flush=True)

    def _load(self, name: str, piece: str, seconds: int) -> Round:
        service, requests = self._services[name], self._directory / piece
        before = service.cpu_seconds()
        figures = put_load(service.port, requests, seconds=seconds, connections=self._plan.connections, cpu=self._cpu)
        figures = replace(figures, cpu_seconds=service.cpu_seconds() - before)
        service.settle()
        if piece == 'insert':
            self._database.tidy()
        return figures
