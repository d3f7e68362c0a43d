"""What commands write."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from colibris.commands.base import CommandError

__all__ = ['opened_for_writing']


@contextmanager
def opened_for_writing(path: Path | None, mode: int = 0o600) -> Iterator[TextIO]:
    """Standard output, or a file that is there only once it is complete.

    :param mode: who can read it; by default only its owner.
    :raises CommandError: it cannot be written.
    """
    if path is None:
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(encoding='utf-8')
        yield sys.stdout
        return
    if path.exists() and not path.is_file():  # a pipe or a device, which nothing may replace
        with path.open('w', encoding='utf-8') as file:
            yield file
        return
    unfinished = path.with_name(f'.{path.name}.{os.getpid()}')
    try:
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), 'w', encoding='utf-8') as file:
            yield file
        unfinished.replace(path)
    except OSError as exc:
        raise CommandError(f'cannot write {path}: {exc.strerror}') from exc
    finally:
        unfinished.unlink(missing_ok=True)
