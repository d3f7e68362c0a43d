"""A circuit breaker."""

import time

__all__ = ['CircuitBreaker']


class CircuitBreaker:
    """Keeps a service that has failed from being asked again by everybody.

    :param seconds: how long it is left alone; then one caller tries it, while the others go on without it.
    :param first: how long it is left alone at first, as it may have been a moment's hiccup; after each failed trial it
        is twice as long, up to ``seconds``.
    """

    def __init__(self, seconds: float, first: float | None = None) -> None:
        self._longest = seconds
        self._first = seconds if first is None else first
        self._seconds = self._first
        self._until: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether the service has failed and not answered since."""
        return self._until is not None

    def allows(self) -> bool:
        """Whether the caller may ask the service. A caller that may has to tell how it went."""
        if self._until is None:
            return True
        if time.monotonic() < self._until:
            return False
        self._seconds = min(2 * self._seconds, self._longest)
        self.failed()  # unless this caller comes back with better news
        return True

    def failed(self) -> None:
        """Tell that the service has failed."""
        self._until = time.monotonic() + self._seconds

    def succeeded(self) -> None:
        """Tell that the service has answered."""
        self._until = None
        self._seconds = self._first
