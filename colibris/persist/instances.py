"""Rows that become instances of a model in fewer steps than Peewee takes for any query."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import peewee

from colibris.persist.conversions import conversion_of
from colibris.utils.source import Source

__all__ = ['Instances', 'Reader', 'instance_reader']

Record = Sequence[Any]
Reader = Callable[[Sequence[Record]], list[Any]]

_PLAIN_ACCESSORS = (peewee.FieldAccessor, peewee.ForeignKeyAccessor)


class Instances(Sequence[Any]):
    """The instances of rows, made as soon as somebody looks at one of them.

    :param records: the values of all fields, in the model's order, as the database has given them.
    :param read: makes instances of such rows.
    """

    def __init__(self, records: Sequence[Record], read: Reader) -> None:
        self._records: Sequence[Record] | None = records
        self._read = read
        self._made: list[Any] = []

    @property
    def records(self) -> Sequence[Record] | None:
        """The rows, as long as nobody has seen instances, which may have been changed since."""
        return self._records

    def __len__(self) -> int:
        return len(self._made if self._records is None else self._records)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice) and self._records is not None:
            return Instances(self._records[index], self._read)
        return self._instances()[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._instances())

    def __repr__(self) -> str:
        return repr(self._instances())

    def _instances(self) -> list[Any]:
        if self._records is not None:
            self._made = self._read(self._records)
            self._records = None
        return self._made


_readers: dict[Any, tuple[list[Any], Reader | None]] = {}


def instance_reader(model: Any) -> Reader | None:
    """What makes instances of rows that hold all of a model's fields, in the model's order.

    ``None``, if the model, or one of its fields, makes them in its own way.
    """
    fields = model._meta.sorted_fields
    known = _readers.get(model)
    if known is None or known[0] is not fields:
        known = _readers[model] = fields, _make_reader(model, fields) if _is_plain(model) else None
    return known[1]


def _is_plain(model: Any) -> bool:
    general = peewee.Model
    makes_plainly = model.__init__ is general.__init__ and model.__new__ is object.__new__
    accessors = [type(inspect.getattr_static(model, field.name, None)) for field in model._meta.sorted_fields]
    return (
        makes_plainly
        and model.__setattr__ is object.__setattr__
        and all(kind in _PLAIN_ACCESSORS for kind in accessors)
    )


def _make_reader(model: Any, fields: list[Any]) -> Reader:
    source = Source(MODEL=model, make=model.__new__)
    names = {field.name: source.variable() for field in fields}
    data = ', '.join(f'{source.literal(name)}: {variable}' for name, variable in names.items())
    with source.block('def read(records):'):
        source.line('instances = []')
        with source.block(f'for {", ".join(names.values())}, in records:'):
            for field in fields:
                _convert(source, field, names[field.name])
            source.line('instance = make(MODEL)')
            source.line(f'instance.__data__ = {{{data}}}')
            source.line('instance._dirty = set()')
            source.line('instance.__rel__ = {}')
            source.line('instances.append(instance)')
        source.line('return instances')
    return source.defined('read', f'colibris: instances of {model.__name__}')


def _convert(source: Source, field: Any, variable: str) -> None:
    convert, unchanged = conversion_of(field)
    line = f'{variable} = {source.name(convert)}({variable})'
    if unchanged is None:
        source.line(line)
        return
    with source.block(f'if type({variable}) is not {source.name(unchanged)} and {variable} is not None:'):
        source.line(line)
