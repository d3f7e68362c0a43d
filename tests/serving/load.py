"""Load on a service while its processes are replaced: what is asked for, and what fails."""

import asyncio
import contextlib
import re
import time
from dataclasses import dataclass, field

__all__ = ['Failure', 'Load', 'Outcome']

REQUEST = b'GET /pid HTTP/1.1\r\nHost: test\r\n\r\n'
LENGTH = re.compile(rb'\r\nContent-Length: (\d+)\r\n', re.IGNORECASE)
CLOSE = re.compile(rb'\r\nConnection: close\r\n', re.IGNORECASE)


@dataclass
class Failure:
    """A request that got no good answer.

    :param worker: the process id that has answered before on the same connection, if there is one.
    :param began: when its connection was opened.
    """

    reason: str
    worker: int | None
    began: float
    ended: float


@dataclass
class Outcome:
    """What has become of the requests.

    :param requests: how many of each process have been answered.
    :param retries: how often another server was asked, because the first did not answer.
    """

    answers: dict[int, int] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    retries: int = 0

    @property
    def requests(self):
        """How many requests there were."""
        return sum(self.answers.values()) + len(self.failures)


class Load:
    """Clients that send one request after the other, each on a connection that it keeps for as long as it may.

    :param ports: of servers on 127.0.0.1. With several of them, a client asks the next one if a server does not take
        its connection, or closes it without a byte: as nginx does with what may be asked twice.
    """

    def __init__(self, *ports, clients=16):
        self.outcome = Outcome()
        self._ports = ports
        self._clients = clients
        self._tasks = []

    async def __aenter__(self):
        self._tasks = [asyncio.create_task(self._ask_on(number)) for number in range(self._clients)]
        return self

    async def __aexit__(self, *exc_info):
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        for task in self._tasks:
            if not task.cancelled():
                task.result()

    async def until(self, count):
        """Wait until so many more requests have been answered."""
        wanted = self.outcome.requests + count
        while self.outcome.requests < wanted:
            await asyncio.sleep(0.01)

    async def _ask_on(self, number):
        while True:
            for attempt in range(len(self._ports)):
                port = self._ports[(number + attempt) % len(self._ports)]
                if await self._use_connection(port, is_last=attempt == len(self._ports) - 1):
                    number += attempt
                    break
                self.outcome.retries += 1

    async def _use_connection(self, port, is_last):
        """Send requests until the connection has to be closed; ``False``: another server may be asked."""
        worker, began = None, time.monotonic()
        try:
            reader, writer = await asyncio.open_connection('127.0.0.1', port)
            with contextlib.closing(writer):
                while True:
                    writer.write(REQUEST)
                    head = await reader.readuntil(b'\r\n\r\n')
                    body = await reader.readexactly(int(LENGTH.search(head)[1]))
                    if not head.startswith(b'HTTP/1.1 200 '):
                        raise ValueError(head)
                    worker = int(body)
                    self.outcome.answers[worker] = self.outcome.answers.get(worker, 0) + 1
                    if CLOSE.search(head):
                        return True
        except (OSError, asyncio.IncompleteReadError, ValueError) as exc:
            if not is_last and not getattr(exc, 'partial', b''):
                return False
            self.outcome.failures.append(Failure(repr(exc), worker, began, time.monotonic()))
            await asyncio.sleep(0)
            return True
