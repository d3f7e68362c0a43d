"""The commonest query of all: the row whose field has a value."""

from typing import Any

import peewee

from colibris.persist.instances import Reader, instance_reader
from colibris.persist.queries import selects_all_rows
from colibris.persist.shapes import NEW, PLAIN_VALUES, BoundedCache, CompiledQuery, ShapeCache, is_own_field

__all__ = ['Lookups']

_ONE = peewee.SQL('1')

_Key = tuple[Any, str, int]
_Lookup = tuple[CompiledQuery, Reader]


class Lookups:
    """Finds rows by ``Model.field == value``, without making a query anew for each.

    :param database: the database with the rows.
    :param shapes: where its SQL comes from.
    """

    def __init__(self, database: Any, shapes: ShapeCache) -> None:
        self._database = database
        self._shapes = shapes
        self._lookups: BoundedCache[_Lookup | None] = BoundedCache()

    def find(self, model: Any, condition: Any) -> list[Any] | None:
        """The first row that meets the condition, or an empty list; ``None``: this is up to Peewee.

        :raises ValueError: the value is none that the field could have.
        :raises PeeweeException: the database refuses the value.
        """
        if type(condition) is not peewee.Expression or condition.op != peewee.OP.EQ:
            return None
        field, value = condition.lhs, condition.rhs
        if type(value) not in PLAIN_VALUES or not is_own_field(field) or field.model is not model:
            return None
        key = _key_of(field)
        lookup = self._lookups.get(key, NEW)
        if lookup is NEW:
            lookup = self._add(key, field)
        if lookup is None:
            return None
        query, read = lookup
        bound = query.bind([value])
        return None if bound is None else read(self._database.execute_sql(*bound).fetchall())

    def knows(self, field: Any) -> bool:
        """Whether rows are found by this field of their model without Peewee."""
        return is_own_field(field) and self._add(_key_of(field), field) is not None

    def _add(self, key: _Key, field: Any) -> _Lookup | None:
        model = field.model
        reader = instance_reader(model) if selects_all_rows(model) else None
        query = model.select().where(peewee.Expression(field, peewee.OP.EQ, '')).limit(_ONE)
        compiled = self._shapes.compiled(query) if reader else None
        lookup = self._lookups[key] = (compiled, reader) if compiled and reader else None
        return lookup


def _key_of(field: Any) -> _Key:
    """The table, which the query keeps, is another object as soon as the model changes."""
    return field.model, field.name, id(field.model._meta.table)
