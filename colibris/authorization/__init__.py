"""Authorization: what an account may do.

The setting ``AUTHORIZATION`` names the backend; without it everybody may do everything.
"""

from colibris.authorization.base import AuthorizationBackend
from colibris.authorization.policy import (
    Permissions,
    permissions_of,
    require_all_permissions,
    require_one_permission,
    require_permission,
)
from colibris.authorization.slot import slot

__all__ = [
    'AuthorizationBackend',
    'Permissions',
    'get_backend',
    'permissions_of',
    'require_all_permissions',
    'require_one_permission',
    'require_permission',
]


def get_backend() -> AuthorizationBackend:
    """The authorization backend."""
    return slot.get()
