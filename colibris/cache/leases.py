"""Who computes which entry, within one process."""

import time
from dataclasses import dataclass

__all__ = ['Leases']

_DELETED = ''
_MANY = 1000


@dataclass(frozen=True, slots=True)
class _Lease:
    token: str
    ends: float
    follows_deletion: bool = False


class Leases:
    """The leases that :class:`~colibris.cache.base.CacheBackend` tells of; the caller sees to it that calls are atomic.

    The deletion of an entry takes the place of its lease for a while. A lease that follows it says so, so that the
    holder of an earlier one can be told.
    """

    def __init__(self) -> None:
        self._held: dict[str, _Lease] = {}

    def take(self, key: str, token: str, lifetime: float) -> bool:
        """Have the lease, unless somebody else has it."""
        held = self._find(key)
        if held is not None and held.token != _DELETED:
            return False
        self._drop_ended()
        self._held[key] = _Lease(token, time.monotonic() + lifetime, follows_deletion=held is not None)
        return True

    def may_fulfil(self, key: str, token: str) -> bool:
        """Whether the entry has not been deleted since the token's lease began."""
        held = self._find(key)
        return held is None or held.token == token or not (held.token == _DELETED or held.follows_deletion)

    def end(self, key: str, token: str) -> None:
        """End the lease, if it is still the token's."""
        held = self._find(key)
        if held is not None and held.token == token:
            del self._held[key]

    def note_deletion(self, key: str, lifetime: float) -> None:
        """Remember for a while that the entry has been deleted, if anybody has the lease."""
        if self._find(key) is not None:
            self._held[key] = _Lease(_DELETED, time.monotonic() + lifetime)

    def note_deletion_of_all(self, lifetime: float) -> None:
        """Remember for a while that every entry has been deleted."""
        for key in list(self._held):
            self.note_deletion(key, lifetime)

    def _find(self, key: str) -> _Lease | None:
        held = self._held.get(key)
        return held if held is not None and held.ends > time.monotonic() else None

    def _drop_ended(self) -> None:
        if len(self._held) > _MANY:
            self._held = {key: held for key in self._held if (held := self._find(key)) is not None}
