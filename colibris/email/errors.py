"""What can go wrong with a message."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from colibris.errors import ColibrisError

if TYPE_CHECKING:
    from colibris.email.message import EmailMessage

__all__ = ['DeliveryError', 'EmailError', 'InvalidMessage', 'ServerUnavailable']


class EmailError(ColibrisError):
    """A message could not be sent."""


class InvalidMessage(EmailError, ValueError):
    """A message is not one that can be sent."""


class DeliveryError(EmailError):
    """A message was not accepted.

    :param message: what went wrong.
    :param is_temporary: whether the same message may be accepted later.
    :param refused: why, by recipient, if it was accepted for some of them but not for these.

    ``email`` is the message, where several were sent together.
    """

    def __init__(
        self, message: str | None = None, *, is_temporary: bool = False, refused: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.is_temporary = is_temporary
        self.refused = dict(refused or {})
        self.email: EmailMessage | None = None


class ServerUnavailable(DeliveryError):
    """The mail server cannot be reached, or does not answer."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message, is_temporary=True)
