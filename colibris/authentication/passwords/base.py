"""The contract of a password hasher."""

from abc import ABC, abstractmethod
from typing import ClassVar

from colibris.conf.backends import Backend

__all__ = ['PasswordHasher']


class PasswordHasher(Backend, ABC):
    """Turns passwords into texts from which nobody finds them, slowly on purpose.

    The methods block, and run in any thread. A hash has the form ``$scheme$…``, and holds everything that is needed to
    verify a password against it, whatever the arguments of this hasher are.
    """

    scheme: ClassVar[str]
    """What stands between the first two ``$`` of every hash."""

    @abstractmethod
    def hash(self, password: bytes) -> str:
        """A new hash of the password, with a salt of its own."""

    @abstractmethod
    def verify(self, password: bytes, hashed: str) -> bool:
        """Whether ``hashed``, a hash of this scheme, is of the password; ``False`` for a malformed one, too."""

    @abstractmethod
    def needs_rehash(self, hashed: str) -> bool:
        """Whether ``hashed``, a hash of this scheme, was made with other arguments than this hasher's."""
