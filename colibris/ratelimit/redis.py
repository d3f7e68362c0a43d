"""Hits counted in Redis, for all processes together."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

from colibris.conf.definitions import is_seconds, one_of, whole_number
from colibris.conf.limits import Limit
from colibris.errors import ConfigurationError, MissingDependencyError
from colibris.ratelimit.base import RateLimitBackend
from colibris.ratelimit.errors import RateLimitUnavailable
from colibris.ratelimit.usage import Usage
from colibris.utils.breaker import CircuitBreaker
from colibris.utils.deadline import Deadline

try:
    from limits import RateLimitItemPerSecond
    from limits.aio.storage import RedisStorage
    from limits.aio.strategies import MovingWindowRateLimiter
except ImportError:
    raise MissingDependencyError('limits', 'limits') from None
try:
    from redis.asyncio import Connection, ConnectionPool, SSLConnection
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff
    from redis.exceptions import ConnectionError as RedisConnectionError
    from redis.exceptions import RedisError
except ImportError:
    raise MissingDependencyError('redis', 'limits') from None

__all__ = ['RedisBackend']

T = TypeVar('T')

logger = logging.getLogger(__name__)


class RedisBackend(RateLimitBackend):
    """Counts in Redis by the library limits, in a script that Redis runs in one step.

    While Redis does not answer, every hit passes or every hit is refused, as ``on_failure`` says. Nobody waits for it
    but the requests that are the first to notice, and then one in ``retry_seconds``; none longer than ``timeout``.
    The clocks of the servers that share a Redis have to agree.

    :param host: Redis' host.
    :param port: Redis' port.
    :param db: the number of Redis' database.
    :param username: whom to connect as.
    :param password: the user's password.
    :param ssl: whether to connect by TLS.
    :param prefix: what the names of all keys begin with.
    :param timeout: how long counting a hit may take, in seconds.
    :param max_connections: the largest number of connections of a process.
    :param on_failure: ``'open'``: while Redis is away every hit passes; ``'closed'``: every hit is refused with 503.
    :param retry_seconds: how long Redis is left alone when it has failed.
    """

    def __init__(
        self,
        host: str = '127.0.0.1',
        port: int = 6379,
        db: int = 0,
        username: str | None = None,
        password: str | None = None,
        *,
        ssl: bool = False,
        prefix: str = 'colibris:limits',
        timeout: float = 1.0,
        max_connections: int = 20,
        on_failure: str = 'open',
        retry_seconds: float = 5.0,
    ) -> None:
        problems = {
            'port': whole_number(1, 65535)(port),
            'db': whole_number(0)(db),
            'timeout': is_seconds(timeout),
            'max_connections': whole_number(1)(max_connections),
            'on_failure': one_of('open', 'closed')(on_failure),
            'retry_seconds': is_seconds(retry_seconds),
        }
        if any(problems.values()):
            raise ConfigurationError('; '.join(f'{name!r} {text}' for name, text in problems.items() if text))
        self._connection: dict[str, Any] = {
            'connection_class': SSLConnection if ssl else Connection,
            'host': host,
            'port': port,
            'db': db,
            'username': username,
            'password': password,
            # A connection that Redis has closed meanwhile is made anew; that is not yet a failure.
            'retry': Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        }
        self._address = f'{host}:{port}'
        self._prefix = prefix
        self._timeout = timeout
        self._is_closed_on_failure = on_failure == 'closed'
        self._breaker = CircuitBreaker(retry_seconds)
        self._max_connections = max_connections
        self._server: _Connections | None = None

    async def start(self) -> None:
        """Keep connections from now on; Redis may come up later."""
        self._server = _Connections(self._connection, self._prefix, self._max_connections)

    async def stop(self) -> None:
        """Close the connections."""
        server, self._server = self._server, None
        if server is not None:
            await server.pool.disconnect()

    async def hit(self, key: str, limit: Limit) -> Usage:
        """Count a hit if the limit allows it."""
        usage = await self._ask(lambda limiter: _hit(limiter, key, limit))
        return usage or Usage(limit, True, limit.amount, 0.0)

    async def clear(self, key: str, limit: Limit) -> None:
        """Forget the hits of a key."""
        await self._ask(lambda limiter: limiter.clear(_item(limit), key))

    async def _ask(self, question: Callable[[MovingWindowRateLimiter], Awaitable[T]]) -> T | None:
        """Redis' answer; ``None`` if there is none, and that is to be no obstacle."""
        try:
            return await self._ask_guarded(question)
        except RateLimitUnavailable:
            if self._is_closed_on_failure:
                raise
            return None

    async def _ask_guarded(self, question: Callable[[MovingWindowRateLimiter], Awaitable[T]]) -> T:
        async with self._limiter() as limiter:
            # Asked only when it is this caller's turn: it may have waited behind those that have found Redis away.
            if not self._breaker.allows():
                raise RateLimitUnavailable
            was_away = self._breaker.is_open
            try:
                with Deadline(self._timeout, grace=self._timeout):
                    answer = await question(limiter)
            except (RedisError, OSError) as exc:  # a TimeoutError is an OSError
                self._note_failure(exc)
                raise RateLimitUnavailable from exc
            self._note_success(was_away)
            return answer

    @contextlib.asynccontextmanager
    async def _limiter(self) -> AsyncIterator[MovingWindowRateLimiter]:
        """What counts: by the server's connections, or, elsewhere (in commands, fixtures), by one made for it."""
        if self._server is not None and self._server.loop is asyncio.get_running_loop():
            async with self._server.turns:
                yield self._server.limiter
            return
        connections = _Connections(self._connection, self._prefix, 1)
        try:
            yield connections.limiter
        finally:
            await connections.pool.disconnect()

    def _note_failure(self, error: Exception) -> None:
        if not self._breaker.is_open:
            consequence = 'is refused' if self._is_closed_on_failure else 'passes'
            reason = f'{type(error).__name__}: {error}'
            logger.error('Redis at %s counts no requests (%s); each of them %s', self._address, reason, consequence)
        self._breaker.failed()

    def _note_success(self, was_away: bool) -> None:
        if was_away:
            logger.info('Redis at %s counts requests again', self._address)
        self._breaker.succeeded()


class _Connections:
    """The connections of an event loop, what counts by them, and the turns that requests take in using them."""

    def __init__(self, options: dict[str, Any], prefix: str, number: int) -> None:
        self.loop = asyncio.get_running_loop()
        self.pool = ConnectionPool(**options)
        self.turns = asyncio.Semaphore(number)
        storage_options: dict[str, Any] = {'connection_pool': self.pool, 'key_prefix': prefix}
        storage = RedisStorage('async+redis://', implementation='redispy', **storage_options)
        self.limiter = MovingWindowRateLimiter(storage)


def _item(limit: Limit) -> RateLimitItemPerSecond:
    return RateLimitItemPerSecond(limit.amount, limit.seconds)


async def _hit(limiter: MovingWindowRateLimiter, key: str, limit: Limit) -> Usage:
    item = _item(limit)
    allowed = await limiter.hit(item, key)
    reset_time, remaining = await limiter.get_window_stats(item, key)
    return Usage(limit, allowed, remaining if allowed else 0, max(0.0, reset_time - time.time()))
