"""Places in a sorted list, as JSON from which exactly the same values come back."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from colibris.errors import ConfigurationError
from colibris.views.pagination.keyset import SortKey, plain, primary_keys

__all__ = ['Position', 'dump_position', 'load_position']

MAX_SIZE = 1500
"""How long a position may be, in bytes, before it names its row instead of holding its values."""

_KINDS: dict[str, tuple[type, Callable[[Any], str], Callable[[str], Any]]] = {
    'datetime': (datetime, datetime.isoformat, datetime.fromisoformat),
    'date': (date, date.isoformat, date.fromisoformat),
    'time': (time, time.isoformat, time.fromisoformat),
    'decimal': (Decimal, str, Decimal),
    'uuid': (UUID, str, UUID),
    'bytes': (bytes, bytes.hex, bytes.fromhex),
}


@dataclass(frozen=True)
class Position:
    """Behind the row with these values, or backward before it; without values at the end from which one starts.

    ``values`` are those of the sort keys, ``identity`` is the primary key.
    """

    values: list[Any] | None = None
    is_backward: bool = False
    identity: list[Any] | None = None

    @classmethod
    def of(cls, row: Any, keys: list[SortKey], *, is_backward: bool = False) -> 'Position':
        """The position of a row.

        :raises ConfigurationError: the row's query has not selected what it is sorted by.
        """
        if row is None:
            return cls(is_backward=is_backward)
        return cls(_values([key.field for key in keys], row), is_backward, _values(primary_keys(type(row)), row))


def dump_position(position: Position) -> bytes:
    """The position as JSON. Where long texts sort the list, only the row is named."""
    for content in ([position.is_backward, position.values], [position.is_backward, None, position.identity]):
        text = json.dumps(content, default=_dump, separators=(',', ':'), ensure_ascii=False).encode()
        if len(text) <= MAX_SIZE:
            break
    return text


def load_position(data: bytes, keys: list[SortKey]) -> Position:
    """The position that :func:`dump_position` was given.

    :raises ValueError: it names a row that there is no longer.
    """
    is_backward, values, *identity = json.loads(data, object_hook=_load)
    if not identity:
        return Position(values, is_backward)
    model = keys[0].field.model
    pairs = zip(primary_keys(model), identity[0], strict=True)
    row = model.get_or_none(*(field == plain(value) for field, value in pairs))
    if row is None:
        raise ValueError('The row that this cursor refers to is gone.')
    return Position.of(row, keys, is_backward=is_backward)


def _values(fields: list[Any], row: Any) -> list[Any]:
    """The row's values of fields, as the database holds them."""
    missing = [field.name for field in fields if field.name not in row.__data__]
    if missing:
        raise ConfigurationError(f'pages by cursor need the query to select what sorts it: {", ".join(missing)}')
    return [field.db_value(row.__data__[field.name]) for field in fields]


def _dump(value: Any) -> dict[str, str]:
    for kind, (kind_type, dump, _) in _KINDS.items():
        if isinstance(value, kind_type):
            return {kind: dump(value)}
    raise TypeError(f'a {type(value).__name__} cannot be put into a cursor')


def _load(data: dict[str, str]) -> Any:
    ((kind, text),) = data.items()
    return _KINDS[kind][2](text)
