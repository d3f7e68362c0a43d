"""Select queries that read plain rows of a model in fewer steps than Peewee takes for any query."""

import datetime
import decimal
import functools
import inspect
import operator
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import peewee

__all__ = ['ModelSelect', 'Selects', 'instance_reader', 'selects_all_rows', 'selects_whole_rows']

Reader = Callable[[Sequence[Any]], list[Any]]

# What Peewee's conversion of a value from the database leaves as it is, as it leaves None.
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
_ONE = peewee.SQL('1')
_COUNT: Any = peewee.fn.COUNT(_ONE)
_general_count: Any = vars(peewee.SelectBase)['count']
_general_wrapper: Any = vars(peewee.ModelSelect)['_get_model_cursor_wrapper']
_PLAIN_ACCESSORS = (peewee.FieldAccessor, peewee.ForeignKeyAccessor)


class ModelSelect(peewee.ModelSelect):
    """A select query of a model's rows."""

    def count(self: Any, database: Any = None, clear_limit: bool = False) -> Any:
        """How many rows there are."""
        backend = self._database if database is None else database
        if backend is None or clear_limit or not self._count_can_project_one():
            return _general_count(self, database, clear_limit)
        return backend.execute(_count_of(self)).fetchone()[0]

    def _get_model_cursor_wrapper(self: Any, cursor: Any) -> Any:
        is_plain = selects_whole_rows(self) and len(self._from_list) == 1 and not self._joins
        reader = instance_reader(self.model) if is_plain else None
        return _general_wrapper(self, cursor) if reader is None else _Instances(cursor, reader)


def _count_of(query: Any) -> Any:
    """A query that counts another's rows, with nothing in it that does not matter to that."""
    counted = query.clone()
    counted._returning = (_ONE,)
    counted._is_default = False
    counted._order_by = None
    counted._alias = '_wrapped'
    return peewee.Select([counted], [_COUNT])


def selects_whole_rows(query: Any) -> bool:
    """Whether a query reads all fields of its model, in the model's order."""
    if not getattr(query, '_is_default', False):
        return False
    fields = query.model._meta.sorted_fields
    return len(fields) == len(query._returning) and all(map(operator.is_, fields, query._returning))


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


def _conversion(field: Any) -> tuple[tuple[type, ...], Callable[[Any], Any]]:
    """The classes of values that stay as they are, and what converts others."""
    target = field
    while type(target) is peewee.ForeignKeyField:
        target = target.rel_field
    kind = _LEFT_ALONE.get(type(target))
    return (kind, type(None)) if kind else (), field.python_value


def _make_reader(model: Any, fields: list[Any]) -> Reader:
    make = model.__new__
    names = [field.name for field in fields]
    numbered = [(index, *_conversion(field)) for index, field in enumerate(fields)]

    def read(rows: Sequence[Any]) -> list[Any]:
        instances = []
        for row in rows:
            values = list(row)
            for index, kinds, convert in numbered:
                value = values[index]
                if value.__class__ not in kinds:
                    values[index] = convert(value)
            instance = make(model)
            instance.__data__ = dict(zip(names, values, strict=True))
            instance._dirty = set()
            instance.__rel__ = {}
            instances.append(instance)
        return instances

    return read
