"""How a message becomes what travels: MIME by Python's email package, headers folded and encoded here.

The package's own folding may encode long words of ASCII, such as links in ``List-Unsubscribe``, and reads what looks
like an encoded word in a subject as one.
"""

import binascii
import re
from collections.abc import Iterable, Sequence
from email import policy
from email.header import Header
from email.message import MIMEPart
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from colibris.email.attachment import UNKNOWN, Attachment
from colibris.email.mailbox import Mailbox

if TYPE_CHECKING:
    from colibris.email.message import EmailMessage

__all__ = ['compose']

LINE_END = '\r\n'
FOLD_AT = 76
MAX_LINE = 998

_POLICY = policy.SMTP
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_WORDS = re.compile(r'\s*\S+')
_SPECIAL = re.compile(r'(["\\])')


def compose(message: 'EmailMessage', *, with_bcc: bool = False) -> bytes:
    """The message as bytes, all of them ASCII unless the part of an address before the ``@`` is not."""
    needs_utf8 = not ''.join([message.sender, *message.recipients]).isascii()
    root = MIMEPart(policy=_POLICY.clone(utf8=needs_utf8))
    for name, text, folded in _headers(message, with_bcc):
        root[name] = _Folded(name, text, folded)
    root['MIME-Version'] = '1.0'
    content = _content(message)
    for name, value in content.items():
        root[name] = value
    root.set_payload(content.get_payload())
    return root.as_bytes()


class _Folded(str):
    """The value of a header, for Python's email package, with the form in which it is to be written."""

    name: str
    _folded: str

    def __new__(cls, name: str, text: str, folded: str) -> '_Folded':
        value = super().__new__(cls, text)
        value.name, value._folded = name, folded
        return value

    def fold(self, *, policy: Any) -> str:
        return f'{self.name}: {self._folded}{LINE_END}'


def _headers(message: 'EmailMessage', with_bcc: bool) -> Iterable[tuple[str, str, str]]:
    """Name, text and written form of each header."""
    lists = {'From': 'from_', 'To': 'to', 'Cc': 'cc', 'Reply-To': 'reply_to'} | ({'Bcc': 'bcc'} if with_bcc else {})
    for name, field in lists.items():
        boxes = message.mailboxes(field)
        if boxes:
            yield name, ', '.join(box.address for box in boxes), _write_mailboxes(name, boxes)
    texts = {'Subject': message.subject, **message.headers}
    for name, text in texts.items():
        yield name, text, _write_text(name, text)
    if message.date:
        yield 'Date', (date := format_datetime(message.date)), date
    if message.id:
        yield 'Message-ID', message.id, message.id


def _write_text(name: str, text: str) -> str:
    words = _WORDS.findall(text)
    longest = max(map(len, words), default=0)
    if text.isascii() and text == text.strip() and '=?' not in text and longest < MAX_LINE - len(name) - 2:
        return _fold(len(name) + 2, words)
    return _encode(text, name)


def _fold(start: int, words: Sequence[str]) -> str:
    """Words with the space before them, in lines; the first word stands in the first line however long it is."""
    lines = ['']
    for word in words:
        if lines[-1] and start + len(lines[-1]) + len(word) > FOLD_AT:
            lines.append('')
            start = 0
        lines[-1] += word
    return LINE_END.join(lines)


def _write_mailboxes(name: str, boxes: Sequence[Mailbox]) -> str:
    return f',{LINE_END} '.join(_write_mailbox(name, box) for box in boxes)


def _write_mailbox(header: str, box: Mailbox) -> str:
    if not box.name:
        return box.address
    name = _write_name(header, box.name)
    last = name.rpartition(LINE_END)[2]
    separator = ' ' if len(header) + len(last) + len(box.address) + 5 <= FOLD_AT else f'{LINE_END} '
    return f'{name}{separator}<{box.address}>'


def _write_name(header: str, name: str) -> str:
    if not name.isascii() or '=?' in name or len(name) + len(header) > FOLD_AT:
        return _encode(name, header)
    return name if _ATOMS.fullmatch(name) else '"' + _SPECIAL.sub(r'\\\1', name) + '"'


def _encode(text: str, name: str) -> str:
    """Text as encoded words (RFC 2047)."""
    return Header(text, 'utf-8', FOLD_AT, name).encode(linesep=LINE_END)


def _content(message: 'EmailMessage') -> MIMEPart:
    """The root of the tree: mixed(alternative(text, related(html, images…)), attachments…), as far as it is needed."""
    images = [_file(item) for item in message.attachments if item.cid]
    files = [_file(item) for item in message.attachments if not item.cid]
    content = _text(message.body, 'plain')
    if message.html is not None:
        html = _joined('related', [_text(message.html, 'html'), *images])
        content = _joined('alternative', [content, html] if message.body else [html])
    else:
        files = [*images, *files]
    return _joined('mixed', [content, *files])


def _joined(subtype: str, parts: Sequence[MIMEPart]) -> MIMEPart:
    if len(parts) == 1:
        return parts[0]
    container = MIMEPart(policy=_POLICY)
    kind = f'; type="{parts[0].get_content_type()}"' if subtype == 'related' else ''
    container['Content-Type'] = f'multipart/{subtype}{kind}'
    container.set_payload(list(parts))
    return container


def _text(text: str, subtype: str) -> MIMEPart:
    """A part with exactly this text; Python's ``set_content`` would add a line break at its end."""
    part = MIMEPart(policy=_POLICY)
    part['Content-Type'] = f'text/{subtype}; charset="utf-8"'
    text = text.replace('\r\n', '\n').replace('\r', '\n')
    is_plain = text.isascii() and text.replace('\n', ' ').isprintable() and max(map(len, text.split('\n'))) <= MAX_LINE
    part['Content-Transfer-Encoding'] = '7bit' if is_plain else 'quoted-printable'
    data = text.encode('utf-8', 'replace')
    part.set_payload((data if is_plain else binascii.b2a_qp(data)).decode('ascii'))
    return part


def _file(attachment: Attachment) -> MIMEPart:
    part = MIMEPart(policy=_POLICY)
    maintype, _, subtype = attachment.type.partition('/')
    if maintype in ('message', 'multipart'):  # whose content must not be encoded, but is only a file here
        maintype, _, subtype = UNKNOWN.partition('/')
    disposition = 'inline' if attachment.cid else 'attachment'
    cid = f'<{attachment.cid}>' if attachment.cid else None
    part.set_content(attachment.data, maintype, subtype, disposition=disposition, filename=attachment.name, cid=cid)
    return part
