"""The operation id: what ties together everything that happens for one request."""

import logging
import re
import uuid
from contextvars import ContextVar

__all__ = [
    'NO_OPERATION',
    'install_record_factory',
    'is_valid_operation_id',
    'new_operation_id',
    'operation_id',
    'trace_id_of',
]

NO_OPERATION = '-'

operation_id: ContextVar[str] = ContextVar('operation_id', default=NO_OPERATION)

_VALID = re.compile(r'[A-Za-z0-9._:/+=@-]{1,128}', re.ASCII)
# Version 00 ends with the flags; later versions may add to it.
_TRACEPARENT = re.compile(
    r'(?!ff)(?:00(?=.{53}$)|(?!00)[0-9a-f]{2})-(?!0{32})(?P<trace>[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?'
)


def new_operation_id() -> str:
    """A fresh operation id, a random UUID in text form."""
    return str(uuid.uuid4())


def is_valid_operation_id(text: str) -> bool:
    """Whether an id sent by a client may be kept: visible ASCII that can forge no log line, 128 characters at most."""
    return _VALID.fullmatch(text) is not None


def trace_id_of(traceparent: str) -> str | None:
    """The trace id in a header ``traceparent`` (W3C Trace Context), or ``None`` if the header is not valid."""
    match = _TRACEPARENT.fullmatch(traceparent)
    return match['trace'] if match else None


def install_record_factory() -> None:
    """Give every log record an attribute ``operation_id``."""
    current = logging.getLogRecordFactory()
    if getattr(current, 'gives_operation_id', False):
        return

    def make(*args: object, **kwargs: object) -> logging.LogRecord:
        record = current(*args, **kwargs)
        record.operation_id = operation_id.get()
        return record

    make.gives_operation_id = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(make)
