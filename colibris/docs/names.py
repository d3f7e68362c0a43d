"""Names of the document's components."""

import itertools
import re
from collections.abc import Iterator

from marshmallow import Schema

from colibris.docs.words import without_suffix

__all__ = ['SchemaNames']

_UNFIT = re.compile(r'[^a-zA-Z0-9._-]')


class SchemaNames:
    """Gives each schema a name of its own."""

    def __init__(self) -> None:
        self._owners: dict[str, type[Schema]] = {}

    def claim(self, schema_class: type[Schema], suffix: str) -> str:
        """The class' name without ``Schema`` and with the suffix.

        Of two classes with one name the second gets its module's name in front; variants of one class are numbered.
        """
        base = _UNFIT.sub('', without_suffix(schema_class.__name__, 'Schema'))
        suffix = '' if base.endswith(suffix) else suffix
        candidates = self._candidates(schema_class, base + suffix)
        name = next(name for name in candidates if name not in self._owners)
        self._owners[name] = schema_class
        return name

    def _candidates(self, schema_class: type[Schema], name: str) -> Iterator[str]:
        yield name
        if self._owners[name] is not schema_class:
            yield _module_prefix(schema_class) + name
        yield from (f'{name}{number}' for number in itertools.count(2))


def _module_prefix(schema_class: type[Schema]) -> str:
    _, *modules = schema_class.__module__.split('.')
    return ''.join(name.title().replace('_', '') for name in modules if name not in ('schema', 'schemas'))
