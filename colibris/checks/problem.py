"""What a check finds."""

import enum
from dataclasses import dataclass

__all__ = ['Problem', 'Severity', 'error', 'warning']


class Severity(enum.IntEnum):
    """How bad a problem is."""

    WARNING = 1
    """It may be meant, or does harm only in some cases."""

    ERROR = 2
    """It does not work, or is not safe."""


@dataclass(frozen=True)
class Problem:
    """One problem.

    :param id: tells the kind of problem from all others and never changes: ``'colibris.W001'``.
    :param message: what is wrong, in a line.
    :param hint: how to mend it, in a line; may be empty.
    """

    id: str
    severity: Severity
    message: str
    hint: str = ''


def error(identifier: str, message: str, hint: str = '') -> Problem:
    """A problem that has to be mended."""
    return Problem(identifier, Severity.ERROR, message, hint)


def warning(identifier: str, message: str, hint: str = '') -> Problem:
    """A problem that may be none."""
    return Problem(identifier, Severity.WARNING, message, hint)
