"""New rows, one at a time."""

from collections.abc import Callable
from typing import Any, NamedTuple

import peewee

from colibris.persist.shapes import PLAIN_VALUES, CompiledQuery, ShapeCache

__all__ = ['Inserts']


_PLAIN_INSERT: Any = vars(peewee.Model)['insert'].__func__


class _Insert(NamedTuple):
    """How rows with the same fields are inserted; ``read_key`` reads the primary key that the database returns."""

    query: CompiledQuery
    read_key: Callable[[Any], Any] | None


class Inserts:
    """Inserts rows, without making a query anew for each.

    :param database: the database of the rows.
    :param shapes: where its SQL comes from.
    """

    def __init__(self, database: Any, shapes: ShapeCache) -> None:
        self._database = database
        self._shapes = shapes
        self._inserts: dict[tuple[Any, ...], _Insert | None] = {}

    def run(self, model: Any, data: dict[str, Any]) -> Any:
        """Insert a row and return its primary key.

        :param data: the values of fields by the fields' names.
        :raises PeeweeException: the database refuses the row.
        """
        key = (model, *data)
        insert = self._inserts[key] if key in self._inserts else self._add(key, data)
        if insert is None or not all(value is None or type(value) in PLAIN_VALUES for value in data.values()):
            return model.insert(**data).execute()
        cursor = self._database.execute_sql(*insert.query.bind(list(data.values())))
        if insert.read_key is None:
            return self._database.last_insert_id(cursor, peewee.Insert.SIMPLE)
        return insert.read_key(cursor.fetchone()[0])

    def knows(self, model: Any) -> bool:
        """Whether rows of a model, with all of its fields, are inserted without Peewee."""
        names = [field.name for field in model._meta.sorted_fields]
        return self._add((model, *names), dict.fromkeys(names)) is not None

    def _add(self, key: tuple[Any, ...], data: dict[str, Any]) -> _Insert | None:
        model = key[0]
        is_plain = model.insert.__func__ is _PLAIN_INSERT
        compiled = self._shapes.compiled(model.insert(**dict.fromkeys(data))) if is_plain else None
        read_key = model._meta.primary_key.python_value if self._database.returning_clause else None
        insert = self._inserts[key] = _Insert(compiled, read_key) if compiled else None
        return insert
