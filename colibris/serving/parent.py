"""How a server works for a process that has started it: it is given its sockets, and tells how it is.

The parent keeps one end of a socket pair, the *link*. The server writes a byte when something has changed, and ends
when the link does, because then the parent is gone.
"""

import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterable, MutableMapping
from dataclasses import asdict, dataclass
from typing import Self

from colibris.serving.errors import ServerError
from colibris.serving.listeners import Listeners

__all__ = ['RETIRE', 'SERVING', 'WORN', 'Orders', 'Parent', 'command', 'find_parent']

SERVING = b's'
WORN = b'w'
RETIRE = signal.SIGUSR2
"""What a parent sends to a server whose successor is serving already."""

_VARIABLE = 'COLIBRIS_PARENT'


@dataclass(frozen=True)
class Orders:
    """What a parent tells the server that it starts.

    :param pid: the parent's process.
    :param link: the file descriptor of the server's end of the link.
    :param sockets: the file descriptors of the listening sockets.
    :param announces: whether the server says where it listens; otherwise another one does.
    :param heartbeat: the file descriptor of a file that the server touches each second.
    :param max_requests: after how many requests the server is worn out; 0: never.
    """

    pid: int
    link: int
    sockets: tuple[int, ...]
    announces: bool = True
    heartbeat: int | None = None
    max_requests: int = 0

    @property
    def inherited(self) -> Iterable[int]:
        """The file descriptors that the server needs."""
        return (self.link, *self.sockets, *(() if self.heartbeat is None else (self.heartbeat,)))

    def environment(self) -> dict[str, str]:
        """The environment variable that carries them."""
        return {_VARIABLE: json.dumps(asdict(self))}


class Parent:
    """The server's view of its parent; what it has been given is closed at the end of a ``with`` block."""

    def __init__(self, orders: Orders) -> None:
        for fd in orders.inherited:
            os.set_inheritable(fd, False)
        self.orders = orders
        self.listeners = Listeners([socket.socket(fileno=fd) for fd in orders.sockets])
        self.link = socket.socket(fileno=orders.link)
        self.link.setblocking(False)
        self._told = b''

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.link.close()
        self.listeners.close()

    def tell(self, state: bytes) -> None:
        """Tell the parent, once, that something has changed."""
        if state in self._told:
            return
        self._told += state
        with contextlib.suppress(OSError):  # a parent that is gone is noticed elsewhere
            self.link.send(state)
            os.kill(self.orders.pid, signal.SIGCHLD)  # wakes it up

    def beat(self, requests: int) -> None:
        """Show that the event loop goes round; and ask for a successor after enough requests."""
        if self.orders.heartbeat is not None:
            now = time.monotonic()
            os.utime(self.orders.heartbeat, (now, now))
        if 0 < self.orders.max_requests <= requests:
            self.tell(WORN)

    def is_gone(self) -> bool:
        """Whether the parent has ended; to be asked when the link can be read."""
        try:
            return not self.link.recv(1)
        except BlockingIOError:
            return False
        except OSError:
            return True


def find_parent(environ: MutableMapping[str, str]) -> Parent | None:
    """The parent that has given orders, which are removed from the environment; ``None``: the server is on its own.

    :raises ServerError: the parent has ended meanwhile.
    """
    text = environ.pop(_VARIABLE, None)
    if text is None:
        return None
    orders = json.loads(text)
    if orders['pid'] != os.getppid():
        raise ServerError('the process that has started this one is gone')
    return Parent(Orders(**{**orders, 'sockets': tuple(orders['sockets'])}))


def command() -> list[str]:
    """The command line of this process, to be started once more."""
    return [sys.executable, *sys.orig_argv[1:]]
