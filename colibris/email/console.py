"""Messages on standard output."""

import re
import sys

from colibris.email.base import EmailBackend
from colibris.email.message import EmailMessage

__all__ = ['ConsoleBackend']

_CONTROLS = re.compile(r'[^\S\n\t ]|[\x00-\x08\x0e-\x1f\x7f-\x9f]')


class ConsoleBackend(EmailBackend):
    """Prints messages, for people; nothing is sent."""

    async def deliver(self, message: EmailMessage) -> None:
        """Print a message."""
        message.as_bytes()  # what cannot be sent is an error here, too
        print(_CONTROLS.sub(lambda match: repr(match[0])[1:-1], '\n'.join(_lines(message))))
        sys.stdout.flush()


def _lines(message: EmailMessage) -> list[str]:
    fields = {
        'From': [str(message.from_)],
        'To': message.to,
        'Cc': message.cc,
        'Bcc': message.bcc,
        'Reply-To': message.reply_to,
        'Subject': [message.subject],
        **{name: [value] for name, value in message.headers.items()},
        'Attachment': [f'{item.name} ({item.type}, {len(item.data)} bytes)' for item in message.attachments],
    }
    head = [f'{name}: {", ".join(values)}' for name, values in fields.items() if values]
    parts = [part for part in (message.body, message.html) if part]
    return ['-' * 72, *head, *(line for part in parts for line in ('', part.rstrip('\n'))), '-' * 72]
