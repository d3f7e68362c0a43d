"""Select queries that read plain rows of a model in fewer steps than Peewee takes for any query."""

import functools
import operator
from typing import Any

import peewee

from colibris.persist.instances import Instances, Reader, instance_reader

__all__ = [
    'ModelSelect',
    'Selects',
    'SharedSelect',
    'count_of',
    'instances_of',
    'reader_of',
    'selects_all_rows',
    'selects_whole_rows',
    'slice_of',
]

_ONE = peewee.SQL('1')
_COUNT: Any = peewee.fn.COUNT(_ONE)
_general_count: Any = vars(peewee.SelectBase)['count']
_general_wrapper: Any = vars(peewee.ModelSelect)['_get_model_cursor_wrapper']


class ModelSelect(peewee.ModelSelect):
    """A select query of a model's rows."""

    def count(self: Any, database: Any = None, clear_limit: bool = False) -> Any:
        """How many rows there are."""
        backend = self._database if database is None else database
        counting = None if backend is None or clear_limit else count_of(self)
        if counting is None:
            return _general_count(self, database, clear_limit)
        return backend.execute(counting).fetchone()[0]

    def _get_model_cursor_wrapper(self: Any, cursor: Any) -> Any:
        reader = reader_of(self)
        return _general_wrapper(self, cursor) if reader is None else _InstanceWrapper(cursor, reader)


class SharedSelect(ModelSelect):
    """A copy of a query that is the same for many requests.

    Each request needs one of its own, which keeps the rows that it finds. A copy that is changed is another query.

    :ivar source: the query, which is never run itself.
    """

    source: Any

    @classmethod
    def copy_of(cls, query: Any) -> Any:
        """A copy of ``query`` for the database of its model."""
        copied: Any = cls.__new__(cls)
        vars(copied).update(vars(query), source=query, _database=query.model._meta.database)
        return copied

    def clone(self: Any) -> Any:
        """A query that may be changed."""
        copied: Any = super().clone()
        copied.__class__ = ModelSelect
        return copied

    def count(self: Any, database: Any = None, clear_limit: bool = False) -> Any:
        """How many rows there are."""
        lists = getattr(self._database, 'lists', None) if database is None and not clear_limit else None
        found = None if lists is None else lists.count(self.source)
        return super().count(database, clear_limit) if found is None else found

    def slice(self: Any, limit: int, offset: int) -> Instances | None:
        """At most ``limit`` of the rows, the first ``offset`` left out; ``None``: this is up to Peewee."""
        lists = getattr(self._database, 'lists', None)
        return None if lists is None else lists.rows(self.source, limit, offset)


def count_of(query: Any) -> Any:
    """A query that counts another's rows, with nothing in it that does not matter to that; ``None``: there is none."""
    if not query._count_can_project_one():
        return None
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


def reader_of(query: Any) -> Reader | None:
    """What makes instances of the rows that a query finds; ``None``, where that is up to Peewee."""
    is_plain = selects_whole_rows(query) and len(query._from_list) == 1 and not query._joins
    return instance_reader(query.model) if is_plain else None


def slice_of(query: Any, limit: int, offset: int) -> Instances | list[Any]:
    """At most ``limit`` of the rows that a query finds, the first ``offset`` left out; see :func:`instances_of`."""
    found = query.slice(limit, offset) if isinstance(query, SharedSelect) else None
    return instances_of(query.limit(limit).offset(offset)) if found is None else found


def instances_of(query: Any) -> Instances | list[Any]:
    """The rows that a query finds, which nobody has looked at; a list, where making instances is up to Peewee."""
    wrapper = query.execute()
    return wrapper.instances() if isinstance(wrapper, _InstanceWrapper) else list(wrapper)


class _InstanceWrapper(peewee.CursorWrapper):
    """The rows of a cursor, made instances all at once."""

    def __init__(self, cursor: Any, reader: Reader) -> None:
        super().__init__(cursor)
        self._reader = reader

    def instances(self) -> Instances:
        """The rows; for a wrapper that is not used otherwise."""
        return Instances(self.cursor.fetchall(), self._reader)

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
