"""Messages in a list."""

from typing import Unpack

from colibris.email.base import EmailBackend, EmailOptions
from colibris.email.message import EmailMessage

__all__ = ['MemoryBackend']


class MemoryBackend(EmailBackend):
    """Keeps messages in ``outbox``, the oldest first; meant for tests."""

    def __init__(self, **options: Unpack[EmailOptions]) -> None:
        super().__init__(**options)
        self.outbox: list[EmailMessage] = []

    async def deliver(self, message: EmailMessage) -> None:
        """Keep a message."""
        self._keep(message)

    def post(self, message: EmailMessage) -> None:
        """Keep a message at once."""
        self._keep(message)

    def _keep(self, message: EmailMessage) -> None:
        message.as_bytes()  # what cannot be sent is an error here, too
        self.outbox.append(message)
