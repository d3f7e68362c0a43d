"""How the application's keys become the backend's."""

import hashlib
import re

from colibris.errors import ConfigurationError

__all__ = ['Keys']

MAX_BYTES = 200

_PREFIX = re.compile(r'[A-Za-z0-9_.-]+', re.ASCII)
_HASHED = '#'
_LEASE = 'lease'


class Keys:
    """Makes keys of the form ``prefix:version:key``.

    A key that is long, or not printable, or would confuse a Redis cluster, is replaced by its SHA-256. Keys of the
    application that look like such a hash are hashed themselves, so that nobody can aim at the entry of another key.

    :param prefix: what tells this application's entries from others in the same store.
    :param version: changed when the meaning of the values changes, so that older ones are no longer found.
    """

    def __init__(self, prefix: str, version: int) -> None:
        if not isinstance(prefix, str) or not _PREFIX.fullmatch(prefix):
            raise ConfigurationError(f"the prefix {prefix!r} must be made of letters, digits, '_', '-' and '.'")
        if not isinstance(version, int) or isinstance(version, bool):
            raise ConfigurationError(f'the version {version!r} must be a whole number')
        self.prefix = prefix
        self._start = f'{prefix}:{version}:'

    @property
    def pattern(self) -> str:
        """A glob pattern of every key, of every version."""
        return f'{self.prefix}:*'

    def make(self, key: str) -> str:
        """The backend's key.

        :raises TypeError: the key is no text.
        """
        if not isinstance(key, str):
            raise TypeError(f'a cache key must be a text, not {type(key).__name__}: {key!r}')
        return self._start + (key if _is_plain(key) else _hash(key))

    def lease_of(self, made: str) -> str:
        """The key of the lease of an entry, in the same slot of a Redis cluster."""
        return f'{self.prefix}:{_LEASE}:{{{made}}}'


def _is_plain(key: str) -> bool:
    if len(key) > MAX_BYTES or not key.isprintable() or key.startswith(_HASHED) or '{' in key or '}' in key:
        return False
    return key.isascii() or len(key.encode()) <= MAX_BYTES


def _hash(key: str) -> str:
    return _HASHED + hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()
