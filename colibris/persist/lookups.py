"""The commonest query of all: the row whose field has a value."""

from typing import Any

import peewee

from colibris.persist.instances import Reader, instance_reader
from colibris.persist.queries import selects_all_rows
from colibris.persist.shapes import NEW, PLAIN_VALUES, CompiledQuery, PlanCache, ShapeCache, is_own_field

__all__ = ['Lookups']

_ONE = peewee.SQL('1')


_Lookup = tuple[CompiledQuery, Reader]


class Lookups:
    """Finds rows by the value of a field, without making a query anew for each.

    :param database: the database with the rows.
    :param shapes: where its SQL comes from.
    """

    def __init__(self, database: Any, shapes: ShapeCache) -> None:
        self._database = database
        self._shapes = shapes
        self._lookups: PlanCache[_Lookup | None] = PlanCache()

    def find(self, model: Any, field: Any, value: Any) -> list[Any] | None:
        """The first row of a model whose field has a value, or an empty list; ``None``: this is up to Peewee.

        :raises ValueError: the value is none that the field could have.
        :raises PeeweeException: the database refuses the value.
        """
        lookup = self._lookup_of(field) if type(value) in PLAIN_VALUES else None
        if lookup is None or field.model is not model:
            return None
        query, read = lookup
        bound = query.bind([value])
        return None if bound is None else read(self._database.execute_sql(*bound).fetchall())

    def knows(self, field: Any) -> bool:
        """Whether rows are found by this field of their model without Peewee."""
        return self._lookup_of(field) is not None

    def _lookup_of(self, field: Any) -> _Lookup | None:
        lookup = self._lookups.get(field)
        if lookup is NEW:
            return self._lookups.keep(field, self._make(field)) if is_own_field(field) else None
        return lookup

    def _make(self, field: Any) -> _Lookup | None:
        model = field.model
        reader = instance_reader(model) if selects_all_rows(model) else None
        query = model.select().where(peewee.Expression(field, peewee.OP.EQ, '')).limit(_ONE)
        compiled = self._shapes.compiled(query) if reader else None
        return (compiled, reader) if compiled and reader else None
