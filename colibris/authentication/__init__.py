"""Authentication: which account a request comes from.

The setting ``AUTHENTICATION`` names the backend; without it every request belongs to a dummy account.
"""

from colibris.authentication.base import AuthenticationBackend
from colibris.authentication.errors import AuthenticationError
from colibris.authentication.policy import is_authentication_required, require_authentication
from colibris.authentication.requests import authenticate, get_account
from colibris.authentication.slot import slot

__all__ = [
    'AuthenticationBackend',
    'AuthenticationError',
    'authenticate',
    'get_account',
    'get_backend',
    'is_authentication_required',
    'require_authentication',
]


def get_backend() -> AuthenticationBackend:
    """The authentication backend."""
    return slot.get()
