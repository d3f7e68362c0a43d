"""Files that are there as a whole or not at all."""

import os
from pathlib import Path

__all__ = ['write_whole']


def write_whole(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Write a file so that whoever reads it meanwhile finds the old content or the new one, never a part.

    :param mode: who may read and write a new file, less the process' umask.
    :raises OSError: it cannot be written; then there is no trace of it.
    """
    unfinished = path.with_name(f'.{path.name}.{os.getpid()}')
    try:
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), 'wb') as file:
            file.write(data)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
