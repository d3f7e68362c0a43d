"""Processes that tests start."""

import contextlib
import os
import signal
import subprocess
from pathlib import Path

__all__ = ['Process', 'children_of', 'kill_all_of', 'send']


class Process(subprocess.Popen):
    """One that does not outlive a test that fails: leaving the block by an exception kills it, and all below it."""

    def __exit__(self, exc_type, *rest):
        if exc_type is not None:
            kill_all_of(self)
        return super().__exit__(exc_type, *rest)


def kill_all_of(process):
    """Kill a process and all below it, if it has not ended; the process ids."""
    pids = [process.pid] if process.poll() is None else []
    for pid in pids:
        send(pid, signal.SIGSTOP)  # no more children
        pids += children_of(pid)
    for pid in pids:
        send(pid, signal.SIGKILL)
    process.wait()
    return pids


def children_of(pid):
    """The process ids of a process' children."""
    try:
        return [int(word) for word in Path(f'/proc/{pid}/task/{pid}/children').read_text().split()]
    except OSError:
        return []


def send(pid, number):
    """Send a signal to a process, which may have ended."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
