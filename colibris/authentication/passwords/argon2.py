"""Argon2id."""

from typing import Any

from colibris.authentication.options import check_options
from colibris.authentication.passwords.base import PasswordHasher
from colibris.conf.definitions import whole_number
from colibris.errors import MissingDependencyError

__all__ = ['Argon2Hasher']


class Argon2Hasher(PasswordHasher):
    """Hashes by Argon2id (RFC 9106); needs the extra ``argon2``. The defaults are the RFC's for little memory.

    :param time_cost: how often the memory is passed over.
    :param memory_cost: the memory that a hash takes, in KiB.
    :param parallelism: the threads among which the work is split.
    :raises MissingDependencyError: argon2-cffi is not installed.
    """

    scheme = 'argon2id'

    def __init__(self, time_cost: int = 3, memory_cost: int = 64 * 1024, parallelism: int = 4) -> None:
        check_options(parallelism=(parallelism, whole_number(1, 64)))
        check_options(
            time_cost=(time_cost, whole_number(1, 1000)),
            memory_cost=(memory_cost, whole_number(8 * parallelism, 4 * 1024**2)),
        )
        self._hasher = _argon2().PasswordHasher(time_cost, memory_cost, parallelism)

    def hash(self, password: bytes) -> str:
        """A new hash."""
        return str(self._hasher.hash(password))

    def verify(self, password: bytes, hashed: str) -> bool:
        """Whether the hash is of the password."""
        exceptions = _argon2().exceptions
        try:
            return bool(self._hasher.verify(hashed, password))
        except (exceptions.VerificationError, exceptions.InvalidHashError):
            return False

    def needs_rehash(self, hashed: str) -> bool:
        """Whether the hash was made with other arguments."""
        return bool(self._hasher.check_needs_rehash(hashed))


def _argon2() -> Any:
    try:
        import argon2
    except ImportError as exc:
        raise MissingDependencyError('argon2-cffi', 'argon2') from exc
    return argon2
