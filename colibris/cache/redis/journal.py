"""Writes that Redis may have missed: the entries concerned must not be read again as they were before."""

import threading
import time
from collections.abc import Iterable
from itertools import islice

from colibris.cache.errors import CacheUnavailable
from colibris.cache.redis.sweep import Run, Sweep

__all__ = ['Journal']

LIMIT = 10_000
BATCH = 500


class Journal:
    """Remembers lost writes, and deletes their entries when Redis is back.

    So what was set or deleted while Redis could not be reached is missed afterwards, and not found in an older state.
    When too many are lost to be remembered, every entry counts as lost.

    :param pattern: a glob pattern of every entry.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._keys: dict[str, object] = {}  # with a mark of the loss that was noted last
        self._sweep: Sweep | None = None
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._keys) or self._sweep is not None

    def note(self, keys: Iterable[str]) -> None:
        """Remember that writes to these keys have been lost."""
        with self._lock:
            self._keys.update(dict.fromkeys(keys, object()))
            is_full = len(self._keys) > LIMIT
        if is_full:
            self.note_all()

    def note_all(self) -> None:
        """Remember that every entry is to be deleted."""
        with self._lock:
            self._keys.clear()
            self._sweep = Sweep(self._pattern)

    def replay(self, run: Run, seconds: float) -> None:
        """Delete what has been lost.

        :raises CacheUnavailable: it takes longer than some seconds; the next call goes on.
        """
        deadline = time.monotonic() + seconds
        while self:
            self._step(run)
            if self and time.monotonic() > deadline:
                raise CacheUnavailable

    def _step(self, run: Run) -> None:
        sweep = self._sweep
        if sweep is not None:
            sweep.step(run)
            with self._lock:
                if sweep.is_done and self._sweep is sweep:
                    self._sweep = None
            return
        with self._lock:
            losses = dict(islice(self._keys.items(), BATCH))
        run(lambda client: client.unlink(*losses))
        with self._lock:
            for key, mark in losses.items():
                if self._keys.get(key) is mark:
                    del self._keys[key]
