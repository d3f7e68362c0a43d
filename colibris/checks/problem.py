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


def error(id: str, message: str, hint: str = '') -> Problem:  # noqa: A002  # as the attribute is called
    """A problem that has to be mended."""
    return Problem(id, Severity.ERROR, message, hint)


def warning(id: str, message: str, hint: str = '') -> Problem:  # noqa: A002  # as the attribute is called
    """A problem that may be none."""
    return Problem(id, Severity.WARNING, message, hint)
