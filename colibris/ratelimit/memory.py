"""Hits counted in this process."""

import threading
import time
from array import array
from bisect import bisect_right
from collections import OrderedDict

from colibris.conf.limits import MAX_AMOUNT, Limit
from colibris.errors import ConfigurationError
from colibris.ratelimit.base import RateLimitBackend
from colibris.ratelimit.usage import Usage

__all__ = ['MemoryBackend']

Key = tuple[str, int, int]


class MemoryBackend(RateLimitBackend):
    """Counts in memory, each process for itself: with four processes four times as much passes.

    What it remembers is bounded, whatever keys clients make up. A hit takes about 8 bytes, a key about 400.

    :param max_hits: how many hits are remembered, of all keys together; then the key that has been idle longest is
        forgotten.
    """

    def __init__(self, max_hits: int = 100_000) -> None:
        if not isinstance(max_hits, int) or max_hits < MAX_AMOUNT:
            raise ConfigurationError(f"'max_hits' must be a whole number from {MAX_AMOUNT}, not {max_hits!r}")
        self._max_hits = max_hits
        self._hits: OrderedDict[Key, array[float]] = OrderedDict()  # by key, the one used last at the end
        self._count = 0
        self._lock = threading.Lock()

    async def hit(self, key: str, limit: Limit) -> Usage:
        """Count a hit if the limit allows it."""
        with self._lock:
            return self._hit((key, limit.amount, limit.seconds), limit)

    async def clear(self, key: str, limit: Limit) -> None:
        """Forget the hits of a key."""
        with self._lock:
            self._count -= len(self._hits.pop((key, limit.amount, limit.seconds), ()))

    def _hit(self, key: Key, limit: Limit) -> Usage:
        now = time.monotonic()
        hits = self._hits.setdefault(key, array('d'))
        self._hits.move_to_end(key)
        self._forget(hits, bisect_right(hits, now - limit.seconds))
        allowed = len(hits) < limit.amount
        if allowed:
            hits.append(now)
            self._count += 1
        self._forget_idle()
        return Usage(limit, allowed, limit.amount - len(hits), limit.seconds - (now - hits[0]))

    def _forget(self, hits: 'array[float]', number: int) -> None:
        """Forget the oldest hits of a key."""
        del hits[:number]
        self._count -= number

    def _forget_idle(self) -> None:
        while self._count > self._max_hits:
            _, hits = self._hits.popitem(last=False)
            self._count -= len(hits)
