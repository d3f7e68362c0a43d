"""The SQL of queries that differ in nothing but their values, made once.

Most of what a small statement costs is Peewee's work of writing its SQL, which comes out the same each time. So what a
query consists of, apart from its values, is taken as its *shape*; the SQL of a shape is kept, together with the
functions that convert the values for their fields. A query with anything in it that is not known here has no shape, and
is left to Peewee, and so is one with very many parts, such as a long list: clients choose how long.
"""

import datetime
import decimal
import operator
import uuid
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import peewee

from colibris.persist.conversions import unchanged_by
from colibris.persist.queries import ModelSelect, SharedSelect, selects_whole_rows

__all__ = ['NEW', 'PLAIN_VALUES', 'BoundedCache', 'CompiledQuery', 'PlanCache', 'ShapeCache', 'is_own_field']

MAX_SHAPES = 1024
MAX_SIZE = 200

Converter = Callable[[Any], Any] | None
T = TypeVar('T')

NEW: Any = object()
_NO_PLAN = None, None, NEW

_VALUES = (
    *(bool, int, float, str, bytes, decimal.Decimal, uuid.UUID),
    *(datetime.datetime, datetime.date, datetime.time, datetime.timedelta),
)
_oddities = operator.attrgetter(
    '_cte_list', '_group_by', '_having', '_simple_distinct', '_windows', '_for_update', '_lateral'
)


class BoundedCache(dict[Hashable, T]):
    """Keeps a limited number of things: when it is full, it forgets them all."""

    def __setitem__(self, key: Hashable, value: T) -> None:
        if len(self) >= MAX_SHAPES:
            self.clear()
        super().__setitem__(key, value)


class PlanCache(Generic[T]):
    """What has been decided about fields or queries, by their identity, which is valid as long as they are kept.

    A model gets another table as soon as it changes. Then what has been decided holds no more.
    """

    def __init__(self) -> None:
        self._plans: BoundedCache[tuple[Any, Any, T]] = BoundedCache()

    def get(self, subject: Any) -> T:
        """What has been decided about a field or a query; ``NEW``: nothing yet."""
        _, table, plan = self._plans.get(id(subject)) or _NO_PLAN
        return plan if plan is not NEW and table is subject.model._meta.table else NEW

    def keep(self, subject: Any, plan: T) -> T:
        """Keep what has been decided, and return it."""
        self._plans[id(subject)] = subject, subject.model._meta.table, plan
        return plan


class ShapeCache:
    """The SQL of the shapes that a database has seen.

    :param database: the Peewee database whose SQL it is.
    """

    def __init__(self, database: Any) -> None:
        self._database = database
        self._compiled: BoundedCache[CompiledQuery | None] = BoundedCache()

    def sql(self, query: Any) -> tuple[str, list[Any]] | None:
        """The SQL of ``query`` and its parameters, or ``None``, if it has no shape.

        :raises ValueError: a value is none that its field could have.
        """
        try:
            walk = _Walk(query)
        except _Unknown:
            return None
        compiled = self._compiled_of(walk, query)
        return None if compiled is None else compiled.bind(walk.values)

    def compiled(self, query: Any) -> 'CompiledQuery | None':
        """The SQL of all queries like this one, or ``None``, if it has no shape."""
        try:
            walk = _Walk(query)
        except _Unknown:
            return None
        return self._compiled_of(walk, query)

    def _compiled_of(self, walk: '_Walk', query: Any) -> 'CompiledQuery | None':
        key = tuple(walk.key)
        compiled: CompiledQuery | None = self._compiled.get(key, NEW)
        if compiled is NEW:
            try:
                compiled = _compile(self._database, walk, query)
            except _Unknown:
                compiled = None
            self._compiled[key] = compiled
        return compiled


class CompiledQuery:
    """The SQL of a shape.

    :param places: for each parameter which of the shape's values it is, and how that is converted.
    :param kept: what the shape's key names by its identity, which must not be given to anything else.
    """

    def __init__(self, sql: str, places: list[tuple[int, Converter]], kept: list[Any]) -> None:
        self._sql = sql
        self._places = [(index, convert, unchanged_by(convert)) for index, convert in places]
        self._kept = kept

    @property
    def size(self) -> int:
        """How many values there are."""
        return len(self._places)

    def bind(self, values: list[Any]) -> tuple[str, list[Any]] | None:
        """The SQL and its parameters, or ``None``, if a field makes SQL of its value.

        :raises ValueError: a value is none that its field could have.
        """
        params = []
        for index, convert, unchanged in self._places:
            value = values[index]
            is_plain = unchanged is not None and (value.__class__ is unchanged or value is None)
            if convert is not None and not is_plain:
                value = convert(value)
                if value.__class__ not in PLAIN_VALUES and isinstance(value, peewee.Node | type):
                    return None
            params.append(value)
        return self._sql, params


def _compile(database: Any, walk: '_Walk', query: Any) -> CompiledQuery | None:
    context: Any = _RecordingContext.of(database)
    if isinstance(query, peewee.Insert):
        query = query.clone()
        query._insert = {column: _Place(number) for number, column in enumerate(query._insert)}
    sql, recorded = context.sql(query).query()
    places: list[tuple[int, Converter]] = []
    for number, (value, converter) in enumerate(recorded):
        if isinstance(value, _Place):
            places.append((value.number, converter))
        elif number < len(walk.values) and value is walk.values[number]:
            places.append((number, converter))
        else:
            return None
    return CompiledQuery(sql, places, walk.kept) if len(places) == len(walk.values) else None


@dataclass(frozen=True)
class _Place:
    """Stands for a value."""

    number: int


class _RecordingContext(peewee.Context):
    """Writes SQL, and keeps the values as they are, each with what would convert it."""

    @classmethod
    def of(cls, database: Any) -> '_RecordingContext':
        """The context in which the database would write SQL."""
        return cls(**database.get_context_options())

    def value(self: Any, value: Any, converter: Any = None, add_param: bool = True) -> Any:
        """Record a value."""
        if not add_param or self.state.value_literals or isinstance(value, peewee.Node | type):
            raise _Unknown
        if converter is None:
            converter = self.state.converter
        self._values.append((value, converter or None))
        return self.literal(self.state.param or '?')


class _Unknown(Exception):
    """A query has no shape."""


def is_own_field(node: Any) -> bool:
    """Whether ``node`` is a field of a model, and no changed copy of one."""
    model = getattr(node, 'model', None) if isinstance(node, peewee.Field) else None
    return model is not None and model._meta.fields.get(node.name) is node


class _Walk:
    """Reads a query's shape.

    :ivar key: equal for queries of the same shape, as long as ``kept`` is kept.
    :ivar values: the query's values, in the order in which they are in the SQL.
    :ivar kept: what the key names by its identity.
    """

    def __init__(self, query: Any) -> None:
        self.key: list[Hashable] = []
        self.values: list[Any] = []
        self.kept: list[Any] = []
        self._visit(query)

    def _visit(self, node: Any) -> None:
        if len(self.key) > MAX_SIZE:
            raise _Unknown
        kind: Any = type(node)
        visit = _VISITS.get(kind)
        if visit is not None:
            self.key.append(kind)
            visit(self, node)
        elif kind in PLAIN_VALUES:
            self.key.append('?')
            self.values.append(node)
        elif is_own_field(node):
            self._identify(node)
        else:
            raise _Unknown

    def _identify(self, thing: Any) -> None:
        self.key.append(id(thing))
        self.kept.append(thing)

    def _identify_table(self, model: Any) -> None:
        """The table is another object as soon as the model's fields, or its name in the database, change."""
        self._identify(model._meta.table)

    def _visit_all(self, nodes: Any) -> None:
        nodes = nodes or ()
        self.key.append(len(nodes))
        for node in nodes:
            self._visit(node)

    def _visit_select(self, query: Any) -> None:
        if query._distinct is not None or any(_oddities(query)) or getattr(query, '_joins', None):
            raise _Unknown
        self.key.append(query._alias)
        if selects_whole_rows(query):
            self.key.append('*')
        else:
            self.key.append(getattr(query, '_is_default', False))
            self._visit_all(query._returning)
        self._visit_sources(query._from_list)
        self._visit(query._where)
        self._visit_all(query._order_by)
        self._visit(query._limit)
        self._visit(query._offset)

    def _visit_sources(self, sources: Any) -> None:
        if len(sources) > 1:
            raise _Unknown
        for source in sources:
            if isinstance(source, peewee.ModelBase):
                self._identify_table(source)
            elif isinstance(source, peewee.Select):
                self._visit(source)
            else:
                raise _Unknown

    def _visit_expression(self, expression: Any) -> None:
        self.key += (expression.op, expression.flat)
        self._visit(expression.lhs)
        if expression.rhs.__class__ in (list, tuple):
            self._visit_all(expression.rhs)
        else:
            self._visit(expression.rhs)

    def _visit_ordering(self, ordering: Any) -> None:
        self.key += (ordering.direction, ordering.collation, ordering.nulls)
        self._visit(ordering.node)

    def _visit_function(self, function: Any) -> None:
        self.key += (function.name, function._coerce)
        if function._filter is not None or function._order_by is not None:
            raise _Unknown
        self._visit_all(function.arguments)

    def _visit_sql(self, sql: Any) -> None:
        if sql.params:
            raise _Unknown
        self.key.append(sql.sql)

    def _visit_value(self, value: Any) -> None:
        if value.multi or value.converter:
            raise _Unknown
        self.key.append(value.converter)
        self._visit(value.value)

    def _visit_insert(self, query: Any) -> None:
        data = query._insert
        is_plain = type(data) is dict and not query._columns and query._on_conflict is None
        if not is_plain or query._as_rowcount or query._cte_list or not data.keys() >= query.get_default_data().keys():
            raise _Unknown
        self._identify_table(query.model)
        self._visit_all(query._returning)
        for column, value in data.items():
            if value is not None and type(value) not in PLAIN_VALUES:
                raise _Unknown
            if not is_own_field(column):
                raise _Unknown
            self._identify(column)
            self.values.append(value)

    def _visit_none(self, none: None) -> None:
        """``None`` is no value: it is written otherwise."""


PLAIN_VALUES = frozenset(_VALUES)
_VISITS: dict[type, Callable[[_Walk, Any], None]] = {
    type(None): _Walk._visit_none,
    peewee.Expression: _Walk._visit_expression,
    peewee.Function: _Walk._visit_function,
    peewee.ModelInsert: _Walk._visit_insert,
    ModelSelect: _Walk._visit_select,
    peewee.ModelSelect: _Walk._visit_select,
    peewee.Ordering: _Walk._visit_ordering,
    peewee.SQL: _Walk._visit_sql,
    SharedSelect: _Walk._visit_select,
    peewee.Select: _Walk._visit_select,
    peewee.Value: _Walk._visit_value,
}
