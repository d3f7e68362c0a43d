"""The sockets on which a server listens."""

import contextlib
import os
import socket
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from colibris.serving.errors import ServerError
from colibris.serving.systemd import inherited_sockets

__all__ = ['Listeners', 'open_listeners']

_BACKLOG = 2048  # the kernel has its own limit, often a lower one
_MAX_PORT = 65535
_EVERYBODY_MAY_CONNECT = 0o111  # the mask that leaves rw-rw-rw-: who may connect is up to the directory
_EVERYWHERE = {'0.0.0.0': '127.0.0.1', '::': '[::1]'}  # noqa: S104


class Listeners:
    """Bound sockets, which are closed at the end of a ``with`` block.

    :param sockets: all of them.
    :param paths: those files of Unix sockets that have been made here, and have to be removed at the end.
    """

    def __init__(self, sockets: Sequence[socket.socket], paths: Sequence[Path] = ()) -> None:
        self.sockets = list(sockets)
        self._paths = {path: _identity(path) for path in paths}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()
        for path, identity in self._paths.items():
            with contextlib.suppress(FileNotFoundError):
                if _identity(path) == identity:  # no other server has taken its place
                    path.unlink()

    def listen(self) -> None:
        """Have connections wait until somebody accepts them."""
        for each in self.sockets:
            each.setblocking(False)
            each.listen(_BACKLOG)

    def close(self) -> None:
        """Let go of the sockets; other processes may go on with theirs."""
        for each in self.sockets:
            each.close()

    def addresses(self, scheme: str) -> list[tuple[str, str]]:
        """Where the server can be reached: an address, and what else there is to say of it."""
        return [_describe(each, scheme) for each in self.sockets]


def open_listeners(host: str | None, port: int | None, path: str | None = None) -> Listeners:
    """Bind what is asked for; or take what systemd has opened already, whatever is asked for.

    :param host: with ``port``; ``None``: TCP is not wanted.
    :param path: of a Unix socket.
    :raises ServerError: this is not possible.
    """
    if inherited := inherited_sockets(os.environ):
        return Listeners(inherited)
    sockets = [] if path is None else [_bind_unix(path)]
    if host is not None and port is not None:
        sockets += _bind_tcp(host, port)
    return Listeners(sockets, [] if path is None else [Path(path)])


def _bind_tcp(host: str, port: int) -> list[socket.socket]:
    if not 0 <= port <= _MAX_PORT:
        raise ServerError(f'cannot listen on {host}, port {port}: ports go from 0 to {_MAX_PORT}')
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        return [_bound(family, address) for family, address in dict.fromkeys((item[0], item[4]) for item in found)]
    except OSError as exc:
        raise ServerError(f'cannot listen on {host}, port {port}: {exc.strerror or exc}') from exc


def _bound(family: int, address: tuple[Any, ...]) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
    except BaseException:
        made.close()
        raise
    return made


def _bind_unix(path: str) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(_EVERYBODY_MAY_CONNECT)
    try:
        _remove_remains(path)
        made.bind(path)
    except OSError as exc:
        made.close()
        raise ServerError(f'cannot listen on the Unix socket {path}: {exc.strerror or exc}') from exc
    finally:
        os.umask(mask)
    return made


def _remove_remains(path: str) -> None:
    """Remove the socket of a server that is no more."""
    if not os.path.exists(path) or not stat.S_ISSOCK(os.stat(path).st_mode):
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _describe(listening: socket.socket, scheme: str) -> tuple[str, str]:
    name = listening.getsockname()
    if listening.family == socket.AF_UNIX:
        return f'unix:{name}', ''
    host, port = name[:2]
    shown = _EVERYWHERE.get(host, f'[{host}]' if ':' in host else host)
    return f'{scheme}://{shown}:{port}', 'on every interface, ' if host in _EVERYWHERE else ''
