"""What else is done around tasks, for those who watch them. The lists are empty where nobody does."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext

__all__ = ['AroundRun', 'around_run', 'before_exit', 'process_ended', 'run_killed', 'watched']

AroundRun = Callable[[str, str], AbstractContextManager[object]]

around_run: list[AroundRun] = []
"""Make what surrounds a run, given the function's dotted path and the call's trace; called where the task runs."""

run_killed: list[Callable[[str], None]] = []
"""Called with the function's dotted path when the process of a run was killed, so that the run has no end."""

before_exit: list[Callable[[], None]] = []
"""Called in the process of a run, when the outcome is stored, just before it ends."""

process_ended: list[Callable[[int], None]] = []
"""Called with the id of each process of a run or of a worker that has ended."""

_NOTHING = nullcontext()


def watched(function: str, trace: str) -> AbstractContextManager[object]:
    """What surrounds a run."""
    if not around_run:
        return _NOTHING
    stack = ExitStack()
    for enter in around_run:
        stack.enter_context(enter(function, trace))
    return stack
