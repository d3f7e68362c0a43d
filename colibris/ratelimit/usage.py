"""What a limit leaves."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from colibris.conf.limits import Limit

__all__ = ['Usage', 'headers_of']


@dataclass(frozen=True)
class Usage:
    """A limit after a hit.

    :param allowed: whether the hit may pass.
    :param remaining: how many more may pass at once.
    :param reset: how many seconds later there is room for one more than that.
    """

    limit: Limit
    allowed: bool
    remaining: int
    reset: float

    @property
    def seconds(self) -> int:
        """The seconds to wait, as a whole number, as headers have it."""
        return max(1, math.ceil(self.reset))


def headers_of(usages: Iterable[Usage]) -> dict[str, str]:
    """The headers that tell a client of the limits, as draft-ietf-httpapi-ratelimit-headers-10 has them."""
    usages = list(usages)
    policies = (f'"{usage.limit.name}";q={usage.limit.amount};w={usage.limit.seconds}' for usage in usages)
    states = (f'"{usage.limit.name}";r={usage.remaining};t={usage.seconds}' for usage in usages)
    return {'RateLimit-Policy': ', '.join(policies), 'RateLimit': ', '.join(states)}
