"""Names as people and programs write them."""

import re

__all__ = ['identifier', 'plural', 'without_suffix', 'words']

_BOUNDARY = re.compile(r'(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[\W_]+')


def words(name: str) -> str:
    """``OrderItem`` and ``order_item`` as ``order item``."""
    return ' '.join(word.lower() for word in _BOUNDARY.split(name) if word)


def identifier(name: str) -> str:
    """``OrderItem`` and ``order item`` as ``order_item``."""
    return words(name).replace(' ', '_')


def plural(noun: str) -> str:
    """The plural of an English noun, as far as a rule of thumb gets."""
    if re.search(r'[^aeiou]y$', noun):
        return noun[:-1] + 'ies'
    if re.search(r'(s|x|z|ch|sh)$', noun):
        return noun + 'es'
    return noun + 's'


def without_suffix(name: str, *suffixes: str) -> str:
    """The name without the first of the suffixes that it ends with, unless that is all of it."""
    for suffix in suffixes:
        if name.endswith(suffix) and name != suffix:
            return name[: -len(suffix)]
    return name
