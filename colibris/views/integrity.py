"""What the database's integrity rules refuse, as answers for clients."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

import peewee

from colibris.api import APIException, Conflict
from colibris.views.parsing import invalid

__all__ = ['integrity_errors']

_NOT_NULL = re.compile(
    r"NOT NULL constraint failed: (?P<sqlite>\S+)|(?:null value in column |Column )[\"'](?P<other>[^\"']+)[\"']"
)
_CHECK = re.compile(
    r'CHECK constraint failed: (?P<sqlite>.+)|check constraint "(?P<postgresql>[^"]+)|'
    r"CONSTRAINT `(?P<mariadb>[^`]+)` fail|Check constraint '(?P<mysql>[^']+)"
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
    :raises InvalidRequest: a value is one that no row could have: it refers to nothing, is null or violates a check.
    :raises Conflict: the row clashes with others that are there.
    """
    database = model._meta.database
    try:
        # In a savepoint, because PostgreSQL takes no more statements in a transaction after one has failed.
        with database.atomic() if database.in_transaction() else nullcontext():
            yield
    except peewee.IntegrityError as exc:
        raise (Conflict('other data refers to this') if data is None else _refusal(model, data, exc)) from exc


def _refusal(model: Any, data: Mapping[str, Any], error: peewee.IntegrityError) -> APIException:
    if _table(error) not in (None, model._meta.table_name):
        return Conflict(details={'body': {}})
    text = f'{error} {getattr(error.__cause__, "detail", "")}'
    wrong = _wrong_values(model, text)
    taken = {} if wrong else _taken_values(model, text)
    wrong = wrong or ({} if taken else _reference_problems(model, data))
    if wrong:
        return invalid(wrong, 'body')
    message = f'the data conflicts with what is there: {", ".join(taken)}' if taken else None
    return Conflict(message, details={'body': taken})


def _table(error: peewee.IntegrityError) -> str | None:
    """The table that refuses the row, where the driver says so: PostgreSQL's do."""
    cause = error.__cause__
    table: str | None = getattr(cause, 'table_name', None) or getattr(getattr(cause, 'diag', None), 'table_name', None)
    return table


def _wrong_values(model: Any, text: str) -> dict[str, list[str]]:
    if match := _NOT_NULL.search(text):
        return {name: ['This value may not be null.'] for name in _names(model, [match['sqlite'] or match['other']])}
    match = _CHECK.search(text)
    names = _checked_names(model, next(filter(None, match.groups()))) if match else []
    problem = 'This value is not allowed.' if len(names) == 1 else 'This combination of values is not allowed.'
    return {name: [problem] for name in names}


def _checked_names(model: Any, constraint: str) -> list[str]:
    """The fields of a check, of which databases tell the name or the expression."""
    words = constraint.removeprefix(f'{model._meta.table_name}_')
    return [
        field.name
        for field in model._meta.sorted_fields
        if re.search(rf'(?<![A-Za-z0-9]){re.escape(field.column_name)}(?![A-Za-z0-9])', words)
    ]


def _taken_values(model: Any, text: str) -> dict[str, list[str]]:
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
