"""How a log record becomes text."""

import logging

__all__ = ['LineFormatter']

_ESCAPES = {code: f'\\x{code:02x}' for code in (*range(32), 127, 0x85) if chr(code) not in '\t'}
_ESCAPES |= {ord('\r'): '\\r', ord('\n'): '\\n', 0x2028: '\\u2028', 0x2029: '\\u2029'}


class LineFormatter(logging.Formatter):
    """Formats each record as one line, whatever the message holds; only tracebacks take lines of their own.

    So what a client sends can neither forge a line nor send control sequences to a terminal.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        return super().formatMessage(record).translate(_ESCAPES)
