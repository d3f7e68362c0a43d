"""A circuit breaker: while Redis is away nobody waits for it, except for one caller now and then who tries."""

import logging
import time

from colibris.cache.errors import CacheUnavailable

__all__ = ['Breaker']

FIRST_PART = 8

logger = logging.getLogger('colibris.cache')


class Breaker:
    """Decides who may ask Redis, and tells the log when that changes.

    After the first failure nobody asks for a short while, as it may have been a moment's hiccup; after each failed
    trial the while is twice as long.

    :param retry_interval: the longest such while, in seconds.
    :param log_interval: the shortest time between two warnings, in seconds.
    """

    def __init__(self, retry_interval: float, log_interval: float) -> None:
        self._shortest = retry_interval / FIRST_PART
        self._longest = retry_interval
        self._interval = self._shortest
        self._log_interval = log_interval
        self._retry_at: float | None = None
        self._warn_at = 0.0
        self._warned_at: float | None = None

    def admit(self) -> bool:
        """Let a caller ask; return whether it is the one who tries.

        :raises CacheUnavailable: it must not.
        """
        if self._retry_at is None:
            return False
        now = time.monotonic()
        if now < self._retry_at:
            raise CacheUnavailable
        self._interval = min(2 * self._interval, self._longest)
        self._retry_at = now + self._interval  # the others wait for what comes of it
        return True

    def open(self, error: BaseException) -> None:
        """Have nobody ask for a while, because that has failed."""
        now = time.monotonic()
        self._retry_at = now + self._interval
        if now >= self._warn_at:
            self._warn_at = now + self._log_interval
            self._warned_at = now
            logger.warning('the cache is away, and counts as empty meanwhile: %s: %s', type(error).__name__, error)

    def close(self) -> None:
        """Let everybody ask again."""
        self._retry_at = None
        self._interval = self._shortest
        if self._warned_at is not None:
            logger.info('the cache is back after %.1f s', time.monotonic() - self._warned_at)
            self._warned_at = None
