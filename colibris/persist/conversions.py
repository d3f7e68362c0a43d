"""How fields convert values, and which they leave as they are."""

import datetime
import decimal
import uuid
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import peewee

__all__ = ['Conversion', 'conversion_of', 'unchanged_by']

# What Peewee's conversions of values from and for the database leave as it is, as they leave None.
_LEFT_ALONE: dict[type[peewee.Field], type] = {
    peewee.AutoField: int,
    peewee.BigAutoField: int,
    peewee.BigIntegerField: int,
    peewee.BooleanField: bool,
    peewee.CharField: str,
    peewee.DateField: datetime.date,
    peewee.DateTimeField: datetime.datetime,
    peewee.DecimalField: decimal.Decimal,
    peewee.DoubleField: float,
    peewee.FloatField: float,
    peewee.IntegerField: int,
    peewee.SmallIntegerField: int,
    peewee.TextField: str,
    peewee.TimeField: datetime.time,
    peewee.UUIDField: uuid.UUID,
}
_READING = ('python_value', 'adapt', 'formats')
_WRITING = ('adapt', 'formats')


class Conversion(NamedTuple):
    """How a field converts values from the database: those of class ``unchanged``, and ``None``, not at all.

    ``unchanged`` is ``None`` where the field converts all values.
    """

    convert: Callable[[Any], Any]
    unchanged: type | None


def conversion_of(field: Any) -> Conversion:
    """How a field converts values from the database."""
    target = field
    while type(target) is peewee.ForeignKeyField:
        target = target.rel_field
    return Conversion(field.python_value, _left_alone_by(type(target), _READING))


def unchanged_by(convert: Any) -> type | None:
    """The class of values that a field's ``db_value`` leaves as they are; ``None``, if it is none, or unknown."""
    field_class = type(getattr(convert, '__self__', None))
    is_plain = getattr(convert, '__func__', None) is peewee.Field.db_value
    return _left_alone_by(field_class, _WRITING) if is_plain else None


def _left_alone_by(field_class: type, methods: Sequence[str]) -> type | None:
    """A class that only has another type in the database, or other options, converts like its base."""
    base = next((cls for cls in field_class.__mro__ if cls in _LEFT_ALONE), None)
    if base is None or any(getattr(field_class, name, None) is not getattr(base, name, None) for name in methods):
        return None
    return _LEFT_ALONE[base]
