"""How a log record becomes text."""

import logging
import re
from typing import Any

__all__ = ['LineFormatter']

_CONTROLS = re.compile(r'[^\S\t ]|[\x00-\x08\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]')


class LineFormatter(logging.Formatter):
    """Formats each record as one line, whatever the message holds; only tracebacks take lines of their own, indented.

    So what a client sends can neither forge a line nor send control sequences to a terminal.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record as text, with a traceback that is formatted here, not kept from another formatter."""
        kept = record.exc_text
        record.exc_text = None if record.exc_info else _indent(kept)
        try:
            return super().format(record)
        finally:
            record.exc_text = kept

    def formatMessage(self, record: logging.LogRecord) -> str:
        return _escape(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:
        return _indent(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:
        return _indent(super().formatStack(stack_info))


def _escape(text: str) -> str:
    return _CONTROLS.sub(lambda match: repr(match[0])[1:-1], text)


def _indent(text: str | None) -> str:
    return '\n'.join(f'  {_escape(line)}' for line in (text or '').split('\n')) if text else ''
