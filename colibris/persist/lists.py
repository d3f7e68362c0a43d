"""Lists that are the same for every request, but for the page that it asks for."""

from typing import Any, NamedTuple

from colibris.persist.instances import Instances, Reader
from colibris.persist.queries import count_of, reader_of
from colibris.persist.shapes import BoundedCache, CompiledQuery, ShapeCache

__all__ = ['Lists']


class _How(NamedTuple):
    """How rows are counted, and read by a limit and an offset."""

    count_query: CompiledQuery
    rows_query: CompiledQuery
    read: Reader


class _List(NamedTuple):
    """A query, and how its rows are found, if that is not up to Peewee.

    A model gets another table, which the query keeps, as soon as it changes.
    """

    query: Any
    table: Any
    how: _How | None


class Lists:
    """Counts the rows of a query, and finds some of them, without making other queries of it.

    :param database: the database with the rows.
    :param shapes: where its SQL comes from.
    """

    def __init__(self, database: Any, shapes: ShapeCache) -> None:
        self._database = database
        self._shapes = shapes
        self._lists: BoundedCache[_List] = BoundedCache()  # by the query's identity, which the list keeps valid

    def count(self, query: Any) -> int | None:
        """How many rows there are; ``None``: this is up to Peewee.

        :param query: one that stays as it is.
        :raises PeeweeException: the database refuses the query.
        """
        how = self._how(query)
        bound = how.count_query.bind([]) if how else None
        return None if bound is None else int(self._database.execute_sql(*bound).fetchone()[0])

    def rows(self, query: Any, limit: int, offset: int) -> Instances | None:
        """At most ``limit`` rows, the first ``offset`` left out; ``None``: this is up to Peewee.

        :param query: one that stays as it is.
        :raises PeeweeException: the database refuses the query.
        """
        how = self._how(query)
        bound = how.rows_query.bind([limit, offset]) if how else None
        if how is None or bound is None:
            return None
        return Instances(self._database.execute_sql(*bound).fetchall(), how.read)

    def _how(self, query: Any) -> _How | None:
        known = self._lists.get(id(query))
        if known is None or known.table is not query.model._meta.table:
            known = self._lists[id(query)] = _List(query, query.model._meta.table, self._find_how(query))
        return known.how

    def _find_how(self, query: Any) -> _How | None:
        counting, read = count_of(query), reader_of(query)
        if counting is None or read is None or query._row_type:
            return None
        count, select = self._shapes.compiled(counting), self._shapes.compiled(query.limit(1).offset(1))
        if count is None or select is None or (count.size, select.size) != (0, 2):
            return None
        return _How(count, select, read)
