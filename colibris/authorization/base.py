"""The contract of an authorization backend."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import Any

from colibris.conf.backends import Backend

__all__ = ['AuthorizationBackend']


class AuthorizationBackend(Backend, ABC):
    """Tells which permissions an account has."""

    known_permissions: Collection[str] | None = None
    """Every permission there is, so that a misspelt one is warned of at start; ``None`` where that is not known."""

    @abstractmethod
    def has_permission(self, account: Any, permission: str) -> bool:
        """Whether ``account`` has the permission."""
