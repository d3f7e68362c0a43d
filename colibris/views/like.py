"""Patterns of ``LIKE`` that mean the same on every database.

``%`` stands for any characters, ``_`` for any one, and a backslash takes the meaning from the character after it.
"""

import re
from typing import Any

import peewee
from marshmallow import ValidationError

__all__ = ['check_like', 'ilike', 'like']

_PARTS = re.compile(r'\\(?P<literal>.)|(?P<any>%)|(?P<one>_)|(?P<glob>[*?\[])', re.DOTALL)


def check_like(pattern: str) -> None:
    """Check a pattern.

    :raises ValidationError: it ends in a backslash that belongs to nothing.
    """
    if (len(pattern) - len(pattern.rstrip('\\'))) % 2:
        raise ValidationError('Must not end with a single backslash.')


def ilike(field: Any, pattern: str) -> Any:
    """The expression that ``field`` matches, in upper or lower case. SQLite knows the case of ASCII letters only."""
    return peewee.Expression(field, peewee.OP.ILIKE, _escaped(pattern))


def like(field: Any, pattern: str) -> Any:
    """The expression that ``field`` matches, in the pattern's own case."""
    return peewee.Expression(field, peewee.OP.LIKE, _Pattern(pattern))


class _Pattern(peewee.Node):
    """A pattern of ``LIKE``, or where Peewee takes ``GLOB`` (SQLite's ``LIKE`` pays no heed to case) one of that."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    def __sql__(self, ctx: Any) -> Any:
        is_glob = (ctx.state.operations or {}).get(peewee.OP.LIKE) == 'GLOB'
        return ctx.sql(peewee.Value(_to_glob(self._pattern), converter=False) if is_glob else _escaped(self._pattern))


def _escaped(pattern: str) -> Any:
    return peewee.NodeList(
        (peewee.Value(pattern, converter=False), peewee.SQL('ESCAPE'), peewee.Value('\\', converter=False))
    )


def _to_glob(pattern: str) -> str:
    return _PARTS.sub(_to_glob_part, pattern)


def _to_glob_part(match: re.Match[str]) -> str:
    if match['any']:
        return '*'
    if match['one']:
        return '?'
    character = match['literal'] or match['glob']
    return f'[{character}]' if character in '*?[' else character
