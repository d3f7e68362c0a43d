"""The contract of a backend that counts hits."""

from abc import ABC, abstractmethod

from colibris.conf.backends import Backend
from colibris.conf.limits import Limit
from colibris.ratelimit.usage import Usage

__all__ = ['RateLimitBackend']


class RateLimitBackend(Backend, ABC):
    """Counts the hits of each key in a moving window: however it is placed, no window holds more than the limit allows.

    A key is a short text, made by colibris. The same key under another limit is counted apart.
    """

    @abstractmethod
    async def hit(self, key: str, limit: Limit) -> Usage:
        """Count a hit if the limit allows it, in one step: of hits at the same time, no more pass than it allows.

        A hit that is refused is not counted. A key that is not known has had no hits.

        :raises RateLimitUnavailable: nobody can tell whether the hit is allowed.
        """

    @abstractmethod
    async def clear(self, key: str, limit: Limit) -> None:
        """Forget the hits of a key; one that is not known is no error.

        :raises RateLimitUnavailable: they cannot be forgotten now.
        """
