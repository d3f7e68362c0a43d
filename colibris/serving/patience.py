"""How long a client may take for a request."""

import asyncio
from collections.abc import Callable
from typing import Literal

from colibris.conf import settings

__all__ = ['Part', 'Patience']

Part = Literal['headers', 'body']


class Patience:
    """Measures how long the part of a request that arrives in pieces takes.

    Headers have ``REQUEST_HEADER_TIMEOUT`` seconds, a body ``REQUEST_BODY_TIMEOUT`` and another second for each
    ``REQUEST_BODY_RATE`` bytes that have come. There is one timer, and only while something is incomplete.

    :param is_held_up: whether it is the server that does not read at the moment; the client then has time.
    :param give_up: called with the part that takes too long.
    """

    __slots__ = (
        '_awaited',
        '_body_rate',
        '_give_up',
        '_is_held_up',
        '_loop',
        '_received',
        '_since',
        '_timer',
        '_times',
    )

    def __init__(
        self, loop: asyncio.AbstractEventLoop, is_held_up: Callable[[], bool], give_up: Callable[[Part], None]
    ) -> None:
        self._loop = loop
        self._is_held_up = is_held_up
        self._give_up = give_up
        self._times: dict[Part, float] = {
            'headers': settings.REQUEST_HEADER_TIMEOUT,
            'body': settings.REQUEST_BODY_TIMEOUT,
        }
        self._body_rate: int = settings.REQUEST_BODY_RATE
        self._awaited: Part | None = None
        self._since = 0.0
        self._received = 0
        self._timer: asyncio.TimerHandle | None = None

    def wait_for(self, part: Part, received: int) -> None:
        """Note that ``received`` bytes more have come, and that the part is not complete yet."""
        if self._awaited != part:
            self.stop()
            self._awaited, self._since, self._received = part, self._loop.time(), 0
            self._timer = self._loop.call_at(self._deadline, self._check)
        self._received += received

    def stop(self) -> None:
        """Note that nothing is incomplete."""
        self._awaited = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def is_waiting(self) -> bool:
        """Whether something is incomplete."""
        return self._awaited is not None

    @property
    def _deadline(self) -> float:
        if self._awaited is None:
            return self._since
        extra = self._received / self._body_rate if self._awaited == 'body' else 0
        return self._since + self._times[self._awaited] + extra

    def _check(self) -> None:
        self._timer = None
        part = self._awaited
        if part is None:
            return
        if self._is_held_up():
            self._since, self._received = self._loop.time(), 0
        if self._loop.time() < self._deadline:
            self._timer = self._loop.call_at(self._deadline, self._check)
        else:
            self._awaited = None
            self._give_up(part)
