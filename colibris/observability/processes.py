"""Metrics of several processes, as one.

Each process writes its numbers into files of its own, in a folder that the environment variable
``PROMETHEUS_MULTIPROC_DIR`` names; whoever is asked for the metrics adds them up.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from colibris.conf import settings
from colibris.errors import ConfigurationError, MissingDependencyError

__all__ = ['VARIABLE', 'end_process', 'folder', 'locked', 'prepare_processes']

VARIABLE = 'PROMETHEUS_MULTIPROC_DIR'

ENDED = 'ended'
"""What stands in a file's name in place of a process id: the sums of processes that have ended."""

_SUMS = ('counter', 'histogram', 'summary')


def prepare_processes() -> None:
    """Have the metrics of this process' children be those of one service; does nothing where metrics are off.

    To be called before the children are started. The folder, if the environment names one, may be in use already, by
    the task workers of the same host for example, or by the parent of this process.

    :raises ConfigurationError: the folder cannot be made.
    :raises MissingDependencyError: prometheus_client is not installed.
    """
    if settings.METRICS_PATH is None:
        return
    if not os.environ.get(VARIABLE):
        _make_folder()
    path = Path(os.environ[VARIABLE])
    try:
        path.mkdir(parents=True, exist_ok=True)
        with locked(path, alone=True):
            _tidy(path)
            _user_file(path, os.getpid()).touch()
    except OSError as exc:
        raise ConfigurationError(f'{VARIABLE} = {str(path)!r}: metrics cannot be kept there: {exc.strerror}') from exc
    _use_files()


def end_process(pid: int) -> None:
    """Keep what a process that has ended has counted, and forget what it was doing.

    To be called with each child that has ended. Its files become one with those of its predecessors, so that their
    number stays small however often processes are replaced. Does nothing where metrics are off.
    """
    path = folder()
    if settings.METRICS_PATH is None or path is None:
        return
    with locked(path, alone=True):
        _bury(path, str(pid))


def folder() -> Path | None:
    """The folder of the metrics of several processes; ``None``: this process is alone."""
    name = os.environ.get(VARIABLE)
    return Path(name) if name else None


@contextmanager
def locked(path: Path, *, alone: bool) -> Iterator[None]:
    """Keep others from changing the files, and, if ``alone``, from reading them."""
    import fcntl  # not on every system, and needed by none whose server is alone

    with (path / 'lock').open('ab') as file:
        fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


def _make_folder() -> None:
    path, owner = tempfile.mkdtemp(prefix='colibris-metrics-'), os.getpid()
    os.environ[VARIABLE] = path

    def remove() -> None:
        if os.getpid() == owner:  # children that are forked inherit what is to be done at exit
            shutil.rmtree(path, ignore_errors=True)

    atexit.register(remove)


def _use_files() -> None:
    """Have metrics that are made from now on be in files, even if the library was imported before it was asked to."""
    try:
        from prometheus_client import values
    except ImportError:
        raise MissingDependencyError('prometheus_client', 'metrics') from None

    if not values.ValueClass._multiprocess:
        values.ValueClass = values.MultiProcessValue()


def _tidy(path: Path) -> None:
    """Empty a folder that nobody uses any more; in another, forget those who have ended."""
    owners = {_owner(file) for file in (*path.glob('*.db'), *path.glob('user_*'))} - {ENDED}
    ended = {owner for owner in owners if not _is_alive(owner)}
    if ended == owners:
        for file in path.glob('*.db'):
            file.unlink()
    for owner in ended:
        _bury(path, owner)


def _bury(path: Path, owner: str) -> None:
    from prometheus_client.multiprocess import mark_process_dead

    for kind in _SUMS:
        file = path / f'{kind}_{owner}.db'
        if file.exists():
            if file.stat().st_size:  # otherwise it was killed while making the file
                _add(file, path / f'{kind}_{ENDED}.db')
            file.unlink()
    mark_process_dead(owner, str(path))
    _user_file(path, owner).unlink(missing_ok=True)


def _add(source: Path, target: Path) -> None:
    """Add the numbers in a file to those in another one."""
    from prometheus_client.mmap_dict import MmapedDict

    sums = MmapedDict(str(target))
    try:
        for key, value, timestamp, _ in MmapedDict.read_all_values_from_file(str(source)):
            sums.write_value(key, sums.read_value(key)[0] + value, timestamp)
    finally:
        sums.close()


def _user_file(path: Path, owner: int | str) -> Path:
    """Says that a process uses the folder, even if it counts nothing itself."""
    return path / f'user_{owner}'


def _owner(file: Path) -> str:
    return file.stem.rpartition('_')[2]


def _is_alive(owner: str) -> bool:
    try:
        os.kill(int(owner), 0)
    except (ValueError, OverflowError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
