"""The names of settings: other spellings of known ones, and those that look like typing mistakes."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from colibris.conf.definitions import DEFINITIONS
from colibris.conf.problems import report_problem

__all__ = ['find_misspelt', 'resolve_aliases']

_ALIASES = {alias: setting.name for setting in DEFINITIONS.values() for alias in setting.aliases}
_LIKENESS = 0.85


def resolve_aliases(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with each setting under its own name; reports those that have two spellings at once."""
    for alias, name in _ALIASES.items():
        if alias in values and name in values:
            report_problem(f'{alias} is another name of {name}: keep one')
    return {_ALIASES.get(name, name): value for name, value in values.items()}


def find_misspelt(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Those of the names that colibris does not know but that are close to one it knows, each with that one."""
    for name in sorted(set(names) - set(DEFINITIONS)):
        close = difflib.get_close_matches(name, DEFINITIONS, n=1, cutoff=_LIKENESS)
        if close:
            yield name, close[0]
