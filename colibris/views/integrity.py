"""What the database's integrity rules refuse, as answers for clients."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import peewee

from colibris.api import Conflict

__all__ = ['integrity_errors']

_COLUMNS = re.compile(r'(?:UNIQUE|NOT NULL) constraint failed: (?P<columns>.+)')


@contextmanager
def integrity_errors(model: Any, data: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Turn an integrity error within the block into an answer that names the fields.

    :param model: the model whose row is written.
    :param data: what is written; without it the row is deleted.
    :raises Conflict: the database refuses the row.
    """
    try:
        yield
    except peewee.IntegrityError as exc:
        problems = _unique_problems(model, exc) or _reference_problems(model, data)
        if data is None:
            raise Conflict('other data refers to this') from exc
        message = f'the data conflicts with what is there: {", ".join(problems)}' if problems else None
        raise Conflict(message, details={'body': problems}) from exc


def _unique_problems(model: Any, error: peewee.IntegrityError) -> dict[str, list[str]]:
    match = _COLUMNS.search(str(error))
    if match is None:
        return {}
    columns = [column.rpartition('.')[2] for column in match['columns'].split(', ')]
    fields = [model._meta.columns[column].name for column in columns if column in model._meta.columns]
    text = 'This value is taken.' if len(fields) == 1 else 'This combination of values is taken.'
    return {name: [text] for name in fields}


def _reference_problems(model: Any, data: Mapping[str, Any] | None) -> dict[str, list[str]]:
    problems = {}
    for field in model._meta.refs:
        value = (data or {}).get(field.object_id_name, (data or {}).get(field.name))
        if value is not None and not field.rel_model.select().where(field.rel_field == value).exists():
            problems[field.name] = ['This refers to nothing.']
    return problems
