"""Lists that are the same for every request, but for the page that it asks for."""

from typing import Any, NamedTuple

from colibris.persist.instances import Instances, Reader
from colibris.persist.queries import count_of, reader_of
from colibris.persist.shapes import NEW, CompiledQuery, PlanCache, ShapeCache

__all__ = ['Lists']


class _List(NamedTuple):
    """How the rows of a query are counted, and read by a limit and an offset."""

    count_query: CompiledQuery
    rows_query: CompiledQuery
    read: Reader


class Lists:
    """Counts the rows of a query, and finds some of them, without making other queries of it.

    :param database: the database with the rows.
    :param shapes: where its SQL comes from.
    """

    def __init__(self, database: Any, shapes: ShapeCache) -> None:
        self._database = database
        self._shapes = shapes
        self._lists: PlanCache[_List | None] = PlanCache()

    def count(self, query: Any) -> int | None:
        """How many rows there are; ``None``: this is up to Peewee.

        :param query: one that stays as it is.
        :raises PeeweeException: the database refuses the query.
        """
        found = self._list_of(query)
        bound = found.count_query.bind([]) if found else None
        return None if bound is None else int(self._database.execute_sql(*bound).fetchone()[0])

    def rows(self, query: Any, limit: int, offset: int) -> Instances | None:
        """At most ``limit`` rows, the first ``offset`` left out; ``None``: this is up to Peewee.

        :param query: one that stays as it is.
        :raises PeeweeException: the database refuses the query.
        """
        found = self._list_of(query)
        bound = found.rows_query.bind([limit, offset]) if found else None
        if found is None or bound is None:
            return None
        return Instances(self._database.execute_sql(*bound).fetchall(), found.read)

    def _list_of(self, query: Any) -> _List | None:
        found = self._lists.get(query)
        return self._lists.keep(query, self._make(query)) if found is NEW else found

    def _make(self, query: Any) -> _List | None:
        counting, read = count_of(query), reader_of(query)
        if counting is None or read is None or query._row_type:
            return None
        count, select = self._shapes.compiled(counting), self._shapes.compiled(query.limit(1).offset(1))
        if count is None or select is None or (count.size, select.size) != (0, 2):
            return None
        return _List(count, select, read)
