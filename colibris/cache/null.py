"""No cache."""

import logging
from collections.abc import Sequence
from typing import Any, NoReturn

from colibris.cache.base import CacheBackend
from colibris.cache.errors import CacheUnavailable

__all__ = ['NullBackend']

logger = logging.getLogger(__name__)


class NullBackend(CacheBackend):
    """Keeps nothing: reads miss, and writes do nothing."""

    _has_told = False

    def get(self, key: str) -> NoReturn:
        """Keep nothing, and find nothing."""
        self._refuse()

    def get_many(self, keys: Sequence[str]) -> NoReturn:
        """Keep nothing, and find nothing."""
        self._refuse()

    def set(self, key: str, value: bytes, lifetime: float | None) -> None:
        """Keep nothing."""
        self._refuse()

    def set_many(self, values: Any, lifetime: float | None) -> None:
        """Keep nothing."""
        self._refuse()

    def add(self, key: str, value: bytes, lifetime: float | None) -> bool:
        """Keep nothing."""
        self._refuse()

    def incr(self, key: str, amount: int, lifetime: float | None) -> int:
        """Keep nothing."""
        self._refuse()

    def touch(self, key: str, lifetime: float | None) -> bool:
        """Keep nothing."""
        self._refuse()

    def delete(self, key: str) -> None:
        """Keep nothing."""
        self._refuse()

    def clear(self) -> None:
        """Keep nothing."""
        self._refuse()

    def lease(self, key: str, token: str, lifetime: float) -> bool:
        """Keep nothing."""
        self._refuse()

    def fulfil(self, key: str, token: str, value: bytes, lifetime: float | None) -> bool:
        """Keep nothing."""
        self._refuse()

    def give_up(self, key: str, token: str) -> None:
        """Keep nothing."""
        self._refuse()

    def check_connectivity(self) -> None:
        """There is nothing that could be away."""

    def _refuse(self) -> NoReturn:
        if not self._has_told:
            self._has_told = True
            logger.debug('CACHE is not set: nothing is cached')
        raise CacheUnavailable
