"""From a Peewee field to a `Column`, and back."""

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

import peewee

from colibris.persist.migrations.errors import MigrationError, UnsupportedChangeError
from colibris.persist.migrations.literals import Literal, UnspeakableError, literal
from colibris.persist.migrations.state import Column, Reference, default_column_name

_LIBRARIES = ('peewee', 'playhouse', 'colibris')
_NEVER_WRITTEN = {'PrimaryKeyField', 'Field', '_StringField', '_BaseFormattedField', 'PasswordField'}
_OPTIONS: dict[str, tuple[str, ...]] = {
    'CharField': ('max_length',),
    'DecimalField': ('max_digits', 'decimal_places'),
    'TimestampField': ('resolution', 'utc'),
    'ArrayField': ('dimensions',),
    'IdentityField': ('generate_always',),
    'RawField': ('sql_type',),
}


class RawField(peewee.Field):
    """A column whose type is given as SQL, for field classes that only the application knows.

    `sql_type` is the type as it stands in `CREATE TABLE`, such as `'CITEXT'` or `'GEOMETRY(POINT)'`.
    """

    def __init__(self, sql_type: str, **kwargs: Any) -> None:
        self.sql_type = sql_type
        super().__init__(**kwargs)

    def ddl_datatype(self, ctx: Any) -> peewee.SQL:
        """Return the type as it was given."""
        return peewee.SQL(self.sql_type)


def describe(field: Any, name: str) -> Column:
    """Describe `field`, bound to a model or not, as the column of the model's field `name`."""
    if isinstance(field, peewee.DeferredForeignKey):
        raise MigrationError(f'{name}: the model {field.rel_model_name!r} that it points to does not exist')
    references = _reference(field)
    module, class_name, options = ('peewee', 'ForeignKeyField', ()) if references else _storage(field)
    default, application_default = _default(field)
    return Column(
        name=name,
        column_name=field.column_name or default_column_name(name, is_reference=references is not None),
        module=module,
        class_name=class_name,
        options=options,
        null=bool(field.null),
        primary_key=bool(field.primary_key),
        unique=bool(field.unique),
        index=bool(field.index) and not field.unique and not field.primary_key,
        default=default,
        constraints=tuple(to_sql(node) for node in field.constraints or ()),
        collation=field.collation,
        sequence=field.sequence,
        index_type=field.index_type,
        references=references,
        application_default=application_default,
    )


def build(column: Column, **extra: Any) -> Any:
    """Make an unbound field; a foreign key's target is still given by names."""
    arguments = {
        'null': column.null,
        'unique': column.unique,
        'index': column.index,
        'column_name': column.column_name,
        'default': column.default.value if column.default else None,
        'constraints': [peewee.SQL(text) for text in column.constraints] or None,
        'collation': column.collation,
        'sequence': column.sequence,
        'index_type': column.index_type,
        'primary_key': column.primary_key,
        **{name: option.value for name, option in column.options},
        **extra,
    }
    reference = column.references
    if reference is None:
        return field_class(column)(**arguments)
    make: Any = peewee.ForeignKeyField
    return make(
        reference.table,
        reference.field,
        backref='+',
        on_delete=reference.on_delete,
        on_update=reference.on_update,
        deferrable=reference.deferrable,
        **arguments,
    )


def field_class(column: Column) -> type[Any]:
    """Import the column's field class."""
    cls: type[Any] = getattr(importlib.import_module(column.module), column.class_name)
    return cls


def to_sql(node: Any) -> str:
    """Render a constraint or an index expression with its values inlined."""
    if isinstance(node, str):
        return node
    context: Any = peewee.Database(None).get_sql_context(scope=peewee.SCOPE_VALUES, subquery=True)
    sql, parameters = context.sql(peewee.ValueLiterals(node)).query()
    if parameters:
        raise UnsupportedChangeError(f'{sql!r} has parameters: write its values into the SQL text')
    return str(sql)


def _reference(field: Any) -> Reference | None:
    if not isinstance(field, peewee.ForeignKeyField):
        return None
    target, key = field.rel_model, field.rel_field
    return Reference(
        table=target if isinstance(target, str) else target._meta.table_name,
        field=key if isinstance(key, str) else getattr(key, 'name', 'id'),
        on_delete=field.on_delete and field.on_delete.upper(),
        on_update=field.on_update and field.on_update.upper(),
        deferrable=field.deferrable and field.deferrable.upper(),
    )


def _default(field: Any) -> tuple[Literal | None, Any]:
    if field.default is None:
        return None, None
    try:
        return literal(field.default), None
    except UnspeakableError:
        return None, field.default


def _storage(field: Any) -> tuple[str, str, tuple[tuple[str, Literal], ...]]:
    """The nearest class that any project has and that makes a column of the same type."""
    wanted = datatype(field)
    for cls in _library_classes(type(field)):
        options = _options(cls, field)
        if options is not None and _rebuilds(cls, options, field, wanted):
            return cls.__module__, cls.__name__, tuple(options.items())
    return __name__, 'RawField', (('sql_type', literal(wanted)),)


def _library_classes(cls: type[Any]) -> Iterator[type[Any]]:
    for each in cls.__mro__:
        if (
            each.__module__.partition('.')[0] in _LIBRARIES
            and issubclass(each, peewee.Field)
            and each.__name__ not in _NEVER_WRITTEN
        ):
            yield each


def _options(cls: type[Any], field: Any) -> dict[str, Literal] | None:
    names = next((_OPTIONS[base.__name__] for base in cls.__mro__ if base.__name__ in _OPTIONS), ())
    try:
        return {name: literal(_attribute(field, name)) for name in names}
    except UnspeakableError:
        return None


def _attribute(field: Any, name: str) -> Any:
    if name == 'generate_always':
        return 'ALWAYS' in field.field_type
    return getattr(field, name)


def _rebuilds(cls: type[Any], options: Mapping[str, Literal], field: Any, wanted: str) -> bool:
    try:
        copy = cls(null=field.null, **{name: option.value for name, option in options.items()})
    except (TypeError, ValueError):
        return False
    return datatype(copy) == wanted and copy.auto_increment == field.auto_increment


def datatype(field: Any) -> str:
    """The column's type before an engine translates it, such as `VARCHAR(64)`."""
    context: Any = peewee.Context()
    node = field.ddl_datatype(None)
    return str(context.sql(node).query()[0])
