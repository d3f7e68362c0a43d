"""Starting a command anew whenever the project's files change."""

import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import FrameType

from colibris.conf import settings
from colibris.errors import MissingDependencyError

__all__ = ['run_reloading']

OPTION = '--reload'


def run_reloading() -> int:
    """Run this process' command line, without ``--reload``, in a child; end it and start it anew after each change.

    :returns: the exit status, after SIGINT or SIGTERM.
    """
    try:
        from watchfiles import PythonFilter, watch
    except ImportError:
        raise MissingDependencyError('watchfiles', 'serve') from None
    stopped = threading.Event()

    def stop(signum: int, frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    directory = Path(settings.PROJECT_PACKAGE_DIR)
    child = _start()
    for _ in watch(directory, watch_filter=PythonFilter(), stop_event=stopped, raise_interrupt=False, rust_timeout=500):
        print(f'Files in {directory} have changed: starting anew')
        sys.stdout.flush()
        _end(child)
        child = _start()
    return _end(child)


def _start() -> 'subprocess.Popen[bytes]':
    arguments = [argument for argument in sys.argv if argument != OPTION]
    return subprocess.Popen([sys.executable, *arguments])  # noqa: S603  # it is what was started here


def _end(child: 'subprocess.Popen[bytes]') -> int:
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
    return child.wait()
