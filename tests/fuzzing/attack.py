"""Sending bytes to a server, many connections at once, and watching what becomes of them."""

import asyncio
import contextlib
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice

__all__ = ['Report', 'attack']

CONNECTIONS = 50
PATIENCE = 5  # seconds; the shop itself waits for the rest of a request for one
NUDGES = 3
CANARY = b'GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n'
STATUS = re.compile(rb'(?:^|(?<=[\n}\]"]))HTTP/\d\.\d (\d\d\d) ')  # at the beginning, or behind another answer


@dataclass
class Report:
    """What became of the requests.

    :param statuses: how many answers had each status.
    :param unanswered: how many connections were closed without an answer.
    :param failed: the requests that were answered with a status from 500.
    :param hung: the requests that kept the server from answering.
    :param memory: what the server held after each part of the requests, in MiB.
    """

    statuses: Counter = field(default_factory=Counter)
    unanswered: int = 0
    failed: list = field(default_factory=list)
    hung: list = field(default_factory=list)
    memory: list = field(default_factory=list)

    @property
    def warm(self):
        """The most memory during the first fifth of the requests."""
        return max(self.memory[: max(1, len(self.memory) // 5)])

    @property
    def growth(self):
        """How much more memory the server held at the end than when it was warm; 0.1 is a tenth more."""
        return self.memory[-1] / self.warm - 1


async def attack(shop, requests, *, parts=50, count):
    """Send so many requests, each on a connection of its own."""
    report, requests = Report(), iter(requests)
    for _ in range(parts):
        queue = islice(requests, count // parts)
        async with asyncio.TaskGroup() as group:
            for _ in range(CONNECTIONS):
                group.create_task(_send_all(shop.port, queue, report))
        report.memory.append(shop.memory)
    return report


async def _send_all(port, requests, report):
    for request in requests:
        try:
            answer = await _send(port, request)
        except TimeoutError:
            report.hung.append(request)
            continue
        statuses = [int(status) for status in STATUS.findall(answer)]
        report.statuses.update(statuses[:1])
        report.unanswered += not statuses
        if any(status >= 500 for status in statuses):
            report.failed.append(request)


async def _send(port, request):
    """Send a request and, behind it, one that has the server close the connection; gives all that it answers.

    Whatever the first has made the server expect, the second satisfies, or is found broken, or the time is up.
    Sometimes it is exactly what the first wanted, and another has to follow.

    :raises TimeoutError: the server keeps the connection open all the same.
    """
    reader, writer = await asyncio.open_connection('127.0.0.1', port)
    answer = bytearray()
    try:
        writer.write(request + CANARY)
        for _ in range(NUDGES):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await _read(reader, answer)
                    return bytes(answer)
            writer.write(CANARY)
        raise TimeoutError
    finally:
        writer.transport.abort()


async def _read(reader, answer):
    with contextlib.suppress(ConnectionError):
        while part := await reader.read(2**16):
            answer += part
