"""Rate limits: how often something may happen.

The setting ``RATE_LIMIT`` limits requests, and views have limits of their own (:func:`limit_rate`). Anything else is
limited by :func:`hit`. The setting ``RATE_LIMIT_STORAGE`` names the backend that counts; without it each process counts
in its memory.
"""

from colibris import bridge
from colibris.conf.limits import Limit, read_limits
from colibris.ratelimit.base import RateLimitBackend
from colibris.ratelimit.counting import count, forget
from colibris.ratelimit.errors import RateLimitExceeded, RateLimitUnavailable
from colibris.ratelimit.login import forgive_login, throttle_login
from colibris.ratelimit.policy import limit_rate, limits_of
from colibris.ratelimit.usage import Usage

__all__ = [
    'Limit',
    'RateLimitBackend',
    'RateLimitExceeded',
    'RateLimitUnavailable',
    'Usage',
    'clear',
    'forgive_login',
    'hit',
    'limit_rate',
    'limits_of',
    'throttle_login',
]


def hit(name: str, identity: str, limits: str) -> None:
    """Count that something happens, if it may: ``ratelimit.hit('export', account.id, '5/hour')``.

    In a request that nobody else catches the exceptions of, they answer with 429 and 503.

    :param name: what happens.
    :param identity: by what it is counted: whose doing it is, for example.
    :param limits: how often it may, as a text such as ``'5/hour'`` or ``'1/second; 100/day'``.
    :raises RateLimitExceeded: it has happened too often.
    :raises RateLimitUnavailable: nobody can tell, and then it may not.
    :raises ValueError: ``limits`` is malformed.
    """
    bridge.wait(count(name, str(identity), read_limits(limits)))


def clear(name: str, identity: str, limits: str) -> None:
    """Forget how often something has happened; the arguments are those of :func:`hit`."""
    bridge.wait(forget(name, str(identity), read_limits(limits)))
