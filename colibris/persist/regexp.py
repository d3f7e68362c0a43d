"""Regular expressions of RE2, whose time grows only with the length of pattern and text.

Python's :mod:`re` may need years for a hostile pattern such as ``(a+)+$``, and stops the whole process meanwhile. So
these check the patterns that clients send, and do the matching for SQLite, which has no regular expressions of its own.
"""

import functools
from typing import Any

from colibris.errors import MissingDependencyError

__all__ = ['compile_regexp', 'matches']


@functools.lru_cache(maxsize=256)
def compile_regexp(pattern: str) -> Any:
    """The compiled pattern.

    :raises ValueError: it is no regular expression of RE2's.
    :raises MissingDependencyError: RE2 is not installed.
    """
    try:
        import re2
    except ImportError:
        raise MissingDependencyError('google-re2', 'regexp') from None
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as exc:
        raise ValueError(exc.args[0].decode()) from None


def matches(pattern: Any, text: Any) -> bool:
    """Whether a part of ``text`` matches; never for what is no text."""
    if not (isinstance(pattern, str) and isinstance(text, str)):
        return False
    return compile_regexp(pattern).search(text) is not None
