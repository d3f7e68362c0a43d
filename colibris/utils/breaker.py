"""A circuit breaker."""

import time

__all__ = ['CircuitBreaker']


class CircuitBreaker:
    """Keeps a service that has failed from being asked again by everybody.

    :param seconds: how long it is left alone; then one caller tries it, while the others go on without it.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
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
        self.failed()  # unless this caller comes back with better news
        return True

    def failed(self) -> None:
        """Tell that the service has failed."""
        self._until = time.monotonic() + self._seconds

    def succeeded(self) -> None:
        """Tell that the service has answered."""
        self._until = None
