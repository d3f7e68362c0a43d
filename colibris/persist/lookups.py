"""The commonest query of all: the row whose field has a value."""

from typing import Any, NamedTuple

import peewee

from colibris.persist.instances import Reader, instance_reader
from colibris.persist.queries import selects_all_rows
from colibris.persist.shapes import PLAIN_VALUES, BoundedCache, CompiledQuery, ShapeCache, is_own_field

__all__ = ['Lookups']

_ONE = peewee.SQL('1')


class _Lookup(NamedTuple):
    """How a row is found by a field, if that is not up to Peewee.

    A model gets another table, which the query keeps, as soon as it changes.
    """

    field: Any
    table: Any
    how: tuple[CompiledQuery, Reader] | None


class Lookups:
    """Finds rows by the value of a field, without making a query anew for each.

    :param database: the database with the rows.
    :param shapes: where its SQL comes from.
    """

    def __init__(self, database: Any, shapes: ShapeCache) -> None:
        self._database = database
        self._shapes = shapes
        self._lookups: BoundedCache[_Lookup] = BoundedCache()  # by the field's identity, which the lookup keeps valid

    def find(self, model: Any, field: Any, value: Any) -> list[Any] | None:
        """The first row of a model whose field has a value, or an empty list; ``None``: this is up to Peewee.

        :raises ValueError: the value is none that the field could have.
        :raises PeeweeException: the database refuses the value.
        """
        lookup = self._lookup_of(field) if type(value) in PLAIN_VALUES else None
        if lookup is None or lookup.how is None or lookup.field.model is not model:
            return None
        query, read = lookup.how
        bound = query.bind([value])
        return None if bound is None else read(self._database.execute_sql(*bound).fetchall())

    def knows(self, field: Any) -> bool:
        """Whether rows are found by this field of their model without Peewee."""
        lookup = self._lookup_of(field)
        return lookup is not None and lookup.how is not None

    def _lookup_of(self, field: Any) -> _Lookup | None:
        lookup = self._lookups.get(id(field))
        if lookup is not None and lookup.table is field.model._meta.table:
            return lookup
        return self._add(field) if is_own_field(field) else None

    def _add(self, field: Any) -> _Lookup:
        model = field.model
        reader = instance_reader(model) if selects_all_rows(model) else None
        query = model.select().where(peewee.Expression(field, peewee.OP.EQ, '')).limit(_ONE)
        compiled = self._shapes.compiled(query) if reader else None
        how = (compiled, reader) if compiled and reader else None
        lookup = self._lookups[id(field)] = _Lookup(field, model._meta.table, how)
        return lookup
