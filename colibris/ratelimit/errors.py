"""Why a hit is refused."""

from colibris.errors import ColibrisError
from colibris.ratelimit.usage import Usage

__all__ = ['RateLimitExceeded', 'RateLimitUnavailable']


class RateLimitExceeded(ColibrisError):
    """Too many requests.

    :param usage: the limit that has been reached.
    """

    def __init__(self, usage: Usage) -> None:
        super().__init__(f'too many requests; try again in {usage.seconds} seconds')
        self.usage = usage


class RateLimitUnavailable(ColibrisError):
    """Requests cannot be counted at the moment."""
