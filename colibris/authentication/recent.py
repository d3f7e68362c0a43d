"""Accounts that have been looked up a moment ago."""

import copy
import time
from typing import Any

__all__ = ['RecentAccounts']

MOST = 4096


class RecentAccounts:
    """Keeps accounts for a while, by the texts that name them. Whoever asks for one gets a copy of their own.

    :param seconds: how long; 0: not at all.
    """

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._kept: dict[str, tuple[float, Any]] = {}  # those that end first come first

    def get(self, identity: str) -> Any:
        """The account with this name, or ``None``."""
        kept = self._kept.get(identity)
        return copy.deepcopy(kept[1]) if kept is not None and time.monotonic() < kept[0] else None

    def keep(self, identity: str, account: Any) -> None:
        """Keep an account as it is now, instead of what is kept by this name."""
        if not self._seconds:
            return
        now = time.monotonic()
        self._kept.pop(identity, None)
        while self._kept:
            first = next(iter(self._kept))
            if len(self._kept) < MOST and now < self._kept[first][0]:
                break
            del self._kept[first]
        self._kept[identity] = now + self._seconds, copy.deepcopy(account)

    def forget(self) -> None:
        """Keep none of them."""
        self._kept.clear()
