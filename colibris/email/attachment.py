"""What comes with a message."""

import mimetypes
import re
from dataclasses import dataclass, field

from colibris.email.errors import InvalidMessage
from colibris.email.texts import check_line

__all__ = ['Attachment']

UNKNOWN = 'application/octet-stream'

_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+'-]+/[A-Za-z0-9!#$&^_.+'-]+")
_CONTENT_ID = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.@-]+")


@dataclass(frozen=True)
class Attachment:
    """A file that comes with a message.

    :param name: its name.
    :param data: its content.
    :param type: its media type; guessed from the name if empty.
    :param cid: by which name the HTML content shows it, as in ``<img src="cid:logo">``; empty for one that is shown
        beside the text.
    :raises InvalidMessage: one of these is not usable.
    """

    name: str
    data: bytes = field(repr=False)
    type: str = ''
    cid: str = ''

    def __post_init__(self) -> None:
        check_line('the name of an attachment', self.name)
        object.__setattr__(self, 'name', self.name.strip())
        if not self.name:
            raise InvalidMessage('an attachment has no name')
        if not isinstance(self.data, bytes | bytearray | memoryview):
            raise InvalidMessage(f'the data of {self.name!r} must be bytes, not {type(self.data).__name__}')
        object.__setattr__(self, 'data', bytes(self.data))
        object.__setattr__(self, 'type', self.type or _guess(self.name))
        if not _TYPE.fullmatch(self.type):
            raise InvalidMessage(f"the type of {self.name!r}, {self.type!r}, has to look like 'image/png'")
        if self.cid and not _CONTENT_ID.fullmatch(self.cid):
            raise InvalidMessage(f'the cid {self.cid!r} may hold only letters, digits and punctuation of ASCII')


def _guess(name: str) -> str:
    guessed, encoding = mimetypes.guess_type(name)
    return UNKNOWN if guessed is None or encoding else guessed
