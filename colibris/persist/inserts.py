"""New rows, one at a time."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import peewee

from colibris.persist.shapes import NEW, PLAIN_VALUES, BoundedCache, CompiledQuery, ShapeCache

__all__ = ['Inserts', 'has_single_key']

_INSERTED = PLAIN_VALUES | {type(None)}
_PLAIN_INSERT: Any = vars(peewee.Model)['insert'].__func__


def has_single_key(meta: Any) -> bool:
    """Whether the rows of a model have a primary key that is one field."""
    return bool(meta.primary_key) and not meta.composite_key


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
        self._inserts: BoundedCache[_Insert | None] = BoundedCache()

    def run(self, model: Any, data: dict[str, Any]) -> Any:
        """Insert a row and return its primary key.

        :param data: the values of fields by the fields' names.
        :raises ValueError: a value is none that its field could have.
        :raises PeeweeException: the database refuses the row.
        """
        key = _key_of(model, data)
        insert = self._inserts.get(key, NEW)
        if insert is NEW:
            insert = self._add(key, model, data)
        values = list(data.values())
        is_plain = insert is not None and _INSERTED.issuperset(map(type, values))
        bound = insert.query.bind(values) if is_plain else None
        if bound is None:
            return model.insert(**data).execute()
        cursor = self._database.execute_sql(*bound)
        if insert.read_key is None:
            return self._database.last_insert_id(cursor, peewee.Insert.SIMPLE)
        row = cursor.fetchone()
        return None if row is None else insert.read_key(row[0])

    def knows(self, model: Any) -> bool:
        """Whether rows of a model, with all of its fields, are inserted without Peewee."""
        if not has_single_key(model._meta):
            return False
        names = [field.name for field in model._meta.sorted_fields]
        return self._add(_key_of(model, names), model, names) is not None

    def _add(self, key: tuple[Any, ...], model: Any, names: Iterable[str]) -> _Insert | None:
        is_plain = model.insert.__func__ is _PLAIN_INSERT
        compiled = self._shapes.compiled(model.insert(**dict.fromkeys(names))) if is_plain else None
        read_key = model._meta.primary_key.python_value if self._database.returning_clause else None
        insert = self._inserts[key] = _Insert(compiled, read_key) if compiled else None
        return insert


def _key_of(model: Any, names: Iterable[str]) -> tuple[Any, ...]:
    """The table, which the query keeps, is another object as soon as the model changes."""
    return model, id(model._meta.table), *names
