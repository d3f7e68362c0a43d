"""Where Redis is, and how redis-py's clients for it are made."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import redis.asyncio
import redis.asyncio.cluster
import redis.asyncio.retry
import redis.asyncio.sentinel
import redis.cluster
import redis.retry
import redis.sentinel
from redis.backoff import NoBackoff
from redis.connection import ConnectionPool
from redis.exceptions import RedisClusterException, RedisError

from colibris.errors import ConfigurationError

__all__ = ['FAILURES', 'Address', 'Closer']

FAILURES = (RedisError, RedisClusterException, OSError)
"""What redis-py raises when Redis does not do what it is asked."""

Closer = Callable[[], Awaitable[None]]

DEFAULT_HOST = '127.0.0.1'
DEFAULT_PORT = 6379

_MAX_PORT = 65535


@dataclass(frozen=True)
class Address:
    """Where Redis is; the arguments are those of the backend.

    :raises ConfigurationError: they contradict each other, or one of them is wrong.
    """

    host: str | None
    port: int | None
    db: int
    username: str | None
    password: str | None = field(repr=False)
    url: str | None = field(repr=False)
    cluster: bool
    sentinels: Sequence[tuple[str, int]] | None
    service: str | None
    sentinel_password: str | None = field(repr=False)

    def __post_init__(self) -> None:
        self._check_ways()
        self._check_port()
        if not isinstance(self.db, int) or isinstance(self.db, bool) or self.db < 0:
            raise ConfigurationError(f'db must be a whole number from 0 on, not {self.db!r}')
        if self.cluster and self.db:
            raise ConfigurationError('a Redis cluster has only the database 0')
        if self.url is not None:
            _check_url(self.url)

    def make_client(self, pool_size: int) -> tuple[Any, list[Closer]]:
        """A client for one event loop, and what closes it.

        Whoever calls it sees to time-outs and to the number of its callers.
        """
        options: dict[str, Any] = {
            **self._options,
            'socket_timeout': None,
            'socket_connect_timeout': None,
            'max_connections': pool_size,
            'retry': redis.asyncio.retry.Retry(NoBackoff(), 0),
        }
        if self.sentinels is not None:
            client, sentinel = self._behind_sentinels(redis.asyncio.sentinel.Sentinel, options)
            return client, [client.aclose, sentinel.aclose]
        if not self.cluster:
            client = self._make(redis.asyncio.Redis, options)
            return client, [client.aclose]
        client = self._make(redis.asyncio.cluster.RedisCluster, options)
        # While it looks for its nodes, the client itself would leave the connections to them open.
        nodes = client.nodes_manager
        return client, [client.aclose, nodes.aclose, partial(nodes.aclose, 'startup_nodes')]

    def make_plain_client(self, seconds: float) -> Any:
        """A client for threads without a loop, which waits some seconds for each answer."""
        options: dict[str, Any] = {
            **self._options,
            'socket_timeout': seconds,
            'socket_connect_timeout': seconds,
            'retry': redis.retry.Retry(NoBackoff(), 0),
        }
        if self.sentinels is not None:
            return self._behind_sentinels(redis.sentinel.Sentinel, options)[0]
        return self._make(redis.cluster.RedisCluster if self.cluster else redis.Redis, options)

    @property
    def _options(self) -> dict[str, Any]:
        # The newer protocol's notifications are of no use here, and cost a round trip for each new connection.
        options = {'username': self.username, 'password': self.password, 'protocol': 2, 'driver_info': None}
        return options if self.cluster else {**options, 'db': self.db}

    def _make(self, client_class: Any, options: dict[str, Any]) -> Any:
        if self.url is not None:
            return client_class.from_url(self.url, **options)
        return client_class(host=self.host or DEFAULT_HOST, port=self.port or DEFAULT_PORT, **options)

    def _behind_sentinels(self, sentinel_class: Any, options: dict[str, Any]) -> tuple[Any, Any]:
        kept = ('socket_timeout', 'socket_connect_timeout', 'retry', 'protocol', 'driver_info')
        of_sentinels = {name: options[name] for name in kept} | {'password': self.sentinel_password}
        sentinel = sentinel_class(self.sentinels, sentinel_kwargs=of_sentinels, **options)
        return sentinel.master_for(self.service), sentinel

    def _check_ways(self) -> None:
        ways = {
            'host or port': self.host is not None or self.port is not None,
            'url': self.url is not None,
            'sentinels': self.sentinels is not None,
        }
        chosen = [name for name, is_chosen in ways.items() if is_chosen]
        if len(chosen) > 1:
            raise ConfigurationError(f'{" and ".join(chosen)} exclude each other')
        if (self.sentinels is None) != (self.service is None):
            raise ConfigurationError('sentinels and service, the name of what they watch, need each other')
        if self.sentinels is not None and (self.cluster or not _are_addresses(self.sentinels)):
            raise ConfigurationError("sentinels must be a list like [('10.0.0.1', 26379)], and go without cluster")

    def _check_port(self) -> None:
        if self.port is not None and (not isinstance(self.port, int) or not 0 < self.port <= _MAX_PORT):
            raise ConfigurationError(f'port must be a whole number from 1 to {_MAX_PORT}, not {self.port!r}')


def _check_url(url: str) -> None:
    try:
        ConnectionPool.from_url(url)
    except (ValueError, TypeError, AttributeError):
        # What they say may hold a part of the password.
        raise ConfigurationError('url must have the form redis://[user]:password@host:6379/0') from None


def _are_addresses(values: Any) -> bool:
    return (
        isinstance(values, list | tuple)
        and bool(values)
        and all(
            isinstance(item, list | tuple) and len(item) == 2 and isinstance(item[0], str) and isinstance(item[1], int)
            for item in values
        )
    )
