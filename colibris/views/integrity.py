"""What the database's integrity rules refuse, as answers for clients."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

import peewee

from colibris.api import Conflict

__all__ = ['integrity_errors']

_NOT_NULL = re.compile(
    r"NOT NULL constraint failed: (?P<sqlite>\S+)|(?:null value in column |Column )[\"'](?P<other>[^\"']+)[\"']"
)
_UNIQUE_COLUMNS = re.compile(
    r'UNIQUE constraint failed: (?P<sqlite>[^ ,]+(?:, [^ ,]+)*)|Key \((?P<postgresql>[^)]+)\)=\(.*\) already exists'
)
_UNIQUE_INDEX = re.compile(r"Duplicate entry .* for key '(?P<index>[^']+)'")


@contextmanager
def integrity_errors(model: Any, data: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Turn an integrity error within the block into an answer that names the fields.

    :param model: the model whose row is written.
    :param data: what is written; without it the row is deleted.
    :raises Conflict: the database refuses the row.
    """
    database = model._meta.database
    try:
        # In a savepoint, because PostgreSQL takes no more statements in a transaction after one has failed.
        with database.atomic() if database.in_transaction() else nullcontext():
            yield
    except peewee.IntegrityError as exc:
        if data is None:
            raise Conflict('other data refers to this') from exc
        problems = _column_problems(model, exc) or _reference_problems(model, data)
        message = f'the data conflicts with what is there: {", ".join(problems)}' if problems else None
        raise Conflict(message, details={'body': problems}) from exc


def _column_problems(model: Any, error: peewee.IntegrityError) -> dict[str, list[str]]:
    cause = error.__cause__
    text = f'{error} {getattr(cause, "detail", "")}'
    if match := _NOT_NULL.search(text):
        names = _names(model, [match['sqlite'] or match['other']])
        return {name: ['This value may not be null.'] for name in names}
    names = _unique_names(model, text)
    problem = 'This value is taken.' if len(names) == 1 else 'This combination of values is taken.'
    return {name: [problem] for name in names}


def _unique_names(model: Any, text: str) -> list[str]:
    """The fields whose values are taken, from what SQLite, PostgreSQL or MySQL says."""
    if match := _UNIQUE_COLUMNS.search(text):
        return _names(model, (match['sqlite'] or match['postgresql']).split(', '))
    if match := _UNIQUE_INDEX.search(text):
        index = match['index'].rpartition('.')[2]
        for columns in _unique_columns(model):
            if index in _index_names(model._meta.table_name, columns):
                return _names(model, columns)
    return []


def _unique_columns(model: Any) -> Iterator[list[str]]:
    meta = model._meta
    for field in meta.sorted_fields:
        if field.unique or field.primary_key:
            yield [field.column_name]
    for names, is_unique in (index for index in meta.indexes if isinstance(index, tuple)):
        if is_unique:
            yield [meta.combined[name].column_name for name in names]


def _index_names(table: str, columns: list[str]) -> set[str]:
    """What an index may be called: by the migrations, by Peewee, by MySQL."""
    return {f'{table}__{"__".join(columns)}_key', f'{table}_{"_".join(columns)}', *columns[:1], 'PRIMARY'}


def _names(model: Any, columns: Iterable[str]) -> list[str]:
    meta = model._meta
    bare = [column.removeprefix(f'{meta.table_name}.').strip('"') for column in columns]
    return [meta.columns[column].name for column in bare if column in meta.columns]


def _reference_problems(model: Any, data: Mapping[str, Any]) -> dict[str, list[str]]:
    problems = {}
    for field in model._meta.refs:
        value = data.get(field.object_id_name, data.get(field.name))
        if value is not None and not field.rel_model.select().where(field.rel_field == value).exists():
            problems[field.name] = ['This refers to nothing.']
    return problems
