"""A circuit breaker: while Redis is away nobody waits for it, except for one caller now and then who tries."""

import logging
import time

from colibris.cache.errors import CacheUnavailable
from colibris.utils.breaker import CircuitBreaker

__all__ = ['Breaker']

FIRST_PART = 1 / 8

logger = logging.getLogger('colibris.cache')


class Breaker:
    """Decides who may ask Redis, and tells the log when that changes.

    :param retry_interval: the longest time that nobody asks after a failure, in seconds; at first it is an eighth.
    :param log_interval: the shortest time between two warnings, in seconds.
    """

    def __init__(self, retry_interval: float, log_interval: float) -> None:
        self._circuit = CircuitBreaker(retry_interval, first=retry_interval * FIRST_PART)
        self._log_interval = log_interval
        self._warn_at = 0.0
        self._warned_at: float | None = None

    def admit(self) -> bool:
        """Let a caller ask; return whether it is the one who tries.

        :raises CacheUnavailable: it must not.
        """
        if not self._circuit.is_open:
            return False
        if not self._circuit.allows():
            raise CacheUnavailable
        return True

    def open(self, error: BaseException) -> None:
        """Have nobody ask for a while, because that has failed."""
        self._circuit.failed()
        now = time.monotonic()
        if now >= self._warn_at:
            self._warn_at = now + self._log_interval
            self._warned_at = now
            logger.warning('the cache is away, and counts as empty meanwhile: %s: %s', type(error).__name__, error)

    def close(self) -> None:
        """Let everybody ask again."""
        self._circuit.succeeded()
        if self._warned_at is not None:
            logger.info('the cache is back after %.1f s', time.monotonic() - self._warned_at)
            self._warned_at = None
