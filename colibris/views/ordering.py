"""Sorting lists: ``?ordering=-created,name``."""

from typing import Any

import peewee

from colibris.api import InvalidRequest

__all__ = ['ORDERING_PARAMETER', 'apply_ordering', 'ordering_choices']

ORDERING_PARAMETER = 'ordering'


def ordering_choices(view: Any) -> list[str]:
    """What the query parameter may name: each field, and with a minus in front for the other direction."""
    return [sign + name for name in view.ordering_fields for sign in ('', '-')]


def apply_ordering(query: Any, view: Any) -> Any:
    """Sort as the request asks, and where it leaves two rows equal by the primary key, so that pages are stable.

    :raises InvalidRequest: the request names a field that is not among ``view.ordering_fields``.
    """
    requested = view.request.query.get(ORDERING_PARAMETER) if view.ordering_fields else None
    if requested:
        query = query.order_by(*[_expression(view, name) for name in _names(requested, view)])
    elif query._order_by:
        return query
    primary_key = view.model._meta.primary_key
    return (
        query if isinstance(primary_key, peewee.CompositeKey) or not primary_key else query.order_by_extend(primary_key)
    )


def _names(requested: str, view: Any) -> list[str]:
    names = list(dict.fromkeys(name.strip() for name in requested.split(',')))
    choices = ordering_choices(view)
    if not set(names) <= set(choices):
        text = f'Must be one or more of: {", ".join(choices)}.'
        raise InvalidRequest('the query is not valid: ordering', details={'query': {ORDERING_PARAMETER: [text]}})
    return names


def _expression(view: Any, name: str) -> Any:
    field = view.model._meta.fields[name.lstrip('-')]
    return field.desc() if name.startswith('-') else field.asc()
