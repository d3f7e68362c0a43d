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

    def check_permission(self, permission: str) -> None:
        """Check, at start, that a permission which a view demands is one that this backend can know of.

        :raises ConfigurationError: no account could ever have it.
        """

    @abstractmethod
    def has_permission(self, account: Any, permission: str) -> bool:
        """Whether ``account``, which may be ``None``, has the permission. Plain code; may wait through the bridge."""
