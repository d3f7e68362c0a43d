"""Messages as files."""

import asyncio
import itertools
import secrets
from pathlib import Path
from typing import Unpack

from colibris.conf import settings
from colibris.email.base import EmailBackend, EmailOptions
from colibris.email.errors import DeliveryError
from colibris.email.message import EmailMessage
from colibris.errors import ConfigurationError
from colibris.utils.files import write_whole

__all__ = ['FileBackend']

ONLY_OWNER = 0o600


class FileBackend(EmailBackend):
    """Writes each message into a file of its own, ``<time>-<number>-….eml``, which mail programs open.

    The names sort by time. The files show ``Bcc``, too, and only their owner can read them.

    :param directory: the folder; a relative one is below the project's package. It is made if it is missing.
    """

    def __init__(self, directory: str | Path, **options: Unpack[EmailOptions]) -> None:
        super().__init__(**options)
        if not isinstance(directory, str | Path) or not str(directory):
            raise ConfigurationError(f"'directory' must be the path of a folder, not {directory!r}")
        self._directory = Path(settings.PROJECT_PACKAGE_DIR) / directory
        self._numbers = itertools.count(1)

    async def deliver(self, message: EmailMessage) -> None:
        """Write a message.

        :raises DeliveryError: the file cannot be written.
        """
        try:
            await asyncio.to_thread(self._write, message, next(self._numbers))
        except OSError as exc:
            raise DeliveryError(f'cannot write into {self._directory}: {exc.strerror or exc}') from exc

    def _write(self, message: EmailMessage, number: int) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        write_whole(self._directory / _name(message, number), message.as_bytes(with_bcc=True), ONLY_OWNER)


def _name(message: EmailMessage, number: int) -> str:
    return f'{message.date:%Y%m%dT%H%M%S}-{number:06}-{secrets.token_hex(4)}.eml'
