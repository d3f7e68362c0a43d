"""No authorization."""

from typing import Any

from colibris.authorization.base import AuthorizationBackend

__all__ = ['NullBackend']


class NullBackend(AuthorizationBackend):
    """Everybody may do everything."""

    def has_permission(self, account: Any, permission: str) -> bool:
        """Always true."""
        return True
