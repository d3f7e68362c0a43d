"""One connection to a mail server."""

import asyncio
import contextlib
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from colibris.email.errors import DeliveryError, ServerUnavailable
from colibris.errors import MissingDependencyError

try:
    import aiosmtplib
except ImportError as exc:
    raise MissingDependencyError('aiosmtplib', 'smtp') from exc

__all__ = ['Connection', 'Refusal', 'Server']

RESET_SECONDS = 5
QUIT_SECONDS = 2
SLOWEST_UPLOAD = 16 * 1024  # bytes in a second

TEMPORARY = range(400, 500)
CLOSING = 421
MAX_TEXT = 1000


@dataclass(frozen=True)
class Server:
    """Where a mail server is, and how to speak to it.

    :param tls: ``'start'``, ``'implicit'`` or empty.
    :param timeout: how long each step may take, in seconds.
    """

    host: str
    port: int
    tls: str
    username: str | None
    password: str | None = field(repr=False)
    timeout: float

    def __str__(self) -> str:
        """What people call it."""
        return f'the mail server {self.host}:{self.port}'


@dataclass(frozen=True)
class Refusal:
    """What a server said instead of accepting a recipient."""

    code: int
    text: str

    @property
    def is_temporary(self) -> bool:
        """Whether it may be accepted later."""
        return self.code in TEMPORARY

    def __str__(self) -> str:
        """The answer, as one line that fits a log."""
        printable = ''.join(char if char.isprintable() else ' ' for char in self.text[:MAX_TEXT])
        return f'{self.code} {printable}'


class _Client(aiosmtplib.SMTP):
    def close(self) -> None:
        """Close at once: saying good-bye in TLS takes time, which a loop that ends does not have."""
        transport: Any = self.transport
        super().close()
        if transport is not None:
            transport.abort()


class Connection:
    """A connection that sends one message after another."""

    def __init__(self, server: Server, context: ssl.SSLContext | None) -> None:
        self._server = server
        self._client = _Client(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            timeout=server.timeout,
            use_tls=server.tls == 'implicit',
            start_tls=server.tls == 'start',
            tls_context=context,
        )
        self._is_in_step = False

    @property
    def is_usable(self) -> bool:
        """Whether another message can be sent."""
        return self._is_in_step and self._client.is_connected

    async def open(self) -> None:
        """Connect, encrypt if this is asked for, and log in if there is a user.

        :raises DeliveryError: that was not possible.
        """
        try:
            with self._translated():
                await self._client.connect()
                await self._greet()
        except BaseException:
            self.close()
            raise
        self._is_in_step = True

    async def send(self, sender: str, recipients: Sequence[str], content: bytes) -> dict[str, Refusal]:
        """Send a message.

        :returns: the recipients for whom it was not accepted.
        :raises DeliveryError: it was not accepted at all.
        """
        self._is_in_step = False
        with self._translated():
            encoding = self._encoding([sender, *recipients])
            await self._client.mail(sender, options=self._options(encoding, len(content)), encoding=encoding)
            refused = await self._name_recipients(recipients, encoding)
            if len(refused) < len(recipients):
                await self._client.data(content, timeout=self._server.timeout + len(content) / SLOWEST_UPLOAD)
        self._is_in_step = True
        return refused

    async def reset(self) -> bool:
        """Make sure that the server still listens, and has forgotten what was before. Returns whether it has."""
        self._is_in_step = False
        try:
            await self._client.rset(timeout=min(RESET_SECONDS, self._server.timeout))
        except (aiosmtplib.SMTPException, OSError):
            return False
        self._is_in_step = True
        return True

    async def quit(self) -> None:
        """Say good-bye, and close."""
        if self.is_usable:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await self._client.quit(timeout=QUIT_SECONDS)
        self.close()

    def close(self) -> None:
        """Close, without waiting for anything."""
        self._client.close()

    async def _greet(self) -> None:
        """Learn what the server can do; connecting alone may leave that for later."""
        if self._client.is_ehlo_or_helo_needed:
            try:
                await self._client.ehlo()
            except aiosmtplib.SMTPHeloError:
                if not self._client.is_connected:
                    raise
                await self._client.helo()

    async def _name_recipients(self, recipients: Sequence[str], encoding: str) -> dict[str, Refusal]:
        refused = {}
        for recipient in recipients:
            try:
                await self._client.rcpt(recipient, encoding=encoding)
            except aiosmtplib.SMTPRecipientRefused as exc:
                refused[recipient] = Refusal(exc.code, exc.message)
        return refused

    def _encoding(self, addresses: Sequence[str]) -> str:
        if ''.join(addresses).isascii():
            return 'ascii'
        if not self._client.supports_extension('smtputf8'):
            self._is_in_step = True
            raise DeliveryError(f'{self._server} accepts no addresses with letters that are not ASCII before the @')
        return 'utf-8'

    def _options(self, encoding: str, size: int) -> list[str]:
        utf8 = ['SMTPUTF8', 'BODY=8BITMIME'] if encoding == 'utf-8' else []
        return [f'SIZE={size}', *utf8] if self._client.supports_extension('size') else utf8

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except aiosmtplib.SMTPAuthenticationError as exc:
            raise self._answered(exc, f'refuses to log in {self._server.username!r}') from exc
        except aiosmtplib.SMTPResponseException as exc:
            raise self._answered(exc, 'does not accept the message') from exc
        except (aiosmtplib.SMTPException, OSError) as exc:
            if _is_lasting(exc):
                raise DeliveryError(f'{self._server} cannot be used: {exc}') from exc
            raise ServerUnavailable(f'{self._server} is not available: {exc or type(exc).__name__}') from exc

    def _answered(self, error: Any, what: str) -> DeliveryError:
        self._is_in_step = error.code != CLOSING  # otherwise the next command can follow
        answer = Refusal(error.code, error.message)
        return DeliveryError(f'{self._server} {what}: {answer}', is_temporary=answer.is_temporary)


def _is_lasting(error: BaseException) -> bool:
    """Whether a failure without an answer of the server's will be the same at the next attempt."""
    if isinstance(error, ssl.SSLCertVerificationError) or isinstance(error.__cause__, ssl.SSLCertVerificationError):
        return True
    return isinstance(error, aiosmtplib.SMTPException) and not isinstance(error, ConnectionError | asyncio.TimeoutError)
