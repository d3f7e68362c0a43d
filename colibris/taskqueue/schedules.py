"""Tasks that run again and again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from colibris.errors import ConfigurationError, MissingDependencyError
from colibris.taskqueue.call import TaskCall
from colibris.taskqueue.functions import path_of

__all__ = ['LATE_SECONDS', 'Schedule', 'schedule', 'schedules']

F = TypeVar('F', bound=Callable[..., Any])

LATE_SECONDS = 60.0
"""A tick is only late, and still enqueued, for this long; then it is missed."""

_CATCH_UP = ('skip', 'once')


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a function is to be called without anybody asking. A moment of it is called a tick."""

    name: str
    function: Callable[..., Any]
    cron: str | None = None
    every: float | None = None
    missed: str | None = None
    timezone: tzinfo = UTC
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)

    def call(self) -> TaskCall:
        """The call to make at a tick."""
        call = TaskCall.of(self.function, self.args, self.kwargs)
        return replace(call, operation_id=f'schedule:{call.id}')

    def tick_before(self, moment: float) -> float:
        """The last tick at or before a moment, both in seconds since the epoch."""
        if self.every is not None:
            return moment // self.every * self.every
        # croniter looks strictly before; a microsecond later, the moment itself counts too.
        return float(self._croniter(moment + 1e-6).get_prev(float))

    def ticks_after(self, moment: float) -> Iterator[float]:
        """All ticks after a moment, without an end."""
        if self.every is not None:
            number = moment // self.every
            while True:
                number += 1
                yield number * self.every
        ticks = self._croniter(moment)
        while True:
            yield float(ticks.get_next(float))

    def due(self, last: float, now: float, missed: str) -> list[float]:
        """The ticks to enqueue at ``now``, when ``last`` is the tick that was enqueued last.

        :param missed: what to do, unless this schedule says so itself, when ticks are older than :data:`LATE_SECONDS`:
            ``skip`` these, or catch up ``once`` for all.
        """
        newest = self.tick_before(now)
        if newest <= last:
            return []
        horizon = now - LATE_SECONDS
        if last < self.tick_before(horizon) and (self.missed or missed) == 'once':
            return [newest]
        return list(self._between(max(last, horizon), newest))

    def _between(self, after: float, newest: float) -> Iterator[float]:
        for tick in self.ticks_after(after):
            if tick > newest:
                return
            yield tick

    def _croniter(self, moment: float) -> Any:
        return _import_croniter()(self.cron, datetime.fromtimestamp(moment, self.timezone))


schedules: dict[str, Schedule] = {}
"""Every schedule that has been registered, by its name."""


def schedule(
    *args: Any,
    cron: str | None = None,
    every: float | None = None,
    missed: str | None = None,
    timezone: str = 'UTC',
    name: str | None = None,
    kwargs: dict[str, Any] | None = None,
) -> Callable[[F], F]:
    """Have the decorated function enqueued again and again, by whichever ``manage.py runworker --scheduler`` runs.

    :param args: the function's arguments; ``kwargs`` has those that have names.
    :param cron: when, in five fields: minute, hour, day of the month, month, day of the week.
    :param every: or every so many seconds, counted from midnight UTC of 1 January 1970.
    :param missed: what to do about ticks that are more than a minute past, when no scheduler has run: ``skip`` them, or
        catch up ``once`` for all of them; by default what ``TASK_QUEUE['missed_ticks']`` says.
    :param timezone: where the clock of ``cron`` hangs, as ``Europe/Berlin``.
    :param name: what tells the schedule from others; by default the function's dotted path.
    :raises ConfigurationError: an option is wrong, or the name is taken.
    """
    zone = _read_timezone(timezone)
    _check_times(cron, every, missed)

    def register(function: F) -> F:
        path = path_of_decorated(function)
        made = Schedule(name or path, function, cron, every, missed, zone, args, dict(kwargs or {}))
        existing = schedules.get(made.name)
        if existing is not None and path_of_decorated(existing.function) != path:
            raise ConfigurationError(f"schedule {made.name!r}: the name is taken; give one of the two another 'name'")
        schedules[made.name] = made
        return function

    return register


def path_of_decorated(function: Callable[..., Any]) -> str:
    """The dotted path of a function whose module may not yet be imported to its end."""
    return f'{function.__module__}.{function.__qualname__}'


def check_schedules() -> None:
    """Check that workers will find every scheduled function.

    :raises TaskQueueError: one is not at the top of a module.
    """
    for made in schedules.values():
        path_of(made.function)


def _check_times(cron: Any, every: Any, missed: Any) -> None:
    if (cron is None) == (every is None):
        raise ConfigurationError("schedule(): say either cron='*/5 * * * *' or every=30")
    if missed is not None and missed not in _CATCH_UP:
        raise ConfigurationError(f"schedule(missed={missed!r}): must be 'skip' or 'once'")
    if every is not None and (not isinstance(every, int | float) or isinstance(every, bool) or every <= 0):
        raise ConfigurationError(f'schedule(every={every!r}): must be a number of seconds above 0')
    if cron is not None and not (isinstance(cron, str) and _import_croniter().is_valid(cron)):
        raise ConfigurationError(f"schedule(cron={cron!r}): must have five fields like '*/5 * * * *'")


def _read_timezone(name: Any) -> tzinfo:
    try:
        return ZoneInfo(name)
    except Exception as exc:  # depends on what the name looks like
        raise ConfigurationError(f"schedule(timezone={name!r}): must be a name like 'Europe/Berlin'") from exc


def _import_croniter() -> Any:
    try:
        from croniter import croniter
    except ImportError:
        raise MissingDependencyError('croniter', 'rq') from None
    return croniter
