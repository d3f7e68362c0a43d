"""A cache in the memory of one process."""

import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from colibris.cache.base import CacheBackend
from colibris.cache.errors import NotANumber
from colibris.cache.leases import Leases
from colibris.errors import ConfigurationError

__all__ = ['LocMemBackend']

_INTEGERS = range(-(2**63), 2**63)


@dataclass(slots=True)
class _Entry:
    value: bytes
    ends: float | None
    size: int


class LocMemBackend(CacheBackend):
    """Keeps the entries that were used last, for this process alone.

    :param max_entries: the largest number of entries.
    :param max_bytes: the most memory that keys and values may take together.
    :param options: those of every backend, see :class:`~colibris.cache.base.CacheBackend`.
    """

    def __init__(self, *, max_entries: int = 10_000, max_bytes: int = 64 * 1024**2, **options: Any) -> None:
        super().__init__(**options)
        self._max_entries = _count('max_entries', max_entries)
        self._max_bytes = _count('max_bytes', max_bytes)
        self._entries: OrderedDict[str, _Entry] = OrderedDict()  # what was used last is at the end
        self._bytes = 0
        self._leases = Leases()
        self._lock = threading.RLock()

    def get(self, key: str) -> bytes | None:
        """The entry's value, or ``None`` if there is none."""
        with self._lock:
            entry = self._find(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
            return entry.value

    def get_many(self, keys: Sequence[str]) -> dict[str, bytes]:
        """The values of those entries that there are."""
        return {key: value for key in keys if (value := self.get(key)) is not None}

    def set(self, key: str, value: bytes, lifetime: float | None) -> None:
        """Make an entry, or replace it; those used longest ago make room."""
        with self._lock:
            self._put(key, value, _end_of(lifetime))

    def set_many(self, values: Mapping[str, bytes], lifetime: float | None) -> None:
        """Make or replace several entries."""
        for key, value in values.items():
            self.set(key, value, lifetime)

    def add(self, key: str, value: bytes, lifetime: float | None) -> bool:
        """Make an entry if there is none; return whether it has been made."""
        with self._lock:
            if self._find(key) is not None:
                return False
            self._put(key, value, _end_of(lifetime))
            return True

    def incr(self, key: str, amount: int, lifetime: float | None) -> int:
        """Add to an entry that holds decimal digits, and return the sum."""
        with self._lock:
            entry = self._find(key)
            total = _number(entry.value if entry else b'0') + amount
            if total not in _INTEGERS or amount not in _INTEGERS:
                raise NotANumber
            self._put(key, str(total).encode(), entry.ends if entry else _end_of(lifetime))
            return total

    def touch(self, key: str, lifetime: float | None) -> bool:
        """Give an entry another lifetime from now on; return whether there is such an entry."""
        with self._lock:
            entry = self._find(key)
            if entry is not None:
                entry.ends = _end_of(lifetime)
            return entry is not None

    def delete(self, key: str) -> None:
        """Delete the entry, if there is one, and end its lease."""
        with self._lock:
            self._drop(key)
            self._leases.note_deletion(key, self.lock_lifetime)

    def clear(self) -> None:
        """Delete every entry."""
        with self._lock:
            self._entries.clear()
            self._bytes = 0
            self._leases.note_deletion_of_all(self.lock_lifetime)

    def lease(self, key: str, token: str, lifetime: float) -> bool:
        """Reserve the computing of an entry; return whether nobody else has reserved it."""
        with self._lock:
            return self._leases.take(key, token, lifetime)

    def fulfil(self, key: str, token: str, value: bytes, lifetime: float | None) -> bool:
        """Make the entry that the lease was for, unless it has been deleted since, and end the lease."""
        with self._lock:
            may = self._leases.may_fulfil(key, token)
            if may:
                self._put(key, value, _end_of(lifetime))
            self._leases.end(key, token)
            return may

    def give_up(self, key: str, token: str) -> None:
        """End the lease, if it is still the token's."""
        with self._lock:
            self._leases.end(key, token)

    def check_connectivity(self) -> None:
        """It is always there."""

    def _find(self, key: str) -> _Entry | None:
        entry = self._entries.get(key)
        if entry is not None and entry.ends is not None and entry.ends <= time.monotonic():
            self._drop(key)
            return None
        return entry

    def _put(self, key: str, value: bytes, ends: float | None) -> None:
        self._drop(key)
        entry = self._entries[key] = _Entry(value, ends, sys.getsizeof(key) + sys.getsizeof(value))
        self._bytes += entry.size
        while len(self._entries) > self._max_entries or self._bytes > self._max_bytes:
            # One that is too large itself goes first, before it drives out all the others.
            self._drop(key if entry.size > self._max_bytes else next(iter(self._entries)))

    def _drop(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= entry.size


def _end_of(lifetime: float | None) -> float | None:
    return None if lifetime is None else time.monotonic() + lifetime


def _number(value: bytes) -> int:
    try:
        number = int(value)
    except ValueError:
        raise NotANumber from None
    if number not in _INTEGERS or str(number).encode() != value:
        raise NotANumber
    return number


def _count(name: str, value: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ConfigurationError(f'{name} must be a whole number from 1 on, not {value!r}')
    return value
