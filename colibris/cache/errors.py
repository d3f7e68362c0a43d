"""Why the cache could not do something."""

from colibris.errors import ColibrisError

__all__ = ['CacheUnavailable', 'NotANumber']


class CacheUnavailable(ColibrisError):
    """The cache cannot be reached.

    Backends raise it; applications never see it, because for them a cache that is away is an empty one.
    """


class NotANumber(ColibrisError, ValueError):
    """Only a whole number of 64 bits can be incremented."""
