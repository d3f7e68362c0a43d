"""What is kept for a value: its bytes, preceded by the end of its freshness where it may be served when it is stale."""

import struct
import time
from dataclasses import dataclass
from typing import Any

from colibris.cache.serializers import Serializer

__all__ = ['Payload']

_MARK = b'\x01'
_HEADER = struct.Struct('>cd')


@dataclass(frozen=True, slots=True)
class Payload:
    """A value and its bytes.

    :param fresh_until: when it becomes stale, in seconds since the epoch; ``None``: not before it is gone.
    """

    value: Any
    body: bytes
    fresh_until: float | None = None

    @classmethod
    def of(cls, serializer: Serializer, value: Any, fresh_seconds: float | None = None) -> 'Payload':
        """The payload of a value that becomes stale after some seconds, or never.

        :raises TypeError: the serializer does not take the value.
        """
        return cls(value, serializer.dumps(value), None if fresh_seconds is None else time.time() + fresh_seconds)

    @classmethod
    def read(cls, serializer: Serializer, data: bytes | None) -> 'Payload | None':
        """What a backend has found; ``None`` also for bytes that the serializer cannot read."""
        if data is None:
            return None
        try:
            if not data.startswith(_MARK):
                return cls(serializer.loads(data), data)
            _, fresh_until = _HEADER.unpack_from(data)
            body = data[_HEADER.size :]
            return cls(serializer.loads(body), body, fresh_until)
        except (ValueError, struct.error):
            return None

    @property
    def data(self) -> bytes:
        """What a backend keeps."""
        return self.body if self.fresh_until is None else _HEADER.pack(_MARK, self.fresh_until) + self.body

    @property
    def is_fresh(self) -> bool:
        """Whether nobody needs to compute the value anew."""
        return self.fresh_until is None or time.time() < self.fresh_until
