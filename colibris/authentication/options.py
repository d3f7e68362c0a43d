"""Checks of the backends' options."""

from typing import Any

from colibris.conf.definitions import Check, of_type, whole_number
from colibris.errors import ConfigurationError

__all__ = ['SECONDS', 'SECONDS_OR_NONE', 'TEXT', 'check_options', 'optional', 'texts']

_CENTURY = 100 * 365 * 24 * 3600  # more would not fit the integers of every database

SECONDS = whole_number(1, _CENTURY)
SECONDS_OR_NONE = whole_number(0, _CENTURY)


def optional(check: Check) -> Check:
    """A check that lets ``None`` pass too."""
    return lambda value: None if value is None else check(value)


def is_text(value: Any) -> str | None:
    """Check that a value is a text that is not empty."""
    return of_type(str, name='a text')(value) or (None if value else 'must not be empty')


def texts(value: Any) -> str | None:
    """Check that a value is a text, or a list of some."""
    items = value if isinstance(value, list | tuple) and value else [value]
    return 'must be a text, or a list of texts' if any(is_text(item) for item in items) else None


TEXT = is_text


def check_options(**options: tuple[Any, Check]) -> None:
    """Check the values of options: ``check_options(leeway=(leeway, whole_number(0)))``.

    :raises ConfigurationError: naming each that is wrong.
    """
    problems = [f'{name!r} {problem}' for name, (value, check) in options.items() if (problem := check(value))]
    if problems:
        raise ConfigurationError('; '.join(problems))
