"""The contract of a cache backend."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

from colibris.cache.computations import Computations
from colibris.cache.keys import Keys
from colibris.cache.lifetimes import check_seconds
from colibris.cache.serializers import make_serializer
from colibris.conf import settings
from colibris.conf.backends import Backend
from colibris.errors import ConfigurationError

__all__ = ['CacheBackend']


class CacheBackend(Backend, ABC):
    """Keeps bytes under keys for a while.

    Its methods are plain and may be called from driven coroutines, where they wait through
    :func:`colibris.bridge.wait`, as well as from threads without a loop. Keys are those that ``keys`` has made;
    lifetimes are seconds from 0 on, and ``None`` never ends. An entry whose lifetime is 0 is gone at once. Every method
    raises
    :class:`~colibris.cache.errors.CacheUnavailable`, without much delay, when the store cannot be reached.

    :param prefix: what tells the application's entries from others in the same store; by default its package's name.
    :param version: a whole number, to be changed when the meaning of the values changes.
    :param serializer: ``json``, or ``pickle`` where everybody who can write to the store is trusted.
    :param lock_lifetime: how long others wait for whoever computes a value, in seconds, before they compute it too.
    """

    on_lookup: Callable[[int, int], None] | None = None
    """Told of each look-up of values: how many were found, and how many were not; for metrics."""

    def __init__(
        self,
        *,
        prefix: str | None = None,
        version: int = 1,
        serializer: str = 'json',
        lock_lifetime: float = 30,
    ) -> None:
        self.keys = Keys(_default_prefix() if prefix is None else prefix, version)
        self.serializer = make_serializer(serializer)
        self.lock_lifetime = positive('lock_lifetime', lock_lifetime)
        self.computations = Computations()

    @abstractmethod
    def get(self, key: str) -> bytes | None:
        """The entry's value, or ``None`` if there is none."""

    @abstractmethod
    def get_many(self, keys: Sequence[str]) -> dict[str, bytes]:
        """The values of those entries that there are."""

    @abstractmethod
    def set(self, key: str, value: bytes, lifetime: float | None) -> None:
        """Make an entry, or replace it."""

    @abstractmethod
    def set_many(self, values: Mapping[str, bytes], lifetime: float | None) -> None:
        """Make or replace several entries; not all of them at one moment."""

    @abstractmethod
    def add(self, key: str, value: bytes, lifetime: float | None) -> bool:
        """Make an entry if there is none, in one atomic step; return whether it has been made."""

    @abstractmethod
    def incr(self, key: str, amount: int, lifetime: float | None) -> int:
        """Add to an entry that holds decimal digits, in one atomic step, and return the sum.

        A missing one counts as 0 and gets the lifetime; one that is there keeps its own.

        :raises NotANumber: the entry holds something else, or the sum has more than 64 bits.
        """

    @abstractmethod
    def touch(self, key: str, lifetime: float | None) -> bool:
        """Give an entry another lifetime from now on; return whether there is such an entry."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Delete the entry, if there is one, and end its lease as :meth:`fulfil` tells."""

    @abstractmethod
    def clear(self) -> None:
        """Delete every entry of the prefix, of all versions, and nothing else."""

    @abstractmethod
    def lease(self, key: str, token: str, lifetime: float) -> bool:
        """Reserve the computing of an entry for ``lifetime`` seconds, in one atomic step.

        :param token: tells the holder of the lease from others.
        :returns: whether nobody else holds the lease.
        """

    @abstractmethod
    def fulfil(self, key: str, token: str, value: bytes, lifetime: float | None) -> bool:
        """Make or replace the entry that the lease was for, and end the lease, in one atomic step.

        That is done also after the lease's end, but not if the entry has been deleted since the lease began: what was
        computed may be older than the reason for deleting it.

        :returns: whether the entry has been made.
        """

    @abstractmethod
    def give_up(self, key: str, token: str) -> None:
        """End the lease, if it is still the token's, without making an entry."""

    @abstractmethod
    def check_connectivity(self) -> None:
        """Ask the store for a sign of life.

        :raises CacheUnavailable: it gives none.
        """


def positive(name: str, seconds: float) -> float:
    """A number of seconds that a backend's option gives.

    :raises ConfigurationError: it is not more than 0.
    """
    try:
        checked = check_seconds(name, seconds)
    except (TypeError, ValueError) as exc:
        raise ConfigurationError(str(exc)) from None
    if not checked:
        raise ConfigurationError(f'{name} must be more than 0 seconds')
    return checked


def _default_prefix() -> str:
    return settings.PROJECT_PACKAGE_NAME if settings.is_loaded else 'colibris'
