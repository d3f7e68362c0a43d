"""The place of the authentication backend."""

from colibris.authentication.base import AuthenticationBackend
from colibris.conf.backends import BackendSlot

__all__ = ['slot']

slot: BackendSlot[AuthenticationBackend] = BackendSlot(
    'AUTHENTICATION', AuthenticationBackend, 'colibris.authentication.null.NullBackend'
)
