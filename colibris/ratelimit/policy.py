"""Which limits a view has."""

from collections.abc import Callable
from typing import Any, TypeVar

from aiohttp import web

from colibris.conf.limits import Limit, read_limits
from colibris.errors import ConfigurationError
from colibris.utils.functions import independent

__all__ = ['KINDS', 'limit_rate', 'limits_of']

V = TypeVar('V')

Identify = Callable[[web.Request], str | None]

KINDS = ('address', 'account', 'key')
"""By what requests may be counted."""

_ATTRIBUTE = 'rate_limit'


def limit_rate(*limits: str, by: Identify | None = None) -> Callable[[V], V]:
    """Decorate a function view, a view class or a method: its requests are limited so, and not as others.

    .. code-block:: python

        @limit_rate('5/minute by account', '20/day by account')
        def export(request): ...

    Without any limit its requests are not limited at all. A function itself stays as it is.

    :param limits: each a text such as ``'10/minute'``, ``'5 per 10 seconds'`` or ``'1000/hour by account'``.
    :param by: a function that says by what a request is counted, in place of what the texts say: requests for which it
        returns the same text are counted together; those for which it returns ``None`` are not limited.
    :raises ConfigurationError: a limit is malformed.
    """
    found = _read(limits)
    if by is not None:
        found = tuple(Limit(limit.amount, limit.seconds, by) for limit in found)

    def decorate(view: V) -> V:
        decorated = independent(view)
        setattr(decorated, _ATTRIBUTE, found)
        return decorated

    return decorate


def limits_of(view: Any) -> tuple[Limit, ...] | None:
    """The limits of a view, or of one of its methods, from the decorator or the attribute ``rate_limit``.

    ``None`` if it says nothing about limits.

    :raises ConfigurationError: one is malformed.
    """
    declared = getattr(view, _ATTRIBUTE, None)
    return None if declared is None else _read(declared)


def _read(limits: Any) -> tuple[Limit, ...]:
    try:
        return read_limits(limits, KINDS)
    except ValueError as exc:
        raise ConfigurationError(f'rate_limit: {exc}') from exc
