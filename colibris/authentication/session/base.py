"""What a session is, and the contract of the places where sessions are kept."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

__all__ = ['Session', 'SessionStore']


@dataclass(frozen=True)
class Session:
    """What the server remembers of an account that has logged in.

    :param account: the text by which the account is found.
    :param ends: when it ends at the latest, in seconds since the epoch.
    :param idle_seconds: how long it may be unused; ``None``: until it ends.
    :param proof: made from the account's own secret; empty if there is none.
    """

    account: str
    ends: int
    idle_seconds: int | None
    proof: str

    def remaining(self, now: int) -> int:
        """For how many seconds it is valid if it is not used any more."""
        left = self.ends - now
        return left if self.idle_seconds is None else min(left, self.idle_seconds)


class SessionStore(ABC):
    """Keeps sessions by the digests of their ids, never by the ids themselves."""

    @abstractmethod
    def check(self) -> None:
        """Check that sessions can be kept here; called when the server starts.

        :raises ConfigurationError: they cannot.
        """

    @abstractmethod
    def add(self, digest: str, session: Session, now: int) -> None:
        """Keep a new session for as long as it is valid."""

    @abstractmethod
    def use(self, digest: str, now: int) -> Session | None:
        """The session, which is then valid for longer, or ``None`` if there is none, or none any more.

        One that is ended meanwhile stays ended.
        """

    @abstractmethod
    def delete(self, digest: str) -> None:
        """End a session; does nothing if there is none."""
