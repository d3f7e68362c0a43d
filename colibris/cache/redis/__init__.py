"""The cache on Redis."""

from colibris.errors import MissingDependencyError

try:
    import redis as _  # noqa: F401  # the package of that name, not this one
except ImportError:
    raise MissingDependencyError('redis', 'redis') from None

from colibris.cache.redis.backend import RedisBackend

__all__ = ['RedisBackend']
