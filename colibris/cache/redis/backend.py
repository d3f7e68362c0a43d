"""The cache on Redis, or on anything that speaks its protocol."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from redis.exceptions import ResponseError

from colibris import bridge
from colibris.cache.base import CacheBackend, positive
from colibris.cache.errors import CacheUnavailable, NotANumber
from colibris.cache.redis import scripts
from colibris.cache.redis.address import FAILURES, Address
from colibris.cache.redis.breaker import Breaker
from colibris.cache.redis.journal import Journal
from colibris.cache.redis.loops import LoopClient, LoopClients
from colibris.cache.redis.sweep import Sweep
from colibris.errors import ConfigurationError

__all__ = ['RedisBackend']

Command = Callable[[Any], Any]
"""What is asked of a client of redis-py; with an asynchronous one it returns an awaitable."""


class RedisBackend(CacheBackend):
    """Keeps the entries in Redis, for all processes.

    In event loops it uses redis-py's asyncio client, with connections of their own for each loop, and elsewhere its
    plain client. After a failure nobody asks Redis for a while; then one caller tries. It first deletes the entries of
    the writes that have been lost.

    :param host: where Redis is; by default 127.0.0.1.
    :param port: by default 6379.
    :param db: the number of the database.
    :param username: for servers with access control lists.
    :param password: the password.
    :param url: instead of host and port: ``redis://…``, ``rediss://…`` for TLS, or ``unix://…``.
    :param cluster: whether it is a cluster, one node of which is at that address.
    :param sentinels: instead of host and port: the addresses of sentinels, like ``[('10.0.0.1', 26379)]``.
    :param service: the name under which the sentinels know the master.
    :param sentinel_password: the sentinels' password.
    :param timeout: the longest time that a call may take, in seconds; in plain code, that each answer may take.
    :param retry_interval: the longest time that Redis is left alone after a failure, in seconds; at first an eighth of
        it.
    :param log_interval: the shortest time between two warnings that it is away, in seconds.
    :param pool_size: the largest number of connections of each event loop.
    :param options: those of every backend, see :class:`~colibris.cache.base.CacheBackend`.
    """

    def __init__(
        self,
        host: str | None = None,
        port: int | None = None,
        db: int = 0,
        password: str | None = None,
        *,
        username: str | None = None,
        url: str | None = None,
        cluster: bool = False,
        sentinels: Sequence[tuple[str, int]] | None = None,
        service: str | None = None,
        sentinel_password: str | None = None,
        timeout: float = 0.08,
        retry_interval: float = 1,
        log_interval: float = 60,
        pool_size: int = 20,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if not isinstance(pool_size, int) or isinstance(pool_size, bool) or pool_size < 1:
            raise ConfigurationError(f'pool_size must be a whole number from 1 on, not {pool_size!r}')
        self._timeout = positive('timeout', timeout)
        self._address = Address(host, port, db, username, password, url, cluster, sentinels, service, sentinel_password)
        self._breaker = Breaker(positive('retry_interval', retry_interval), positive('log_interval', log_interval))
        self._journal = Journal(self.keys.pattern)
        self._clients = LoopClients(lambda: LoopClient(*self._address.make_client(pool_size), pool_size))
        self._plain_client: Any = None

    async def start(self) -> None:
        """Connect, so that the log says at once if Redis is away."""
        with suppress(CacheUnavailable):
            self.check_connectivity()

    async def stop(self) -> None:
        """Close the connections of the running loop, and those of plain code."""
        await self._clients.close()
        client, self._plain_client = self._plain_client, None
        if client is not None:
            client.close()

    def get(self, key: str) -> bytes | None:
        """The entry's value, or ``None`` if there is none."""
        value: bytes | None = self._ask(lambda client: client.get(key))
        return value

    def get_many(self, keys: Sequence[str]) -> dict[str, bytes]:
        """The values of those entries that there are."""
        values = self._ask(lambda client: getattr(client, 'mget_nonatomic', client.mget)(keys))
        return {key: value for key, value in zip(keys, values, strict=True) if value is not None}

    def set(self, key: str, value: bytes, lifetime: float | None) -> None:
        """Make an entry, or replace it."""
        self._change([key], lambda client: client.execute_command(*_setting(key, value, lifetime)))

    def set_many(self, values: Mapping[str, bytes], lifetime: float | None) -> None:
        """Make or replace several entries."""
        commands = [_setting(key, value, lifetime) for key, value in values.items()]
        self._change(values, lambda client: _together(client, commands))

    def add(self, key: str, value: bytes, lifetime: float | None) -> bool:
        """Make an entry if there is none; return whether it has been made."""
        ends = _milliseconds(lifetime)
        return bool(self._ask(lambda client: client.set(key, value, px=1 if ends == 0 else ends, nx=True)))

    def incr(self, key: str, amount: int, lifetime: float | None) -> int:
        """Add to an entry that holds decimal digits, and return the sum."""
        ends = _milliseconds(lifetime)
        if ends is None:
            return int(self._ask(lambda client: client.incrby(key, amount)))
        return int(self._ask(lambda client: client.eval(scripts.INCR, 1, key, amount, ends)))

    def touch(self, key: str, lifetime: float | None) -> bool:
        """Give an entry another lifetime from now on; return whether there is such an entry."""
        ends = _milliseconds(lifetime)
        if ends is not None:
            return bool(self._ask(lambda client: client.pexpire(key, ends)))
        exists, _ = self._ask(lambda client: _together(client, [('EXISTS', key), ('PERSIST', key)]))
        return bool(exists)

    def delete(self, key: str) -> None:
        """Delete the entry, if there is one, and end its lease."""
        of_lease = ('SET', self.keys.lease_of(key), scripts.DELETED, 'PX', _milliseconds(self.lock_lifetime), 'XX')
        self._change([key], lambda client: _together(client, [('UNLINK', key), of_lease]))

    def clear(self) -> None:
        """Delete every entry of the prefix, of all versions, and nothing else."""
        sweep = Sweep(self.keys.pattern)
        try:
            while not sweep.is_done:
                sweep.step(self._ask)
        except BaseException:
            self._journal.note_all()
            raise

    def lease(self, key: str, token: str, lifetime: float) -> bool:
        """Reserve the computing of an entry; return whether nobody else has reserved it."""
        lease, ends = self.keys.lease_of(key), _milliseconds(lifetime)
        return bool(self._ask(lambda client: client.eval(scripts.LEASE, 1, lease, token, ends)))

    def fulfil(self, key: str, token: str, value: bytes, lifetime: float | None) -> bool:
        """Make the entry that the lease was for, unless it has been deleted since, and end the lease."""
        lease, ends = self.keys.lease_of(key), _milliseconds(lifetime)
        text = '' if ends is None else str(ends)
        return bool(self._ask(lambda client: client.eval(scripts.FULFIL, 2, key, lease, token, value, text)))

    def give_up(self, key: str, token: str) -> None:
        """End the lease, if it is still the token's."""
        self._ask(lambda client: client.eval(scripts.GIVE_UP, 1, self.keys.lease_of(key), token))

    def check_connectivity(self) -> None:
        """Ask Redis for a sign of life, even after a failure.

        :raises CacheUnavailable: it gives none.
        """
        self._run(lambda client: client.ping())

    def _change(self, keys: Iterable[str], command: Command) -> None:
        """Have a command run that must not be lost, or else make sure that nobody reads what it was to replace."""
        try:
            self._ask(command)
        except BaseException:  # also of a cancelled command nobody knows whether it has been run
            self._journal.note(keys)
            raise

    def _ask(self, command: Command) -> Any:
        """Have a command run, if Redis is to be asked at all now.

        :raises CacheUnavailable: it is not, or that failed.
        """
        is_trial = self._breaker.admit()
        if self._journal:
            self._journal.replay(self._run, self._timeout)
        result = self._run(command)
        if is_trial:
            self._breaker.close()
        return result

    def _run(self, command: Command) -> Any:
        try:
            if bridge.is_loop_running():
                return bridge.wait(self._run_in_loop(command))
            return self._run_plain(command)
        except FAILURES as exc:
            if _is_about_a_number(exc):
                raise NotANumber from None
            self._breaker.open(exc)
            raise CacheUnavailable from exc

    async def _run_in_loop(self, command: Command) -> Any:
        client = await self._clients.get()
        try:
            return await client.run(command, self._timeout)
        except ResponseError:
            raise
        except FAILURES:
            self._clients.discard(client)
            raise

    def _run_plain(self, command: Command) -> Any:
        client = self._plain_client
        if client is None:
            client = self._plain_client = self._address.make_plain_client(self._timeout)
        try:
            return command(client)
        except ResponseError:
            raise
        except FAILURES:
            self._plain_client = None
            raise


def _setting(key: str, value: bytes, lifetime: float | None) -> tuple[Any, ...]:
    """The command that makes an entry."""
    ends = _milliseconds(lifetime)
    if ends is None:
        return 'SET', key, value
    return ('SET', key, value, 'PX', ends) if ends else ('UNLINK', key)


def _together(client: Any, commands: Iterable[Sequence[Any]]) -> Any:
    """Have commands run in one round trip, but not in one step."""
    pipeline = client.pipeline(transaction=False)
    for command in commands:
        pipeline.execute_command(*command)
    return pipeline.execute()


def _milliseconds(lifetime: float | None) -> int | None:
    if lifetime is None:
        return None
    return max(1, round(lifetime * 1000)) if lifetime else 0


def _is_about_a_number(exc: BaseException) -> bool:
    """Whether the error is an application's, who increments something that cannot be."""
    return isinstance(exc, ResponseError) and ('not an integer' in str(exc) or 'would overflow' in str(exc))
