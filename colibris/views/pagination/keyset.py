"""Places in a sorted list, and conditions for what comes after them.

A page that begins with ``OFFSET 1000000`` has the database read and throw away a million rows. A condition such as
``(created, id) > (…, …)`` has it begin right there, given an index on the columns.
"""

from dataclasses import dataclass, replace
from typing import Any

import peewee

from colibris.errors import ConfigurationError
from colibris.views.ordering import primary_key_fields

__all__ = ['SortKey', 'conditions_after', 'plain', 'primary_keys', 'sort_keys']


@dataclass(frozen=True)
class SortKey:
    """A field that a list is sorted by. ``nulls_first`` tells where its nulls stand in the direction that it has."""

    field: Any
    is_descending: bool
    nulls_first: bool
    has_own_nulls: bool = False

    @property
    def expression(self) -> Any:
        """What ``ORDER BY`` takes."""
        nulls = ('FIRST' if self.nulls_first else 'LAST') if self.has_own_nulls else None
        return self.field.desc(nulls=nulls) if self.is_descending else self.field.asc(nulls=nulls)

    @property
    def reversed(self) -> 'SortKey':
        """The key that sorts the other way round."""
        return replace(self, is_descending=not self.is_descending, nulls_first=not self.nulls_first)

    def is_at(self, value: Any) -> Any:
        """The condition that a row has this value."""
        return self.field.is_null() if value is None else self.field == plain(value)

    def conditions_beyond(self, value: Any) -> list[Any]:
        """Conditions that together mean that a row's value comes after this one."""
        if value is None:
            return [self.field.is_null(False)] if self.nulls_first else []
        beyond = [self.compare(self.field, plain(value))]
        return [*beyond, self.field.is_null()] if self.field.null and not self.nulls_first else beyond

    def compare(self, left: Any, right: Any) -> Any:
        """The condition that one comes after the other."""
        return left < right if self.is_descending else left > right

    def is_range_after(self, value: Any) -> bool:
        """Whether what comes after a value is nothing but what compares so."""
        return value is not None and (self.nulls_first or not self.field.null)


def sort_keys(query: Any, model: Any) -> list[SortKey]:
    """The keys that a query of the model's rows is sorted by, with the primary key behind, so that no two are equal.

    :raises ConfigurationError: it is sorted by something else than fields of the model, or there is no primary key.
    """
    keys = [_sort_key(item, model) for item in query._order_by or ()]
    is_descending = bool(keys) and keys[-1].is_descending
    keys += [_make_key(field, is_descending, model) for field in primary_keys(model)]
    first: dict[str, SortKey] = {}
    for key in keys:
        first.setdefault(key.field.name, key)
    return list(first.values())


def primary_keys(model: Any) -> list[Any]:
    """The fields of the primary key.

    :raises ConfigurationError: the model has none.
    """
    fields = primary_key_fields(model)
    if not fields:
        raise ConfigurationError(f'{model.__name__} has no primary key, which pages by cursor need')
    return fields


def conditions_after(keys: list[SortKey], values: list[Any]) -> list[Any]:
    """Conditions for the rows that come after those values, in the order of the list.

    Each of them is one range of an index on the keys; all rows of one come before those of the next. Mostly there is
    just one.
    """
    if not keys:
        return []
    if _is_one_range(keys, values):
        return [_compare_all(keys, values)]
    first, value = keys[0], values[0]
    within = [first.is_at(value) & condition for condition in conditions_after(keys[1:], values[1:])]
    return [*within, *first.conditions_beyond(value)]


def _sort_key(item: Any, model: Any) -> SortKey:
    ordering = item if isinstance(item, peewee.Ordering) else peewee.Asc(item)
    field = ordering.node
    if not isinstance(field, peewee.Field) or field.model is not model or ordering.collation:
        raise ConfigurationError(f'pages by cursor are sorted by fields of {model.__name__} only, not by {field!r}')
    return _make_key(field, ordering.direction == 'DESC', model, ordering.nulls)


def _make_key(field: Any, is_descending: bool, model: Any, nulls: str | None = None) -> SortKey:
    if nulls:
        return SortKey(field, is_descending, nulls.lower() == 'first', has_own_nulls=True)
    return SortKey(field, is_descending, is_descending == _nulls_are_largest(model))


def _nulls_are_largest(model: Any) -> bool:
    """Whether the database sorts nulls behind everything else, as PostgreSQL alone does."""
    return isinstance(_database(model), peewee.PostgresqlDatabase)


def _database(model: Any) -> Any:
    database = model._meta.database
    return getattr(database, 'obj', database)


def _is_one_range(keys: list[SortKey], values: list[Any]) -> bool:
    same_direction = len({key.is_descending for key in keys}) == 1
    return same_direction and all(key.is_range_after(value) for key, value in zip(keys, values, strict=True))


def _compare_all(keys: list[SortKey], values: list[Any]) -> Any:
    """One comparison of all keys."""
    if len(keys) == 1 or isinstance(_database(keys[0].field.model), peewee.MySQLDatabase):
        return _compare_one_by_one(keys, values)
    return keys[0].compare(peewee.Tuple(*(key.field for key in keys)), peewee.Tuple(*map(plain, values)))


def _compare_one_by_one(keys: list[SortKey], values: list[Any]) -> Any:
    """The same for MySQL, which uses no index where rows are compared."""
    first, value = keys[0], values[0]
    beyond = first.compare(first.field, plain(value))
    if len(keys) == 1:
        return beyond
    return beyond | (first.is_at(value) & _compare_one_by_one(keys[1:], values[1:]))


def plain(value: Any) -> Any:
    """A value as the database holds it."""
    return peewee.Value(value, converter=False)
