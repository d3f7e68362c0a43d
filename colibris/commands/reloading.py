"""Starting a command anew whenever the project's files change."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from hashlib import blake2b
from pathlib import Path
from queue import Empty, SimpleQueue

from colibris.conf import settings
from colibris.errors import MissingDependencyError
from colibris.serving.listeners import Listeners
from colibris.serving.parent import RETIRE, SERVING, Orders, command

__all__ = ['Child', 'run_reloading', 'run_server_reloading']

# Python takes compiled code for a file's if the file's time, in seconds, and size are the same: saves may be so close.
_UNCACHED = {'PYTHONDONTWRITEBYTECODE': '1'}

OPTION = '--reload'
LOOK_MILLISECONDS = 5000
WATCHED = ('.py', '.env', '.env.default', '.yml')

_CHANGED, _NOTHING = 0, -1  # no signals have these numbers
_ENDING = (signal.SIGINT, signal.SIGTERM)
_BY_SIGNAL = 128


class Child:
    """A process that does the work.

    :param link: the parent's end of the link, if the process has one.
    """

    def __init__(self, process: 'subprocess.Popen[bytes]', link: socket.socket | None = None) -> None:
        self.process = process
        self._link = link

    def has_worked(self) -> bool:
        """Whether it has come as far as doing its work; without a link nobody knows, and it may have."""
        if self._link is None:
            return True
        try:
            return SERVING in self._link.recv(1)
        except OSError:
            return False

    def make_way(self) -> None:
        """Have it end for the next child."""
        self.process.send_signal(signal.SIGTERM if self._link is None else RETIRE)

    def close(self) -> None:
        """Let go of the link."""
        if self._link is not None:
            self._link.close()


def run_server_reloading(listeners: Listeners, environment: Mapping[str, str]) -> int:
    """Do :func:`run_reloading` with a server.

    The sockets stay open all the time: who connects between two children waits for the next one.
    """
    listeners.listen()
    return run_reloading(lambda: _start_server(listeners, environment), listeners.close)


def run_reloading(start: Callable[[], Child] | None = None, stop: Callable[[], None] = lambda: None) -> int:
    """Have a child work; end it and start it anew after each change.

    :param start: starts the child; by default this process' command line, without ``--reload``.
    :param stop: called before the last child is ended.
    :returns: the exit status, after SIGINT or SIGTERM, or when the first child has not even come to its work.
    :raises MissingDependencyError: watchfiles is not installed.
    """
    try:
        import watchfiles
    except ImportError:
        raise MissingDependencyError('watchfiles', 'serve') from None
    logging.getLogger('watchfiles').setLevel(logging.WARNING)
    events: SimpleQueue[int] = SimpleQueue()
    for number in (*_ENDING, signal.SIGCHLD):
        signal.signal(number, lambda received, _: events.put(received))
    directory = Path(settings.PROJECT_PACKAGE_DIR)
    contents = _Contents(directory)

    def watch() -> None:
        # Not every file system tells of changes: so one looks now and then, too.
        changes = watchfiles.watch(
            directory, watch_filter=_is_watched, rust_timeout=LOOK_MILLISECONDS, yield_on_timeout=True
        )
        for _ in changes:
            if contents.have_changed():
                events.put(_CHANGED)

    threading.Thread(target=watch, daemon=True).start()
    reloader = _Reloader(start or _start_again, stop, events)
    try:
        return reloader.run()
    finally:
        reloader.close()


class _Contents:
    """What is in the files: a file that has been saved as it was has not changed."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._digests = self._read()

    def have_changed(self) -> bool:
        """Whether there is a change since the last call, or since the start."""
        before, self._digests = self._digests, self._read()
        return self._digests != before

    def _read(self) -> dict[Path, bytes]:
        found = (path for path in self._directory.rglob('*') if _is_watched(None, path.name))
        return {path: digest for path in found if (digest := _digest(path)) is not None}


class _Reloader:
    """One child at a time."""

    def __init__(self, start: Callable[[], Child], stop: Callable[[], None], events: 'SimpleQueue[int]') -> None:
        self._start = start
        self._stop = stop
        self._events = events
        self._child = start()
        self._waits_for_changes = sys.stdin is not None and sys.stdin.isatty()
        self._is_outdated = False
        self._is_told = False

    def run(self) -> int:
        """Take events until one of them is the end."""
        while True:
            event = self._next_event()
            if event in _ENDING:
                return self._end()
            if event == _CHANGED:
                self._take_changes()
            status = self._child.process.poll()
            if status is not None and not self._goes_on():
                return status

    def close(self) -> None:
        """Let go of the last child."""
        self._child.close()

    def _take_changes(self) -> None:
        _say(f'Files in {settings.PROJECT_PACKAGE_DIR} have changed: starting anew')
        self._is_outdated = True
        self._child.make_way()

    def _goes_on(self) -> bool:
        """Start the next child if it is time for one.

        :returns: ``False`` if there will never be one.
        """
        self._waits_for_changes = self._waits_for_changes or self._child.has_worked()
        if self._is_outdated:
            self._is_outdated = self._is_told = False
            self._child.close()
            self._child = self._start()
        elif self._waits_for_changes and not self._is_told:
            _say(f'It has ended with the status {self._child.process.returncode}; it starts anew when files change')
            self._is_told = True
        return self._waits_for_changes

    def _end(self) -> int:
        process = self._child.process
        self._stop()
        process.terminate()
        while process.poll() is None:
            event = self._next_event()
            if event in _ENDING:
                process.kill()
                process.wait()
                return _BY_SIGNAL + event
        return max(process.returncode, 0)

    def _next_event(self) -> int:
        """What has happened; after a second also that nothing has, for a signal just before one waits wakes nobody."""
        try:
            return self._events.get(timeout=1)
        except Empty:
            return _NOTHING


def _start_server(listeners: Listeners, environment: Mapping[str, str]) -> Child:
    link, other_end = socket.socketpair()
    link.setblocking(False)
    with other_end:
        sockets = tuple(each.fileno() for each in listeners.sockets)
        orders = Orders(pid=os.getpid(), link=other_end.fileno(), sockets=sockets)
        process = subprocess.Popen(  # noqa: S603  # it is what was started here
            command(), env={**environment, **_UNCACHED, **orders.environment()}, pass_fds=tuple(orders.inherited)
        )
    return Child(process, link)


def _start_again() -> Child:
    words = [word for word in command() if word != OPTION]
    return Child(subprocess.Popen(words))  # noqa: S603  # it is what was started here


def _say(text: str) -> None:
    print(text)
    sys.stdout.flush()


def _is_watched(change: object, path: str) -> bool:
    return path.endswith(WATCHED)


def _digest(path: Path) -> bytes | None:
    try:
        return blake2b(path.read_bytes()).digest()
    except OSError:
        return None
