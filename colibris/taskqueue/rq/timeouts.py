"""The end of runs that take too long."""

import signal
from types import FrameType
from typing import Any

from rq.timeouts import BaseDeathPenalty

__all__ = ['OutOfTime', 'TimeLimit']


class OutOfTime(SystemExit):
    """A run has taken too long.

    A ``SystemExit``, because neither ``except Exception`` in a task nor the event loop holds that up.
    """


class TimeLimit(BaseDeathPenalty):
    """Raises :class:`OutOfTime` in the main thread after some seconds, parts of a second included."""

    def handle_death_penalty(self, signum: int, frame: FrameType | None) -> Any:
        """End the run."""
        raise OutOfTime(f'the task took longer than {self._timeout:g} seconds')

    def setup_death_penalty(self) -> None:
        """Start the clock."""
        signal.signal(signal.SIGALRM, self.handle_death_penalty)
        signal.setitimer(signal.ITIMER_REAL, max(self._timeout, 0))

    def cancel_death_penalty(self) -> None:
        """Stop the clock."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
