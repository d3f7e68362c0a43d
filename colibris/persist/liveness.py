"""Whether the other end of an idle connection has gone away, asked of the operating system and not of the server."""

import select
from typing import Any

__all__ = ['Liveness']


class Liveness:
    """Watches the socket of a connection on which a server speaks only when it is asked.

    :param fileno: the socket's file descriptor, or ``None`` if it is not known.
    """

    def __init__(self, fileno: int | None) -> None:
        self._poll: Any = None
        if fileno is not None and hasattr(select, 'poll'):
            self._poll = select.poll()
            self._poll.register(fileno, select.POLLIN)

    @property
    def has_ended(self) -> bool:
        """Whether an idle connection has something to read: its end, or a server's last words."""
        return self._poll is not None and bool(self._poll.poll(0))
