"""The place of the cache backend."""

from colibris.cache.base import CacheBackend
from colibris.conf.backends import BackendSlot

__all__ = ['slot']

slot: BackendSlot[CacheBackend] = BackendSlot('CACHE', CacheBackend, 'colibris.cache.null.NullBackend')
