"""Problems of settings, which are told all together while settings are loaded."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from colibris.errors import ConfigurationError

__all__ = ['collect_problems', 'report_problem']

_collected: ContextVar[list[str] | None] = ContextVar('colibris_collected_problems', default=None)


@contextmanager
def collect_problems() -> Iterator[list[str]]:
    """Have problems that are reported within the ``with`` block collected, a line each."""
    problems: list[str] = []
    token = _collected.set(problems)
    try:
        yield problems
    finally:
        _collected.reset(token)


def report_problem(text: str) -> None:
    """Tell of a problem, or of several, a line each.

    :raises ConfigurationError: nobody collects them.
    """
    problems = _collected.get()
    if problems is None:
        raise ConfigurationError(text)
    problems += text.splitlines()
