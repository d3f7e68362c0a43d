"""The contract of an e-mail backend."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TypedDict

from colibris.conf.backends import Backend
from colibris.email.errors import DeliveryError, InvalidMessage
from colibris.email.mailbox import Mailbox
from colibris.email.message import EmailMessage
from colibris.email.outgoing import Outgoing
from colibris.errors import ConfigurationError

__all__ = ['EmailBackend', 'EmailOptions']


class EmailOptions(TypedDict, total=False):
    """The arguments that every backend takes."""

    default_from: str | None
    stop_timeout: float
    max_pending: int


class EmailBackend(Backend, ABC):
    """Hands messages over to whatever carries them further.

    :param default_from: the sender of messages that name none.
    :param stop_timeout: how long messages under way may take when the server stops, in seconds.
    :param max_pending: how many messages may be under way in the background; further ones are logged as lost.
    """

    def __init__(self, *, default_from: str | None = None, stop_timeout: float = 10.0, max_pending: int = 1000) -> None:
        _check_options(default_from, stop_timeout, max_pending)
        self.default_from = default_from
        self._stop_timeout = stop_timeout
        self._outgoing = Outgoing(self.deliver, max_pending)

    @abstractmethod
    async def deliver(self, message: EmailMessage) -> None:
        """Hand over a sealed message; called in several tasks at the same time.

        It has been handed over when this returns, to all of its recipients. A cancelled delivery leaves nothing behind
        that would disturb the next one.

        :raises DeliveryError: it was not accepted, or not for all recipients; ``refused`` says for whom then.
        """

    async def deliver_many(self, messages: Iterable[EmailMessage]) -> list[tuple[EmailMessage, DeliveryError]]:
        """Hand over several sealed messages, one after the other; each is tried.

        :returns: those that were not accepted, and why.
        """
        failures = []
        for message in messages:
            try:
                await self.deliver(message)
            except DeliveryError as exc:
                failures.append((message, exc))
        return failures

    def post(self, message: EmailMessage) -> None:
        """Hand over a sealed message without raising anything: in the background where an event loop serves.

        Errors are logged.
        """
        self._outgoing.add(message)

    async def start(self) -> None:
        """From now on messages can be sent in the background of this event loop."""
        self._outgoing.open()

    async def stop(self) -> None:
        """Finish what is under way, within ``stop_timeout``; what is not is logged as lost."""
        await self._outgoing.close(self._stop_timeout)


def _check_options(default_from: str | None, stop_timeout: float, max_pending: int) -> None:
    if default_from is not None:
        try:
            Mailbox.parse(default_from, "'default_from'")
        except InvalidMessage as exc:
            raise ConfigurationError(str(exc)) from exc
    if isinstance(stop_timeout, bool) or not isinstance(stop_timeout, int | float) or not stop_timeout >= 0:
        raise ConfigurationError(f"'stop_timeout' must be a number of seconds, not {stop_timeout!r}")
    if isinstance(max_pending, bool) or not isinstance(max_pending, int) or max_pending < 1:
        raise ConfigurationError(f"'max_pending' must be a whole number from 1, not {max_pending!r}")
