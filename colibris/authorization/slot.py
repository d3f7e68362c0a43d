"""The place of the authorization backend."""

from colibris.authorization.base import AuthorizationBackend
from colibris.conf.backends import BackendSlot

__all__ = ['slot']

slot: BackendSlot[AuthorizationBackend] = BackendSlot(
    'AUTHORIZATION', AuthorizationBackend, 'colibris.authorization.null.NullBackend'
)
