"""Computing a value once, however many ask for it, in however many processes.

Within a process, the first who misses an entry computes it, and the others wait for the outcome. Between processes,
that first one needs the entry's lease; without it, it looks again and again for the entry or for the end of the lease.
A lease ends by itself, so that a process that has been killed keeps nobody waiting for ever.
"""

import asyncio
import inspect
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from colibris import bridge
from colibris.cache.base import CacheBackend
from colibris.cache.computations import Computation, Ending, Outcome
from colibris.cache.errors import CacheUnavailable
from colibris.cache.payload import Payload

__all__ = ['NotStorable', 'Recipe']

FIRST_PAUSE = 0.005
LAST_PAUSE = 0.1


class NotStorable(Exception):
    """Raised by a recipe's function for what only its own caller may have."""


@dataclass(frozen=True)
class Recipe:
    """How an entry is made when it is missed.

    :param backend: where it is kept.
    :param key: the backend's key.
    :param function: computes the value; plain or async.
    :param lifetime: for how long it is fresh, in seconds, or ``None``.
    :param stale: for how long it may be served after that, in seconds, while one caller computes it anew.
    """

    backend: CacheBackend
    key: str
    function: Callable[[], Any]
    lifetime: float | None
    stale: float | None

    def get(self) -> Any:
        """The value, found or computed.

        :raises Exception: whatever the function raises; those who have waited for it get the same error.
        """
        while True:
            found = self._find()
            if self.backend.on_lookup is not None:
                self.backend.on_lookup(found is not None, found is None)
            if found is not None:
                return found.value if found.is_fresh else self._refresh(found)
            computation, is_new = self.backend.computations.join_or_start(self.key)
            if is_new:
                return self._lead(computation)
            outcome = computation.wait(self.backend.lock_lifetime)
            if outcome.ending is Ending.SHARED:
                return self.backend.serializer.loads(outcome.data)
            if outcome.error is not None:
                raise outcome.error
            if outcome.ending is Ending.UNSHARED:
                return self._compute()
            self.backend.computations.forget(self.key, computation)

    def _find(self) -> Payload | None:
        try:
            return self._read()
        except CacheUnavailable:
            return None

    def _read(self) -> Payload | None:
        return Payload.read(self.backend.serializer, self.backend.get(self.key))

    def _refresh(self, found: Payload) -> Any:
        """The stale value, unless it falls to this caller to compute it anew."""
        token = _new_token()
        try:
            is_leased = self.backend.lease(self.key, token, self.backend.lock_lifetime)
        except CacheUnavailable:
            is_leased = False
        if not is_leased:
            return found.value
        payload, _ = self._compute_leased(token)
        return payload.value

    def _lead(self, computation: Computation) -> Any:
        """Compute the value, and tell those who wait for it."""
        outcome = Outcome(Ending.ABANDONED)
        try:
            payload, is_current = self._compute_alone()
            if is_current:
                outcome = Outcome(Ending.SHARED, payload.body)
            return payload.value
        except NotStorable:
            outcome = Outcome(Ending.UNSHARED)
            raise
        except Exception as exc:
            outcome = Outcome(Ending.FAILED, error=exc)
            raise
        finally:
            self.backend.computations.forget(self.key, computation)
            computation.end(outcome)

    def _compute_alone(self) -> tuple[Payload, bool]:
        """The value, computed while no other process does it too, and whether it is still current."""
        token = _new_token()
        try:
            found = self._wait_for_lease(token)
        except CacheUnavailable:
            return self._compute_payload(), True
        return (found, True) if found is not None else self._compute_leased(token)

    def _wait_for_lease(self, token: str) -> Payload | None:
        """Get the lease, or what another process has computed meanwhile."""
        pause = FIRST_PAUSE
        while True:
            is_leased = self.backend.lease(self.key, token, self.backend.lock_lifetime)
            found = self._read()
            if found is not None and found.is_fresh:
                if is_leased:
                    self._give_up(token)
                return found
            if is_leased:
                return None
            _pause(pause)
            pause = min(2 * pause, LAST_PAUSE)

    def _compute_leased(self, token: str) -> tuple[Payload, bool]:
        with self._giving_up_on_failure(token):
            payload = self._compute_payload()
        try:
            return payload, self.backend.fulfil(self.key, token, payload.data, self._whole_lifetime)
        except CacheUnavailable:
            return payload, True

    def _compute_payload(self) -> Payload:
        return Payload.of(self.backend.serializer, self._compute(), self.lifetime if self.stale else None)

    def _compute(self) -> Any:
        value = self.function()
        return bridge.wait(value) if inspect.isawaitable(value) else value

    @property
    def _whole_lifetime(self) -> float | None:
        return None if self.lifetime is None else self.lifetime + (self.stale or 0)

    @contextmanager
    def _giving_up_on_failure(self, token: str) -> Iterator[None]:
        try:
            yield
        except (Exception, asyncio.CancelledError):  # nothing can be waited for after any other: the lease will expire
            self._give_up(token)
            raise

    def _give_up(self, token: str) -> None:
        with suppress(CacheUnavailable):
            self.backend.give_up(self.key, token)


def _new_token() -> str:
    return secrets.token_hex(8)


def _pause(seconds: float) -> None:
    if bridge.is_loop_running():
        bridge.wait(asyncio.sleep(seconds))
    else:
        time.sleep(seconds)
