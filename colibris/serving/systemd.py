"""What systemd and a service tell each other."""

import contextlib
import os
import socket
from collections.abc import MutableMapping

from colibris.serving.errors import ServerError

__all__ = ['VARIABLES', 'inherited_sockets', 'notify']

VARIABLES = ('LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES', 'NOTIFY_SOCKET')
"""The environment variables that are meant for the process that systemd has started, and for none of its children."""

_FIRST = 3


def inherited_sockets(environ: MutableMapping[str, str]) -> list[socket.socket]:
    """The listening sockets that systemd has opened for this process (socket activation); empty without any.

    The variables that tell of them are removed.

    :raises ServerError: they make no sense.
    """
    pid, count = environ.get('LISTEN_PID'), environ.get('LISTEN_FDS')
    if pid != str(os.getpid()) or count is None:
        return []
    for name in ('LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES'):
        environ.pop(name, None)
    try:
        return [_adopt(fd) for fd in range(_FIRST, _FIRST + int(count))]
    except (OSError, ValueError) as exc:
        raise ServerError(f'LISTEN_FDS={count!r} does not tell of sockets: {exc}') from exc


def notify(state: str) -> None:
    """Tell systemd how the service is, ``READY=1`` for example, if it wants to know (``Type=notify``)."""
    address = os.environ.get('NOTIFY_SOCKET')
    if not address:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
        connection.connect('\0' + address[1:] if address.startswith('@') else address)
        connection.sendall(state.encode())


def _adopt(fd: int) -> socket.socket:
    adopted = socket.socket(fileno=fd)
    adopted.set_inheritable(False)
    return adopted
