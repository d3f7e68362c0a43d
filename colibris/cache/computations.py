"""Values that are being computed in this process."""

import asyncio
import concurrent.futures
import enum
import threading
from dataclasses import dataclass

from colibris import bridge

__all__ = ['Computation', 'Computations', 'Ending', 'Outcome']


class Ending(enum.Enum):
    """How a computation has ended."""

    SHARED = enum.auto()
    """With a value for everybody."""

    FAILED = enum.auto()
    """With an error for everybody."""

    UNSHARED = enum.auto()
    """With a value that only its own caller may have."""

    ABANDONED = enum.auto()
    """Without anything to be had; or it takes too long."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has become of a computation."""

    ending: Ending
    data: bytes = b''
    error: Exception | None = None


class Computation:
    """One value that is being computed; who else needs it waits for the outcome, in whatever loop or thread."""

    def __init__(self) -> None:
        self._outcome: concurrent.futures.Future[Outcome] = concurrent.futures.Future()
        self._outcome.set_running_or_notify_cancel()  # so that a waiter's cancellation is the waiter's alone

    def end(self, outcome: Outcome) -> None:
        """Tell everybody who waits."""
        self._outcome.set_result(outcome)

    def wait(self, seconds: float) -> Outcome:
        """The outcome; after some seconds the computation counts as abandoned."""
        if bridge.is_loop_running():
            bridge.wait(asyncio.wait([asyncio.wrap_future(self._outcome)], timeout=seconds))
        else:
            concurrent.futures.wait([self._outcome], seconds)
        return self._outcome.result() if self._outcome.done() else Outcome(Ending.ABANDONED)


class Computations:
    """The computations of one backend, by key."""

    def __init__(self) -> None:
        self._running: dict[str, Computation] = {}
        self._lock = threading.Lock()

    def join_or_start(self, key: str) -> tuple[Computation, bool]:
        """The running computation for the key or a new one, and whether it is new."""
        with self._lock:
            running = self._running.get(key)
            if running is not None:
                return running, False
            started = self._running[key] = Computation()
            return started, True

    def forget(self, key: str, computation: Computation | None = None) -> None:
        """Have those who come from now on start anew; with ``computation``, only if it is still that one."""
        with self._lock:
            if computation is None or self._running.get(key) is computation:
                self._running.pop(key, None)

    def forget_all(self) -> None:
        """Have everybody who comes from now on start anew."""
        with self._lock:
            self._running.clear()
