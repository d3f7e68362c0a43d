"""From models to a `State`, and from a `State` to frozen models."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import peewee

from colibris.persist.migrations.errors import MigrationError, UnsupportedChangeError
from colibris.persist.migrations.fields import build, describe, to_sql
from colibris.persist.migrations.state import Column, Expression, Index, State, Table


def state_of(models: Iterable[type[peewee.Model]]) -> State:
    """Describe the tables of `models` and of every model that they refer to.

    Raise `MigrationError` when two models share a table or a model uses what migrations cannot describe.
    """
    tables: dict[str, Table] = {}
    owners: dict[str, type[peewee.Model]] = {}
    for model in closure(models):
        table = describe_model(model)
        if table.name in tables:
            raise MigrationError(f'{owners[table.name].__name__} and {model.__name__} share the table {table.name}')
        tables[table.name], owners[table.name] = table, model
    return State(tables)


def describe_model(model: type[peewee.Model]) -> Table:
    """Describe the table of one model."""
    meta: Any = model._meta
    if meta.schema:
        raise UnsupportedChangeError(f'{model.__name__}: Meta.schema is not supported by migrations')
    try:
        return Table(
            name=meta.table_name,
            columns=tuple(describe(field, field.name) for field in meta.sorted_fields),
            composite_key=tuple(meta.primary_key.field_names) if meta.composite_key else (),
            indexes=tuple(_indexes(model)),
            constraints=tuple(to_sql(node) for node in meta.constraints or ()),
            settings=tuple(_settings(meta)),
        )
    except MigrationError as error:
        raise type(error)(f'{model.__name__}: {error}') from error


def frozen_models(state: State, database: Any | None = None) -> dict[str, Any]:
    """Make a model for each table of `state`, bound to `database`, keyed by the table's name."""
    models: dict[str, Any] = {}
    pending: list[tuple[Any, Column, Any]] = []
    for table in state.tables.values():
        fields = [(column, build(column)) for column in table.columns]
        models[table.name] = _bare_model(table, fields, database)
        pending += [(models[table.name], column, field) for column, field in fields if column.references]
    _bind_references(models, pending)
    return models


def closure(models: Iterable[type[peewee.Model]]) -> Iterator[type[peewee.Model]]:
    """Yield `models` and every model that they refer to, each once."""
    queue, seen = list(models), set()
    while queue:
        model = queue.pop(0)
        if model in seen:
            continue
        seen.add(model)
        yield model
        meta: Any = model._meta
        queue += list(meta.refs.values())
        queue += [field.through_model for field in meta.manytomany.values()]


def _settings(meta: Any) -> Iterator[str]:
    settings = meta.table_settings or ()
    yield from (settings,) if isinstance(settings, str) else settings
    if meta.strict_tables:
        yield 'STRICT'
    if meta.without_rowid:
        yield 'WITHOUT ROWID'


def _indexes(model: type[peewee.Model]) -> Iterator[Index]:
    meta: Any = model._meta
    for declared in meta.indexes:
        if isinstance(declared, peewee.ModelIndex):
            yield _model_index(model, declared)
        elif isinstance(declared, peewee.Node):
            raise UnsupportedChangeError('an index given as SQL cannot be followed: declare it with add_index()')
        else:
            parts, unique = declared
            yield Index(tuple(_part(meta, part) for part in parts), bool(unique))


def _model_index(model: type[peewee.Model], index: Any) -> Index:
    try:
        generated = index._generate_name_from_fields(model, index._expressions)
    except ValueError:
        generated = None
    return Index(
        parts=tuple(_part(model._meta, part) for part in index._expressions),
        unique=bool(index._unique),
        name=None if index._name == generated else index._name,
        where=None if index._where is None else to_sql(index._where),
        using=index._using,
    )


def _part(meta: Any, part: Any) -> str | Expression:
    if isinstance(part, str) and part in meta.combined:
        return str(meta.combined[part].name)
    if isinstance(part, peewee.Field):
        return str(part.name)
    return Expression(to_sql(part))


def _bare_model(table: Table, fields: list[tuple[Column, Any]], database: Any | None) -> Any:
    plain = {column.name: field for column, field in fields if not column.references}
    key: Any = peewee.CompositeKey(*table.composite_key) if table.composite_key else None
    if key is None and not any(column.primary_key and not column.references for column in table.columns):
        key = False
    options = {'database': database, 'table_name': table.name, 'primary_key': key, 'constraints': _nodes(table)}
    meta = type('Meta', (), {name: value for name, value in options.items() if value is not None})
    # A prefix keeps Peewee from resolving the application's deferred foreign keys with it.
    name = 'Frozen' + re.sub(r'\W', '_', table.name).title().replace('_', '')
    return type(name, (peewee.Model,), {**plain, 'Meta': meta})


def _nodes(table: Table) -> list[peewee.SQL] | None:
    return [peewee.SQL(text) for text in table.constraints] or None


def _bind_references(models: dict[str, Any], pending: list[tuple[Any, Column, Any]]) -> None:
    # A key that is a reference itself can be pointed to only once it is bound.
    while pending:
        waiting = [item for item in pending if not _bind_reference(models, *item)]
        if len(waiting) == len(pending):
            names = ', '.join(f'{model._meta.table_name}.{column.name}' for model, column, _ in waiting)
            raise MigrationError(f'these foreign keys point to nothing, or in a circle: {names}')
        pending = waiting


def _bind_reference(models: dict[str, Any], model: Any, column: Column, field: Any) -> bool:
    reference = column.references
    target = models.get(reference.table) if reference else None
    if reference is None or target is None or reference.field not in target._meta.fields:
        return False
    field.rel_model = target
    if column.primary_key:
        model._meta.set_primary_key(column.name, field)
    else:
        model._meta.add_field(column.name, field)
    return True
