"""Passwords: kept as hashes, verified, and refused where they are easy to guess.

The setting ``PASSWORDS`` names the hasher; without it passwords are hashed by Argon2id if the extra ``argon2`` is
installed, or else by scrypt. Hashing takes a good part of a second on purpose; where an event loop runs, a thread does
it, and the loop goes on.
"""

import logging
import unicodedata

from colibris.authentication.passwords import threads
from colibris.authentication.passwords.base import PasswordHasher
from colibris.authentication.passwords.hashed import HashedPassword, unusable
from colibris.authentication.passwords.rules import MAX_LENGTH, check
from colibris.authentication.passwords.slot import HASHERS, slot
from colibris.utils.imports import import_string

__all__ = [
    'MAX_LENGTH',
    'HashedPassword',
    'PasswordHasher',
    'check',
    'get_backend',
    'hash',
    'needs_rehash',
    'unusable',
    'verify',
]

logger = logging.getLogger(__name__)


def get_backend() -> PasswordHasher:
    """The hasher of new passwords."""
    return slot.get()


def hash(password: str) -> HashedPassword:  # noqa: A001  # meant to be read as passwords.hash()
    """A new hash of the password, whatever :func:`check` says about it."""
    return HashedPassword(threads.call(slot.get().hash, _encode(password)))


def verify(password: str, hashed: str | None) -> bool:
    """Whether ``hashed`` is a hash of the password.

    Where there is no hash, for want of an account or of its password, the answer, ``False``, takes as long.
    """
    return threads.call(_verify, _encode(password), HashedPassword(hashed or ''))


def needs_rehash(hashed: str) -> bool:
    """Whether new passwords are hashed in another way: the next time one is at hand, a new hash should be stored."""
    hasher = slot.get()
    return HashedPassword(hashed).scheme != hasher.scheme or hasher.needs_rehash(hashed)


def _verify(password: bytes, hashed: HashedPassword) -> bool:
    hasher = _hasher_of(hashed.scheme)
    if hasher is None:
        slot.get().hash(password)  # for the time that it takes
        return False
    return hasher.verify(password, hashed)


def _hasher_of(scheme: str | None) -> PasswordHasher | None:
    if scheme == slot.get().scheme:
        return slot.get()
    if scheme in HASHERS:
        hasher: PasswordHasher = import_string(HASHERS[scheme])()
        return hasher
    if scheme is not None:
        logger.warning("a password cannot be verified: nothing is known about the scheme '%s' of its hash", scheme)
    return None


def _encode(password: str) -> bytes:
    """The same bytes for what looks the same (NIST SP 800-63B); nothing that JSON can hold is an error."""
    return unicodedata.normalize('NFKC', password).encode('utf-8', 'surrogatepass')
