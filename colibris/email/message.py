"""A message, as applications write it."""

import base64
import copy
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import make_msgid
from typing import Any

from colibris.email.attachment import Attachment
from colibris.email.composition import compose
from colibris.email.errors import InvalidMessage
from colibris.email.mailbox import Mailbox
from colibris.email.texts import check_line

__all__ = ['EmailMessage']

Addresses = str | Iterable[str]
Attachable = Attachment | tuple[str, bytes] | tuple[str, bytes, str]

OWN_HEADERS = {
    'bcc', 'cc', 'content-disposition', 'content-id', 'content-transfer-encoding', 'content-type', 'date', 'from',
    'message-id', 'mime-version', 'reply-to', 'subject', 'to',
}  # fmt: skip


_ID = re.compile(r'<[^<>\s@]+@[^<>\s@]+>', re.ASCII)


class EmailMessage:
    """A message with text, HTML or both, and attachments.

    Addresses look like ``ada@example.com`` or ``Ada Lovelace <ada@example.com>``; names, and domains too, may be
    written in any script.

    :param subject: the subject, one line.
    :param body: the text.
    :param to: the recipients; one address, or several.
    :param cc: those who get a copy.
    :param bcc: those who get a copy without the others seeing it.
    :param reply_to: to whom answers go.
    :param from_: the sender; by default ``default_from`` of the setting ``EMAIL``.
    :param html: the same as ``body``, in HTML.
    :param headers: further headers by name.
    :param attachments: attachments, or tuples of their name, data and, if it cannot be guessed, media type.
    :raises InvalidMessage: one of these is not usable; line breaks in headers are refused.
    """

    def __init__(
        self,
        subject: str = '',
        body: str = '',
        *,
        to: Addresses = (),
        cc: Addresses = (),
        bcc: Addresses = (),
        reply_to: Addresses = (),
        from_: str | None = None,
        html: str | None = None,
        headers: Mapping[str, str] | None = None,
        attachments: Iterable[Attachable] = (),
    ) -> None:
        self.subject = subject
        self.body = body
        self.to = _listed('to', to)
        self.cc = _listed('cc', cc)
        self.bcc = _listed('bcc', bcc)
        self.reply_to = _listed('reply_to', reply_to)
        self.from_ = from_
        self.html = html
        self.headers = dict(headers or {})
        self.attachments = [_attachment(item) for item in attachments]
        self.id = ''
        self.date: datetime | None = None
        self.check()

    @classmethod
    def from_template(
        cls, name: str, context: Mapping[str, Any] | None = None, *, subject: str | None = None, **options: Any
    ) -> 'EmailMessage':
        """A message whose texts are templates: ``name.txt``, ``name.html`` or both, and ``name.subject.txt``.

        :param context: the templates' variables.
        :param subject: the subject, instead of a template for it.
        :param options: the other arguments of :class:`EmailMessage`.
        :raises TemplateError: there is neither a text nor an HTML template, or one of them cannot be rendered.
        """
        from colibris.email.templates import render_texts

        return cls(**render_texts(name, context or {}, subject), **options)

    def attach(self, name: str, data: bytes, type: str = '') -> None:  # noqa: A002  # the reference's name
        """Attach a file.

        :param type: its media type; guessed from the name if empty.
        :raises InvalidMessage: the name or the type is not usable, or the data is not bytes.
        """
        self.attachments.append(Attachment(name, data, type))

    def embed(self, name: str, data: bytes, type: str = '', *, cid: str = '') -> str:  # noqa: A002  # as of attach()
        """Add an image that the HTML content shows where it says ``<img src="cid:…">``.

        :param type: its media type; guessed from the name if empty.
        :param cid: what stands after ``cid:``; by default the name.
        :returns: the ``cid``.
        :raises InvalidMessage: as :meth:`attach` does; or the ``cid`` holds characters that need quoting.
        """
        attachment = Attachment(name, data, type, cid or name)
        self.attachments.append(attachment)
        return attachment.cid

    def check(self) -> None:
        """Check everything that is text.

        :raises InvalidMessage: something is not usable.
        """
        check_line('subject', self.subject)
        check_line('from_', self.from_ or '')
        if self.id and not _ID.fullmatch(self.id):
            raise InvalidMessage("the id has to look like '<number@example.com>'")
        for name, text in (('body', self.body), ('html', self.html or '')):
            if not isinstance(text, str):
                raise InvalidMessage(f'{name} must be a text, not {type(text).__name__}')
        for field in ('to', 'cc', 'bcc', 'reply_to', 'from_'):
            self.mailboxes(field)
        for name, value in self.headers.items():
            _check_header(name, value)

    def mailboxes(self, field: str) -> list[Mailbox]:
        """Whom ``to``, ``cc``, ``bcc``, ``reply_to`` or ``from_`` name."""
        return [Mailbox.parse(text, field) for text in _listed(field, getattr(self, field) or ())]

    @property
    def recipients(self) -> list[str]:
        """The bare addresses of all who get the message, each once."""
        boxes = [*self.mailboxes('to'), *self.mailboxes('cc'), *self.mailboxes('bcc')]
        return list(dict.fromkeys(box.address for box in boxes))

    @property
    def sender(self) -> str:
        """The bare address of the sender; empty while there is none."""
        return next((box.address for box in self.mailboxes('from_')), '')

    @property
    def size(self) -> int:
        """About how many bytes there are to compose."""
        return len(self.body) + len(self.html or '') + sum(len(item.data) for item in self.attachments)

    def seal(self, default_from: str | None = None) -> 'EmailMessage':
        """A copy that is ready to be sent: it has a sender, an id and a date, and later changes do not affect it.

        :raises InvalidMessage: it has no sender or no recipients, or was made unusable since.
        """
        sealed = copy.copy(self)
        for field in ('to', 'cc', 'bcc', 'reply_to'):
            setattr(sealed, field, _listed(field, getattr(self, field)))
        sealed.headers, sealed.attachments = dict(self.headers), list(self.attachments)
        sealed.from_ = self.from_ or default_from
        sealed.check()
        if not sealed.from_:
            raise InvalidMessage("the message has no sender: give it from_, or set EMAIL['default_from']")
        if not sealed.recipients:
            raise InvalidMessage('the message has no recipients')
        sealed.id = self.id or make_msgid(domain=sealed.sender.rpartition('@')[2])
        sealed.date = self.date or datetime.now(UTC).replace(microsecond=0)
        return sealed

    def as_bytes(self, *, with_bcc: bool = False) -> bytes:
        """The message in the form in which it travels (RFC 5322), with CRLF line ends.

        :param with_bcc: also name those who get a copy without the others seeing it.
        :raises InvalidMessage: it was made unusable since it was made.
        """
        self.check()
        return compose(self, with_bcc=with_bcc)

    def to_dict(self) -> dict[str, Any]:
        """The message as plain data that fits JSON."""
        attachments = [{**vars(item), 'data': base64.b64encode(item.data).decode()} for item in self.attachments]
        return {**vars(self), 'attachments': attachments, 'date': self.date and self.date.isoformat()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> 'EmailMessage':
        """The message of which :meth:`to_dict` made ``data``."""
        attachments = [Attachment(**{**item, 'data': base64.b64decode(item['data'])}) for item in data['attachments']]
        options = {name: value for name, value in data.items() if name not in ('id', 'date', 'attachments')}
        message = cls(**options, attachments=attachments)
        message.id = data['id']
        message.date = datetime.fromisoformat(data['date']) if data['date'] else None
        return message

    def __repr__(self) -> str:
        """Who gets it; texts may hold secrets."""
        return f'<EmailMessage {self.id or f"to {self.to!r}"}>'


def _listed(field: str, addresses: Addresses) -> list[str]:
    if not isinstance(addresses, Iterable):
        raise InvalidMessage(f'{field} must be an address, or several, not {addresses!r}')
    return [addresses] if isinstance(addresses, str) else list(addresses)


def _attachment(item: Attachable) -> Attachment:
    if isinstance(item, Attachment):
        return item
    if not isinstance(item, tuple) or len(item) not in (2, 3):
        raise InvalidMessage('an attachment must be an Attachment, or a tuple of its name, its data and its type')
    return Attachment(*item)


def _check_header(name: str, value: str) -> None:
    check_line('the name of a header', name)
    if not name or not name.isascii() or any(char in ' :\t' for char in name):
        raise InvalidMessage(f'{name!r} is no name of a header')
    if name.lower() in OWN_HEADERS:
        raise InvalidMessage(f'the header {name} is made from the arguments of the message')
    check_line(f'the header {name}', value)
