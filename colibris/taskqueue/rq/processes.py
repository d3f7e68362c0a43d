"""Processes that do not outlive those that need them."""

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Iterator

__all__ = ['blocked_signals', 'end_with_parent']

_PR_SET_PDEATHSIG = 1


def end_with_parent(number: signal.Signals, parent: int) -> None:
    """Have the kernel send this process a signal when its parent has ended; does nothing on systems that cannot.

    :param parent: the parent's process id, which may have ended before this call.
    """
    if sys.platform == 'linux':
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            os.kill(os.getpid(), number)


@contextlib.contextmanager
def blocked_signals(*numbers: signal.Signals) -> Iterator[None]:
    """Keep signals for after the block; a process that is forked in it has to let them in itself."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
