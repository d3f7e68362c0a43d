"""Small helpers that belong to no area."""

from colibris.utils.retries import FALSY, retry

__all__ = ['FALSY', 'retry']
