"""The way of one message to the server, over several attempts if need be."""

from colibris.email.errors import DeliveryError
from colibris.email.message import EmailMessage
from colibris.email.smtp.connection import Refusal
from colibris.email.smtp.pool import Pool

__all__ = ['Delivery']


class Delivery:
    """Remembers which recipients have the message, so that no attempt sends it to them again.

    :param content: the composed message.
    """

    def __init__(self, message: EmailMessage, content: bytes) -> None:
        self._message = message
        self._content = content
        self._pending = message.recipients
        self._refused: dict[str, str] = {}

    async def attempt(self, pool: Pool) -> DeliveryError | None:
        """Send the message to those who do not have it; returns what went wrong."""
        try:
            async with pool.lease() as connection:
                answers = await connection.send(self._message.sender, self._pending, self._content)
        except DeliveryError as exc:
            exc.refused = {**self._refused, **dict.fromkeys(self._pending, str(exc))}
            return exc
        return self._judge(answers)

    def _judge(self, answers: dict[str, Refusal]) -> DeliveryError | None:
        self._pending = [recipient for recipient, answer in answers.items() if answer.is_temporary]
        refused = {**self._refused, **{recipient: str(answer) for recipient, answer in answers.items()}}
        self._refused = {recipient: text for recipient, text in refused.items() if recipient not in self._pending}
        if not refused:
            return None
        reasons = ', '.join(f'{recipient} ({text})' for recipient, text in refused.items())
        return DeliveryError(f'refused for {reasons}', is_temporary=bool(self._pending), refused=refused)
