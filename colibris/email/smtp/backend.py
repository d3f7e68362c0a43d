"""The backend for mail servers."""

import asyncio
import logging
import math
import random
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Unpack

from colibris.email.base import EmailBackend, EmailOptions
from colibris.email.errors import DeliveryError, ServerUnavailable
from colibris.email.message import EmailMessage
from colibris.email.smtp.connection import Connection, Server
from colibris.email.smtp.delivery import Delivery
from colibris.email.smtp.pool import Pool
from colibris.errors import ConfigurationError

__all__ = ['SMTPBackend']

PORTS = {'': 25, 'start': 587, 'implicit': 465}
MAX_PORT = 65535
MAX_PAUSE = 60
JITTER = (0.75, 1.25)
LARGE = 256 * 1024
LOOPBACK = ('localhost', '127.0.0.1', '::1')

logger = logging.getLogger(__name__)


class SMTPBackend(EmailBackend):
    """Hands messages to a mail server.

    What fails for the time being is tried again, each pause twice as long as the one before: the server is away, does
    not answer in time, or answers 4xx. An answer that got lost may make the server have the message twice, with the
    same ``Message-ID``.

    :param host: the server's host.
    :param port: its port; by default 587 with ``use_tls``, 465 with ``implicit_tls``, 25 otherwise.
    :param use_tls: encrypt; by STARTTLS, unless the port is 465 or ``implicit_tls`` says otherwise.
    :param implicit_tls: encrypt from the first byte.
    :param ca_file: a file with the certificates to trust, instead of the system's.
    :param username: whom to log in as; nobody if it is ``None``.
    :param password: the user's password.
    :param timeout: how long each step may take, in seconds.
    :param retries: how often a message is tried again.
    :param retry_pause: how long to wait before the first of these, in seconds.
    :param pool_size: the largest number of connections.
    :param idle_timeout: how long a connection is kept for the next message, in seconds.
    """

    def __init__(
        self,
        host: str,
        *,
        port: int | None = None,
        use_tls: bool = False,
        implicit_tls: bool | None = None,
        ca_file: str | Path | None = None,
        username: str | None = None,
        password: str | None = None,
        timeout: float = 30.0,
        retries: int = 3,
        retry_pause: float = 1.0,
        pool_size: int = 4,
        idle_timeout: float = 30.0,
        **options: Unpack[EmailOptions],
    ) -> None:
        super().__init__(**options)
        implicit = bool(implicit_tls) if implicit_tls is not None else use_tls and port == PORTS['implicit']
        tls = 'implicit' if implicit else 'start' if use_tls else ''
        _check_flags(use_tls=use_tls, implicit_tls=implicit_tls)
        _check_texts(host=host, username=username, password=password)
        _check_numbers(timeout=timeout, retry_pause=retry_pause, idle_timeout=idle_timeout)
        _check_whole('port', PORTS[tls] if port is None else port, 1, MAX_PORT)
        _check_whole('retries', retries, 0)
        _check_whole('pool_size', pool_size, 1)
        self._server = Server(host, port or PORTS[tls], tls, username, password, timeout)
        self._ca_file = _read_ca_file(ca_file)
        self._context: ssl.SSLContext | None = None
        self._retries, self._retry_pause = retries, retry_pause
        self._pool_size, self._idle_timeout = pool_size, idle_timeout
        self._pool: Pool | None = None

    async def start(self) -> None:
        """From now on connections are kept; the first is made when it is needed."""
        await super().start()
        self._pool = self._make_pool()
        if self._server.password and not self._server.tls and self._server.host not in LOOPBACK:
            logger.warning("the password for %s travels unencrypted; set EMAIL['use_tls']", self._server)

    async def stop(self) -> None:
        """Finish what is under way, and close the connections."""
        await super().stop()
        pool, self._pool = self._pool, None
        if pool:
            await pool.close()

    async def deliver(self, message: EmailMessage) -> None:
        """Hand over a message."""
        async with self._connections() as pool:
            await self._deliver(pool, message)

    async def deliver_many(self, messages: Iterable[EmailMessage]) -> list[tuple[EmailMessage, DeliveryError]]:
        """Hand over several messages; once the server is away, those that are left fail without being tried."""
        failures: list[tuple[EmailMessage, DeliveryError]] = []
        unavailable = ''
        async with self._connections() as pool:
            for message in messages:
                error = ServerUnavailable(unavailable) if unavailable else await self._try(pool, message)
                if error:
                    failures.append((message, error))
                if isinstance(error, ServerUnavailable):
                    unavailable = str(error)
        return failures

    @asynccontextmanager
    async def _connections(self) -> AsyncIterator[Pool]:
        """The connections that are kept while the server runs; elsewhere, some for the block."""
        if self._pool and self._outgoing.is_open:
            yield self._pool
            return
        pool = self._make_pool()
        try:
            yield pool
        finally:
            await pool.close()

    def _make_pool(self) -> Pool:
        return Pool(self._connect, self._pool_size, self._idle_timeout)

    async def _connect(self) -> Connection:
        if self._server.tls and self._context is None:
            self._context = await asyncio.to_thread(ssl.create_default_context, cafile=self._ca_file)
        connection = Connection(self._server, self._context)
        await connection.open()
        return connection

    async def _try(self, pool: Pool, message: EmailMessage) -> DeliveryError | None:
        try:
            await self._deliver(pool, message)
        except DeliveryError as exc:
            return exc
        return None

    async def _deliver(self, pool: Pool, message: EmailMessage) -> None:
        delivery = Delivery(message, await _compose(message))
        pause = self._retry_pause
        for left in range(self._retries, -1, -1):
            problem = await delivery.attempt(pool)
            if problem is None:
                return
            if not (problem.is_temporary and left):
                raise problem
            logger.info('%r: %s; the next attempt follows in %.3g s', message, problem, pause)
            await asyncio.sleep(pause * random.uniform(*JITTER))
            pause = min(pause * 2, MAX_PAUSE)


async def _compose(message: EmailMessage) -> bytes:
    """The composed message; encoding a large one would keep the event loop from its other tasks."""
    return await asyncio.to_thread(message.as_bytes) if message.size > LARGE else message.as_bytes()


def _read_ca_file(path: str | Path | None) -> Path | None:
    if path is None:
        return None
    found = Path(path)
    if not found.is_file():
        raise ConfigurationError(f"'ca_file': there is no file {str(path)!r}")
    return found


def _check_flags(**values: Any) -> None:
    for name, value in values.items():
        if value is not None and not isinstance(value, bool):
            raise ConfigurationError(f'{name!r} must be True or False, not {value!r}')


def _check_texts(host: Any, username: Any, password: Any) -> None:
    for name, value in {'host': host, 'username': username or 'x', 'password': password or 'x'}.items():
        if not isinstance(value, str) or not value or not value.isprintable():
            raise ConfigurationError(f'{name!r} must be a text that is not empty, without control characters')
    if password and not username:
        raise ConfigurationError("'password' is of no use without 'username'")


def _check_numbers(**values: Any) -> None:
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
            raise ConfigurationError(f'{name!r} must be a number of seconds above 0, not {value!r}')


def _check_whole(name: str, value: Any, low: int, high: float = math.inf) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        limits = f'from {low} to {high}' if high < math.inf else f'from {low}'
        raise ConfigurationError(f'{name!r} must be a whole number {limits}, not {value!r}')
