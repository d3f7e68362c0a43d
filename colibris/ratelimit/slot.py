"""The place of the backend that counts hits."""

from colibris.conf.backends import BackendSlot
from colibris.ratelimit.base import RateLimitBackend

__all__ = ['slot']

slot: BackendSlot[RateLimitBackend] = BackendSlot(
    'RATE_LIMIT_STORAGE', RateLimitBackend, 'colibris.ratelimit.memory.MemoryBackend'
)
