"""The place of the e-mail backend."""

from colibris.conf.backends import BackendSlot
from colibris.email.base import EmailBackend

__all__ = ['slot']

slot: BackendSlot[EmailBackend] = BackendSlot('EMAIL', EmailBackend)
