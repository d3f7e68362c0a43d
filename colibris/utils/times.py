"""Times as texts."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

orjson: Any
try:
    import orjson
except ImportError:
    orjson = None

__all__ = ['utc_text']


def _utc_text(time: datetime) -> str:
    return time.replace(tzinfo=None).isoformat() + 'Z'


def _fast_utc_text(time: datetime) -> str:
    text: bytes = orjson.dumps(time, None, _OPTIONS)
    return text[1:-1].decode()


_OPTIONS = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z if orjson else 0

utc_text: Callable[[datetime], str] = _fast_utc_text if orjson else _utc_text
"""A time of ``UTC``, or without a zone, in ISO 8601 with ``Z`` behind it."""
