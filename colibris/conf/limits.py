"""Rate limits, as settings and views write them: ``'100/minute by address'``."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

__all__ = ['MAX_AMOUNT', 'Limit', 'check_limits', 'read_limits']

MAX_AMOUNT = 10_000
"""The largest amount of a limit: each hit in its window is remembered."""

_UNITS = {'second': 1, 'minute': 60, 'hour': 3600, 'day': 86400}
_MAX_SECONDS = 31 * 86400
_TEXT = re.compile(
    rf'(?P<amount>\d{{1,9}})\s*(?:/|\sper\s)\s*(?P<count>\d{{1,9}}\s)?\s*(?P<unit>{"|".join(_UNITS)})s?(?:\s+by\s+(?P<by>\w+))?',
    re.ASCII,
)
_FORM = "has to look like '100/minute', '5 per 10 seconds' or '1000/hour by account'"


@dataclass(frozen=True)
class Limit:
    """So many hits within so many seconds, counted for each value of ``by``: a name, or a function of the request."""

    amount: int
    seconds: int
    by: str | Callable[[Any], str | None] = 'address'

    @property
    def name(self) -> str:
        """What tells the limit from others of the same list."""
        by = self.by if isinstance(self.by, str) else getattr(self.by, '__name__', 'function')
        return f'{by}-{self.seconds}'


def read_limits(value: Any, kinds: Collection[str] | None = None) -> tuple[Limit, ...]:
    """The limits that ``value`` describes: a text such as ``'10/second; 1000/hour by account'``, or a list of such.

    :param kinds: what may stand behind ``by``, the first of it is meant where nothing does; by default anything.
    :raises ValueError: saying what is wrong.
    """
    if isinstance(value, Limit):
        return (value,)
    if isinstance(value, str):
        return tuple(_read(text.strip(), kinds) for text in value.split(';'))
    if not isinstance(value, list | tuple):
        raise ValueError(f'{value!r} {_FORM}, or be a list of such texts')
    return tuple(limit for item in value for limit in read_limits(item, kinds))


def check_limits(*kinds: str) -> Callable[[Any], str | None]:
    """A check that a setting's value describes limits, or is ``None``."""

    def check(value: Any) -> str | None:
        try:
            read_limits(value or (), kinds)
        except ValueError as exc:
            return str(exc)
        return None

    return check


def _read(text: str, kinds: Collection[str] | None) -> Limit:
    match = _TEXT.fullmatch(text.lower())
    if match is None:
        raise ValueError(f'{text!r} {_FORM}')
    amount, seconds = int(match['amount']), int(match['count'] or 1) * _UNITS[match['unit']]
    by = match['by'] or next(iter(kinds or ('address',)))
    if not 1 <= amount <= MAX_AMOUNT:
        raise ValueError(f'{text!r} must allow from 1 to {MAX_AMOUNT} requests; choose a shorter or a longer period')
    if not 1 <= seconds <= _MAX_SECONDS:
        raise ValueError(f'{text!r} must have a period from a second to 31 days')
    if kinds is not None and by not in kinds:
        raise ValueError(f"{text!r} cannot be counted by '{by}', but by {' or '.join(kinds)}")
    return Limit(amount, seconds, by)
