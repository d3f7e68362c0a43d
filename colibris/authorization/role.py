"""Accounts with a role each."""

from collections.abc import Sequence
from typing import Any

from colibris.authorization.base import AuthorizationBackend
from colibris.errors import ConfigurationError

__all__ = ['RoleBackend']


class RoleBackend(AuthorizationBackend):
    """An account has the permission that is named like its role.

    :param role_field: the account's attribute that holds its role.
    :param order: the roles from the lowest to the highest: each includes those before it.
    """

    def __init__(self, role_field: str, order: Sequence[str] = ()) -> None:
        self._role_field = role_field
        if isinstance(order, str):
            raise ConfigurationError("'order' must be a list of roles, from the lowest to the highest")
        self.known_permissions = list(order) or None
        self._ranks = {role: rank for rank, role in enumerate(order)}

    def has_permission(self, account: Any, permission: str) -> bool:
        """Whether the account's role is the permission, or one above it."""
        role = getattr(account, self._role_field, None)
        if role == permission:
            return True
        if role not in self._ranks or permission not in self._ranks:
            return False
        return self._ranks[role] > self._ranks[permission]
