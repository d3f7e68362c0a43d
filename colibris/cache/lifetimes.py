"""How long entries live."""

import math

__all__ = ['check_lifetime', 'check_seconds', 'check_stale']

FOREVER = 100 * 365 * 86400.0


def check_lifetime(lifetime: float | None) -> float | None:
    """A lifetime in seconds; ``None`` never ends.

    :raises TypeError: it is no number.
    :raises ValueError: it is not a number of seconds from 0 on.
    """
    return None if lifetime is None else check_seconds('a lifetime', lifetime, 'a number of seconds, or None')


def check_seconds(name: str, value: float, expected: str = 'a number of seconds') -> float:
    """A number of seconds, a hundred years at most.

    :param name: what the number is, for the error.
    """
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f'{name} must be {expected}, not {type(value).__name__}')
    if math.isnan(value) or value < 0:
        raise ValueError(f'{name} must be {expected}, from 0 on, not {value}')
    return min(float(value), FOREVER)


def check_stale(stale: float | None, lifetime: float | None) -> float | None:
    """For how long a value may be served after its lifetime, in seconds; ``None``: not at all.

    :raises TypeError: it is no number.
    :raises ValueError: it is negative, or the lifetime never ends.
    """
    if stale is None:
        return None
    if lifetime is None:
        raise ValueError('stale= needs a lifetime: a value that never expires is never stale')
    return check_seconds('stale', stale)
