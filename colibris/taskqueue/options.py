"""How tasks run: what the decorator ``@taskqueue.task`` sets."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, overload

from colibris.errors import ConfigurationError

__all__ = ['Rate', 'TaskOptions', 'backoff_delay', 'options_of', 'task']

F = TypeVar('F', bound=Callable[..., Any])
Unique = bool | Callable[..., str]

LONGEST_BACKOFF = 3600.0

_ATTRIBUTE = '__task_options__'
_PERIODS = {'s': 1, 'm': 60, 'h': 3600, 'd': 86400}


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``count`` starts in any ``seconds``."""

    count: int
    seconds: float

    @classmethod
    def parse(cls, text: str) -> 'Rate':
        """The rate that a text like ``10/m`` or ``1/30s`` tells.

        :raises ConfigurationError: it tells none.
        """
        match = re.fullmatch(r'([1-9]\d*)/(\d*)([smhd])', text) if isinstance(text, str) else None
        if not match or match[2] == '0':
            raise ConfigurationError(f"rate={text!r}: must look like '10/m', '100/h' or '1/30s'")
        return cls(int(match[1]), int(match[2] or 1) * _PERIODS[match[3]])


@dataclass(frozen=True, slots=True)
class TaskOptions:
    """How the calls of one task run; ``None`` stands for what the backend has by default."""

    queue: str | None = None
    timeout: float | None = None
    retries: int = 0
    backoff: float = 1.0
    unique: Unique = False
    rate: Rate | None = None

    def __post_init__(self) -> None:
        for problem in self._problems():
            raise ConfigurationError(problem)

    def _problems(self) -> list[str]:
        checks = {
            f'queue={self.queue!r}: must be the name of a queue': self.queue is None or _is_name(self.queue),
            f'timeout={self.timeout!r}: must be a number of seconds above 0': self.timeout is None
            or (_is_number(self.timeout) and self.timeout > 0),
            f'retries={self.retries!r}: must be a whole number from 0': _is_number(self.retries)
            and isinstance(self.retries, int)
            and self.retries >= 0,
            f'backoff={self.backoff!r}: must be a number of seconds from 0': _is_number(self.backoff)
            and self.backoff >= 0,
            f'unique={self.unique!r}: must be True, False or a function that makes a text of the arguments': isinstance(
                self.unique, bool
            )
            or callable(self.unique),
        }
        return [problem for problem, is_fine in checks.items() if not is_fine]


@overload
def task(function: F, /) -> F: ...


@overload
def task(
    *,
    queue: str | None = None,
    timeout: float | None = None,
    retries: int = 0,
    backoff: float = 1.0,
    unique: Unique = False,
    rate: str | None = None,
) -> Callable[[F], F]: ...


def task(
    function: Any = None,
    /,
    *,
    queue: str | None = None,
    timeout: float | None = None,
    retries: int = 0,
    backoff: float = 1.0,
    unique: Unique = False,
    rate: str | None = None,
) -> Any:
    """Say how a function runs in the background; called directly, it stays the plain or async function that it is.

    :param queue: the queue it waits in; by default the backend's first one.
    :param timeout: after how many seconds a run is killed; by default the backend's ``timeout``.
    :param retries: how often it is run again after it has failed, or after its worker has been killed.
    :param backoff: how many seconds pass before the first retry. Each further one takes twice as long, an hour at
        most; chance takes away up to half of it, so that tasks that failed together do not come back together.
    :param unique: drop a call while another one with the same arguments waits or runs. A function is called with the
        arguments, and makes the text that has to differ.
    :param rate: how many may start in a time, like ``10/m``, ``100/h`` or ``1/30s``; others wait.
    :raises ConfigurationError: an option is wrong.
    """
    options = TaskOptions(queue, timeout, retries, backoff, unique, None if rate is None else Rate.parse(rate))

    def mark(function: F) -> F:
        setattr(function, _ATTRIBUTE, options)
        return function

    return mark if function is None else mark(function)


def options_of(function: Callable[..., Any]) -> TaskOptions:
    """What ``@taskqueue.task`` has set for a function."""
    options: TaskOptions = getattr(function, _ATTRIBUTE, _DEFAULTS)
    return options


def backoff_delay(first: float, failures: int) -> float:
    """How many seconds to wait after the ``failures``-th failure, when ``first`` are waited after the first one."""
    delay = min(first * 2.0 ** min(failures - 1, 60), LONGEST_BACKOFF)
    return delay * random.uniform(0.5, 1)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r'[A-Za-z0-9_.-]{1,64}', value) is not None


_DEFAULTS = TaskOptions()
