"""What the database's integrity rules refuse, as answers for clients."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import peewee

from colibris.api import Conflict

__all__ = ['integrity_errors']

_COLUMNS = re.compile(r'(?P<rule>UNIQUE|NOT NULL) constraint failed: (?P<columns>.+)')


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
        if data is None:
            raise Conflict('other data refers to this') from exc
        problems = _column_problems(model, exc) or _reference_problems(model, data)
        message = f'the data conflicts with what is there: {", ".join(problems)}' if problems else None
        raise Conflict(message, details={'body': problems}) from exc


def _column_problems(model: Any, error: peewee.IntegrityError) -> dict[str, list[str]]:
    match = _COLUMNS.search(str(error))
    if match is None:
        return {}
    known = {f'{model._meta.table_name}.{column}': field.name for column, field in model._meta.columns.items()}
    names = [known[column] for column in match['columns'].split(', ') if column in known]
    if match['rule'] == 'NOT NULL':
        text = 'This value may not be null.'
    else:
        text = 'This value is taken.' if len(names) == 1 else 'This combination of values is taken.'
    return {name: [text] for name in names}


def _reference_problems(model: Any, data: Mapping[str, Any]) -> dict[str, list[str]]:
    problems = {}
    for field in model._meta.refs:
        value = data.get(field.object_id_name, data.get(field.name))
        if value is not None and not field.rel_model.select().where(field.rel_field == value).exists():
            problems[field.name] = ['This refers to nothing.']
    return problems
