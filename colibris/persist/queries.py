"""Select queries that read plain rows of a model in fewer steps than Peewee takes for any query."""

import datetime
import decimal
import functools
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import peewee

__all__ = ['ModelSelect', 'Selects', 'instance_reader', 'selects_all_rows']

Reader = Callable[[Sequence[Any]], list[Any]]

# What Peewee's conversion of a value from the database leaves as it is.
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
    peewee.FixedCharField: str,
    peewee.FloatField: float,
    peewee.IntegerField: int,
    peewee.SmallIntegerField: int,
    peewee.TextField: str,
    peewee.TimeField: datetime.time,
    peewee.UUIDField: uuid.UUID,
}
_general_count: Any = vars(peewee.SelectBase)['count']
_general_wrapper: Any = vars(peewee.ModelSelect)['_get_model_cursor_wrapper']
_PLAIN_ACCESSORS = (peewee.FieldAccessor, peewee.ForeignKeyAccessor)


class ModelSelect(peewee.ModelSelect):
    """A select query of a model's rows."""

    def count(self: Any, database: Any = None, clear_limit: bool = False) -> Any:
        """How many rows there are."""
        backend = self._database if database is None else database
        shapes = None if clear_limit or not self._count_can_project_one() else getattr(backend, 'shapes', None)
        found = shapes.count_sql(self.order_by()) if shapes is not None else None
        return backend.execute_sql(*found).fetchone()[0] if found else _general_count(self, database, clear_limit)

    def _get_model_cursor_wrapper(self: Any, cursor: Any) -> Any:
        is_plain = self._is_default and len(self._from_list) == 1 and not self._joins
        reader = instance_reader(self.model) if is_plain else None
        return _general_wrapper(self, cursor) if reader is None else _Instances(cursor, reader)


class Selects:
    """What makes the select queries of a model."""

    @classmethod
    def select(cls: Any, *fields: Any) -> ModelSelect:
        """A query of the model's rows: of whole rows, or of these fields."""
        return ModelSelect(cls, fields or cls._meta.sorted_fields, is_default=not fields)


_PLAIN_SELECTS = (vars(Selects)['select'], vars(peewee.Model)['select'])


@functools.cache
def selects_all_rows(model: Any) -> bool:
    """Whether ``model.select()`` is the same query each time, because nobody has overridden it."""
    return next(vars(cls)['select'] for cls in model.__mro__ if 'select' in vars(cls)) in _PLAIN_SELECTS


class _Instances(peewee.CursorWrapper):
    """The rows of a cursor, made instances all at once."""

    def __init__(self, cursor: Any, reader: Reader) -> None:
        super().__init__(cursor)
        self._reader = reader

    def fill_cache(self, n: Any = 0) -> None:
        """Make all of the instances, however many are needed now."""
        if not self.populated and not self.count:
            self.row_cache = self._reader(self.cursor.fetchall())
            self.count = len(self.row_cache)
            self.populated = True
            self.cursor.close()
        else:
            super().fill_cache(n)

    def process_row(self, row: Any) -> Any:
        """Make one instance, for ``iterator()``, which keeps none."""
        return self._reader([row])[0]

    def __iter__(self) -> Any:
        self.fill_cache()
        return iter(self.row_cache)


@functools.cache
def instance_reader(model: Any) -> Reader | None:
    """What makes instances of rows that hold all of a model's fields, in the model's order.

    ``None``, if the model, or one of its fields, makes them in its own way.
    """
    fields = model._meta.sorted_fields
    if model.__init__ is not peewee.Model.__init__ or model.__setattr__ is not object.__setattr__:
        return None
    if any(field.accessor_class not in _PLAIN_ACCESSORS for field in fields):
        return None
    return _make_reader(model, [field.name for field in fields], [_conversion(field) for field in fields])


def _conversion(field: Any) -> tuple[type | None, Callable[[Any], Any]]:
    """The class of values that stay as they are, and what converts others."""
    target = field
    while type(target) is peewee.ForeignKeyField:
        target = target.rel_field
    return _LEFT_ALONE.get(type(target)), field.python_value


def _make_reader(model: Any, names: list[str], conversions: list[tuple[type | None, Callable[[Any], Any]]]) -> Reader:
    make = model.__new__
    numbered = [(index, *conversion) for index, conversion in enumerate(conversions)]

    def read(rows: Sequence[Any]) -> list[Any]:
        instances = []
        for row in rows:
            values = list(row)
            for index, kind, convert in numbered:
                value = values[index]
                if value.__class__ is not kind and value is not None:
                    values[index] = convert(value)
            instance = make(model)
            instance.__data__ = dict(zip(names, values, strict=True))
            instance._dirty = set()
            instance.__rel__ = {}
            instances.append(instance)
        return instances

    return read
