"""Paths with variables, as aiohttp writes them and as OpenAPI does."""

import functools
import re
from dataclasses import dataclass
from typing import Any

from colibris.docs.patterns import ecma_pattern

__all__ = ['PathTemplate', 'PathVariable', 'read_path']

_VARIABLE = re.compile(r'\{(?P<name>[_a-zA-Z][_a-zA-Z0-9]*)(?::(?P<pattern>[^{}]*(?:\{[^{}]*\}[^{}]*)*))?\}')
_DIGITS = re.compile(r'(?:\\d|\[0-9\])(?:\+|\{\d+(?:,\d*)?\})')


@dataclass(frozen=True)
class PathVariable:
    """A variable of a path, and the regular expression that its value matches, if it is not just any text."""

    name: str
    pattern: str | None = None

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON schema of its values."""
        if self.pattern is None:
            return {'type': 'string', 'minLength': 1}
        if _DIGITS.fullmatch(self.pattern):
            return {'type': 'integer', 'minimum': 0}
        pattern = ecma_pattern(f'(?:{self.pattern})$' if '|' in self.pattern else f'{self.pattern}$')
        return {'type': 'string', 'minLength': 1, **({'pattern': pattern} if pattern else {})}


@dataclass(frozen=True)
class PathTemplate:
    """A path: OpenAPI's template and its variables."""

    template: str
    variables: tuple[PathVariable, ...]

    @property
    def words(self) -> list[str]:
        """The parts of the path that are no variables."""
        return [part for part in self.template.split('/') if part and '{' not in part]


@functools.lru_cache
def read_path(path: str) -> PathTemplate:
    """The template of a path such as ``/users/{id:[0-9]+}``."""
    variables = tuple(PathVariable(match['name'], match['pattern']) for match in _VARIABLE.finditer(path))
    return PathTemplate(_VARIABLE.sub(lambda match: f'{{{match["name"]}}}', path), variables)
