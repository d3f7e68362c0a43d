"""Searching lists: ``?search=red shoe``."""

import functools
import operator
from typing import Any

import peewee
from marshmallow import Schema, ValidationError, validate

from colibris.errors import ConfigurationError
from colibris.persist.passwords import PasswordField
from colibris.schemas import fields

__all__ = ['SEARCH_PARAMETER', 'apply_search', 'check_search_fields', 'search_schema']

SEARCH_PARAMETER = 'search'

_MAX_LENGTH = 200
_MAX_WORDS = 10


def search_schema() -> type[Schema]:
    """The schema of the query parameter."""
    return _SearchParameters


def check_search_fields(view: Any) -> None:
    """Check that the names in a view's ``search_fields`` are those of texts.

    :raises ConfigurationError: one is not.
    """
    for name in view.search_fields:
        field = view.model._meta.fields.get(name)
        if not isinstance(field, peewee.CharField | peewee.TextField) or isinstance(field, PasswordField):
            problem = 'is no text, and cannot be searched' if field else 'there is no such field'
            raise ConfigurationError(f'{view.__name__}.search_fields: {view.model.__name__}.{name}: {problem}')


def apply_search(query: Any, view: Any) -> Any:
    """Keep the rows in which each word of the search is part of one of ``view.search_fields``, whatever its case."""
    if not view.search_fields:
        return query
    words = view.load_query(_SearchParameters).get(SEARCH_PARAMETER, '').split()
    model_fields = [view.model._meta.fields[name] for name in view.search_fields]
    for word in words:
        query = query.where(functools.reduce(operator.or_, [field.contains(word) for field in model_fields]))
    return query


def _check_words(text: str) -> None:
    if len(text.split()) > _MAX_WORDS:
        raise ValidationError(f'Must not have more than {_MAX_WORDS} words.')


class _SearchParameters(Schema):
    search = fields.String(
        validate=[validate.Length(max=_MAX_LENGTH), _check_words],
        metadata={'description': 'Only those that contain each of these words.'},
    )
