"""Sorting lists: ``?ordering=-created,name``."""

import functools
from typing import Any

import peewee
from marshmallow import Schema, ValidationError

from colibris.errors import ConfigurationError
from colibris.persist.passwords import PasswordField
from colibris.schemas import fields, validate

__all__ = ['ORDERING_PARAMETER', 'apply_ordering', 'check_ordering_fields', 'ordering_schema', 'primary_key_fields']

ORDERING_PARAMETER = 'ordering'


class Ordering(fields.Delimited):
    """Names of fields, each with a minus in front for the other direction.

    :param choices: the names.
    """

    def __init__(self, choices: tuple[str, ...], **options: Any) -> None:
        self._choices = [sign + name for name in choices for sign in ('', '-')]
        super().__init__(fields.String(metadata={'enum': self._choices}), validate=validate.Length(min=1), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        names = super()._deserialize(value, attr, data, **kwargs)
        if not set(names) <= set(self._choices):
            raise ValidationError(f'Must be one or more of: {", ".join(self._choices)}.')
        return list(dict.fromkeys(names))


@functools.lru_cache
def ordering_schema(names: tuple[str, ...]) -> type[Schema]:
    """The schema of the query parameter, given the names of the fields that it may hold."""
    description = 'Sort by these, the first one first; a minus turns the direction.'
    field = Ordering(names, metadata={'description': description})
    return Schema.from_dict({ORDERING_PARAMETER: field}, name='OrderingParameters')


def check_ordering_fields(view: Any) -> None:
    """Check that the names in a view's ``ordering_fields`` are those of fields that can be sorted.

    :raises ConfigurationError: one is not.
    """
    for name in view.ordering_fields:
        field = view.model._meta.fields.get(name)
        if field is None or isinstance(field, peewee.JSONField | peewee.BlobField | PasswordField):
            problem = f"cannot be sorted by '{name}'" if field else f"has no field '{name}'"
            raise ConfigurationError(f'{view.__name__}.ordering_fields: {view.model.__name__} {problem}')


def apply_ordering(query: Any, view: Any) -> Any:
    """Sort as the request asks, and where that leaves two rows equal by the primary key, so that pages are stable.

    The primary key follows the direction of the last field, so that one index serves both.

    :raises InvalidRequest: the request names a field that is not among ``view.ordering_fields``.
    """
    if view.ordering_fields:
        names = view.load_query(ordering_schema(tuple(view.ordering_fields))).get(ORDERING_PARAMETER, ())
        query = query.order_by(*(_expression(view.model, name) for name in names)) if names else query
    # Where rows are grouped or made distinct, not every database can sort by what is not selected.
    return query if query._group_by or query._distinct else _break_ties(query, view.model)


def _expression(model: Any, name: str) -> Any:
    field = model._meta.fields[name.lstrip('-')]
    return field.desc() if name.startswith('-') else field.asc()


def primary_key_fields(model: Any) -> list[Any]:
    """The fields of a model's primary key; none if it has no key."""
    key = model._meta.primary_key
    if isinstance(key, peewee.CompositeKey):
        return [model._meta.fields[name] for name in key.field_names]
    return [key] if key else []


def _break_ties(query: Any, model: Any) -> Any:
    orderings = list(query._order_by or ())
    is_descending = bool(orderings) and getattr(orderings[-1], 'direction', 'ASC') == 'DESC'
    sorting = {id(getattr(item, 'node', item)) for item in orderings}
    ties = [field for field in primary_key_fields(model) if id(field) not in sorting]
    return query.order_by_extend(*(field.desc() if is_descending else field.asc() for field in ties))
