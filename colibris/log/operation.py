"""The operation id: what ties together everything that happens for one request."""

import logging
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

__all__ = [
    'NO_OPERATION',
    'install_record_factory',
    'is_valid_operation_id',
    'new_operation_id',
    'operation_id',
    'trace_id_of',
    'trace_ids',
    'trace_ids_in',
    'working_for',
]

NO_OPERATION = '-'

operation_id: ContextVar[str] = ContextVar('operation_id', default=NO_OPERATION)

trace_ids: ContextVar[tuple[str, str] | None] = ContextVar('trace_ids', default=None)
"""The ids of the trace and of the span that the running code belongs to, where traces are on."""

_VALID = re.compile(r'[A-Za-z0-9._:/+=@-]{1,128}', re.ASCII)
# Version 00 ends with the flags; later versions may add to it.
_TRACEPARENT = re.compile(
    r'(?!ff)(?:00(?=.{53}$)|(?!00)[0-9a-f]{2})-(?!0{32})(?P<trace>[0-9a-f]{32})-'
    r'(?!0{16})(?P<span>[0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?'
)


def new_operation_id() -> str:
    """A fresh operation id: that of the trace, where traces are on, and otherwise a random UUID in text form."""
    ids = trace_ids.get()
    if ids is not None:
        return ids[0]
    # Version 4 of RFC 9562, section 5.4, in less time than the standard library's class takes; it may be guessed.
    digits = random.getrandbits(120).to_bytes(15).hex()
    return f'{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-8{digits[15:18]}-{digits[18:]}'


def is_valid_operation_id(text: str) -> bool:
    """Whether an id sent by a client may be kept: visible ASCII that can forge no log line, 128 characters at most."""
    return _VALID.fullmatch(text) is not None


def trace_id_of(traceparent: str) -> str | None:
    """The trace id in a header ``traceparent`` (W3C Trace Context), or ``None`` if the header is not valid."""
    ids = trace_ids_in(traceparent)
    return ids[0] if ids else None


def trace_ids_in(traceparent: str) -> tuple[str, str] | None:
    """The ids of the trace and of the span in a header ``traceparent``, or ``None`` if the header is not valid."""
    match = _TRACEPARENT.fullmatch(traceparent)
    return (match['trace'], match['span']) if match else None


@contextmanager
def working_for(operation: str, traceparent: str) -> Iterator[None]:
    """Have the lines of the log name an operation, and the trace in a header ``traceparent``."""
    tokens = operation_id.set(operation or NO_OPERATION), trace_ids.set(trace_ids_in(traceparent))
    try:
        yield
    finally:
        trace_ids.reset(tokens[1])
        operation_id.reset(tokens[0])


def install_record_factory() -> None:
    """Give every log record an attribute ``operation_id``, and within a trace ``trace_id`` and ``span_id``."""
    current = logging.getLogRecordFactory()
    if not isinstance(current, _RecordFactory):
        logging.setLogRecordFactory(_RecordFactory(current))


class _RecordFactory:
    def __init__(self, make: Callable[..., logging.LogRecord]) -> None:
        self._make = make

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record = self._make(*args, **kwargs)
        record.operation_id = operation_id.get()
        ids = trace_ids.get()
        if ids is not None:
            record.trace_id, record.span_id = ids
        return record
