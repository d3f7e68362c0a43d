"""E-mail: messages, and sending them.

The setting ``EMAIL`` names the backend. The same calls work in handlers, where nothing blocks the event loop, and in
commands, the shell and workers.
"""

import logging
from collections.abc import Iterable

from colibris import bridge
from colibris.email.attachment import Attachment
from colibris.email.base import EmailBackend
from colibris.email.errors import DeliveryError, EmailError, InvalidMessage, ServerUnavailable
from colibris.email.message import EmailMessage
from colibris.email.slot import slot
from colibris.errors import ConfigurationError

__all__ = [
    'Attachment',
    'DeliveryError',
    'EmailBackend',
    'EmailError',
    'EmailMessage',
    'InvalidMessage',
    'ServerUnavailable',
    'get_backend',
    'send',
    'send_many',
    'send_now',
]

logger = logging.getLogger(__name__)


def get_backend() -> EmailBackend:
    """The e-mail backend.

    :raises BackendNotConfigured: the setting ``EMAIL`` is empty.
    """
    return slot.get()


def send(message: EmailMessage) -> None:
    """Send a message, and forget it: nothing is raised, errors are logged.

    In a server it is sent in the background, as it is now, and at shutdown finished or logged as lost. In commands, the
    shell and workers this returns when it is sent.
    """
    try:
        backend = slot.get()
        sealed = message.seal(backend.default_from)
    except (EmailError, ConfigurationError) as exc:
        logger.error('%r was not sent: %s', message, exc)
    else:
        backend.post(sealed)


async def send_now(message: EmailMessage) -> None:
    """Send a message, and return when it has been handed over. Plain code calls ``bridge.wait(send_now(message))``.

    :raises InvalidMessage: it has no sender or no recipients.
    :raises DeliveryError: it was not accepted, or not for all recipients.
    :raises BackendNotConfigured: the setting ``EMAIL`` is empty.
    """
    backend = slot.get()
    await bridge.drive(backend.deliver(message.seal(backend.default_from)))


async def send_many(messages: Iterable[EmailMessage]) -> None:
    """Send several messages, where there is a connection over one, and return when all have been tried.

    :raises InvalidMessage: one has no sender or no recipients; none has been sent.
    :raises ExceptionGroup: of a :class:`DeliveryError` for each message that was not accepted, which is its
        ``email``; the others are sent.
    :raises BackendNotConfigured: the setting ``EMAIL`` is empty.
    """
    backend = slot.get()
    sealed = [message.seal(backend.default_from) for message in messages]
    failures = await bridge.drive(backend.deliver_many(sealed))
    for failed, error in failures:
        error.email = failed
    if failures:
        raise ExceptionGroup(f'{len(failures)} of {len(sealed)} messages were not sent', [exc for _, exc in failures])
