"""How a log record becomes JSON."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

__all__ = ['JSONFormatter']

_OF_TRACE = ('trace_id', 'span_id')
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {'message', 'asctime', 'operation_id', 'taskName', *_OF_TRACE}


class JSONFormatter(logging.Formatter):
    """Formats each record as one line that holds a JSON object.

    Its members are ``time`` (UTC, ISO 8601), ``level``, ``operation_id``, ``logger`` and ``message``; where there are
    any, ``trace_id`` and ``span_id``, ``exception`` and ``stack`` (texts), and ``extra``: what was logged with the
    argument ``extra``, and the values that a message names, as in ``'%(status)d'``.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON, in ASCII: whatever the message holds, it cannot end the line."""
        found = _members(record)
        found.update((name, getattr(record, name)) for name in _OF_TRACE if hasattr(record, name))
        if record.exc_info:
            found['exception'] = self.formatException(record.exc_info)
        elif record.exc_text:
            found['exception'] = record.exc_text
        if record.stack_info:
            found['stack'] = self.formatStack(record.stack_info)
        named = record.args if isinstance(record.args, dict) else {}
        return _dump(found, {**named, **{name: value for name, value in vars(record).items() if name not in _OWN}})


def _members(record: logging.LogRecord) -> dict[str, Any]:
    moment = datetime.fromtimestamp(record.created, UTC)
    return {
        'time': moment.isoformat(timespec='milliseconds').replace('+00:00', 'Z'),
        'level': record.levelname,
        'operation_id': getattr(record, 'operation_id', None),
        'logger': record.name,
        'message': record.getMessage(),
    }


def _dump(members: dict[str, Any], extra: dict[str, Any]) -> str:
    if not extra:
        return json.dumps(members)
    try:
        return json.dumps({**members, 'extra': extra}, default=str, allow_nan=False)
    except (TypeError, ValueError, RecursionError):  # keys that are no text, numbers that are no JSON, circles
        return json.dumps({**members, 'extra': {name: repr(value) for name, value in extra.items()}})
