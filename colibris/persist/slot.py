"""The place of the persistence backend."""

from colibris.conf.backends import BackendSlot
from colibris.persist.base import DatabaseBackend

__all__ = ['slot']

slot: BackendSlot[DatabaseBackend] = BackendSlot('DATABASE', DatabaseBackend)
