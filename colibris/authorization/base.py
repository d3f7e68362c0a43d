"""The contract of an authorization backend."""

from abc import ABC, abstractmethod
from typing import Any

from colibris.conf.backends import Backend

__all__ = ['AuthorizationBackend']


class AuthorizationBackend(Backend, ABC):
    """Tells which permissions an account has."""

    @abstractmethod
    def has_permission(self, account: Any, permission: str) -> bool:
        """Whether ``account`` has the permission."""
