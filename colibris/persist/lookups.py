"""The commonest query of all: the row whose field has a value."""

from typing import Any

import peewee

from colibris.persist.queries import Reader, instance_reader, selects_all_rows
from colibris.persist.shapes import PLAIN_VALUES, CompiledQuery, ShapeCache

__all__ = ['Lookups']

_Lookup = tuple[CompiledQuery, Reader]


class Lookups:
    """Finds rows by ``Model.field == value``, without making a query anew for each.

    :param database: the database with the rows.
    :param shapes: where its SQL comes from.
    """

    def __init__(self, database: Any, shapes: ShapeCache) -> None:
        self._database = database
        self._shapes = shapes
        self._lookups: dict[tuple[Any, str], _Lookup | None] = {}

    def find(self, model: Any, condition: Any) -> list[Any] | None:
        """The first row that meets the condition, or an empty list; ``None``: this is up to Peewee.

        :raises PeeweeException: the database refuses the value.
        """
        if type(condition) is not peewee.Expression or condition.op != peewee.OP.EQ:
            return None
        field, value = condition.lhs, condition.rhs
        if type(value) not in PLAIN_VALUES or not isinstance(field, peewee.Field) or field.model is not model:
            return None
        key = model, field.name
        lookup = self._lookups[key] if key in self._lookups else self._add(key, field)
        if lookup is None:
            return None
        query, read = lookup
        return read(self._database.execute_sql(*query.bind([value, 1, 0])).fetchall())

    def knows(self, field: Any) -> bool:
        """Whether rows are found by this field of their model without Peewee."""
        return self._add((field.model, field.name), field) is not None

    def _add(self, key: tuple[Any, str], field: Any) -> _Lookup | None:
        model = key[0]
        reader = instance_reader(model) if selects_all_rows(model) else None
        query = model.select().where(peewee.Expression(field, peewee.OP.EQ, '')).paginate(1, 1)
        compiled = self._shapes.compiled(query) if reader else None
        lookup = self._lookups[key] = (compiled, reader) if compiled and reader else None
        return lookup
