"""Schemas whose fields come from a model."""

from typing import Any

import peewee
from marshmallow import Schema, SchemaOpts
from marshmallow.fields import Field, Nested
from marshmallow.schema import SchemaMeta

from colibris.errors import ConfigurationError
from colibris.schemas.converters import field_for
from colibris.schemas.relations import Related

__all__ = ['ModelSchema']


class ModelSchemaOpts(SchemaOpts):
    """The options of a model schema: those of marshmallow, and ``model``."""

    def __init__(self, meta: type) -> None:
        super().__init__(meta)
        self.model: Any = getattr(meta, 'model', None)


def _model_fields(options: Any, declared: dict[str, Field[Any]]) -> dict[str, Field[Any]]:
    """The model's fields in the model's order; what the class declares stands for what the model says."""
    model_fields = options.model._meta.sorted_fields if options.model else ()
    return {
        field.name: _declared_field(declared[field.name], field) if field.name in declared else field_for(field)
        for field in model_fields
        if field.name in declared or _is_wanted(field.name, options)
    }


def _declared_field(field: Field[Any], model_field: Any) -> Field[Any]:
    """What the class declares for a field of the model; a nested schema is read, and its key is written."""
    if not isinstance(model_field, peewee.ForeignKeyField) or not isinstance(field, Nested):
        return field
    is_plain = not (field.many or field.dump_only or field.load_only)
    return Related(field, field_for(model_field), model_field.name) if is_plain else field


def _check_names(schema_class: Any, declared: dict[str, Field[Any]]) -> None:
    """A name that fits nothing would silently leave a column readable or writable."""
    options = schema_class.opts
    if options.model is None:
        return
    known = {*declared, *(field.name for field in options.model._meta.sorted_fields)}
    for option in ('fields', 'exclude', 'dump_only', 'load_only'):
        names = getattr(options, option)
        if isinstance(names, str):
            raise ConfigurationError(f"{schema_class.__name__}: Meta.{option} must be a tuple of names, not '{names}'")
        for name in names:
            if name not in known:
                model = options.model.__name__
                raise ConfigurationError(
                    f"{schema_class.__name__}: Meta.{option} names '{name}', but {model} has no such field"
                )


def _is_wanted(name: str, options: Any) -> bool:
    return (not options.fields or name in options.fields) and name not in options.exclude


class ModelSchemaMeta(SchemaMeta):
    """Adds a field for each of the model's that the class does not declare itself."""

    @classmethod
    def get_declared_fields(
        cls,
        klass: SchemaMeta,
        cls_fields: list[tuple[str, Field[Any]]],
        inherited_fields: list[tuple[str, Field[Any]]],
        dict_cls: type[dict[str, Field[Any]]] = dict,
    ) -> dict[str, Field[Any]]:
        declared = super().get_declared_fields(klass, cls_fields, inherited_fields, dict_cls)
        _check_names(klass, declared)
        derived = _model_fields(klass.opts, declared)
        fields = {**derived, **{name: field for name, field in declared.items() if name not in derived}}
        klass.opts.exclude = tuple(name for name in klass.opts.exclude if name in fields)
        return fields


class ModelSchema(Schema, metaclass=ModelSchemaMeta):
    """A schema with the fields of the model that its ``Meta`` names.

    ``Meta.fields`` and ``Meta.exclude`` choose among them, ``Meta.dump_only`` and ``Meta.load_only`` restrict them; a
    field declared in the class replaces the model's. Generated primary keys can only be read. A foreign key is read
    and written as the key of what it points to; declared as ``Nested`` it is read as that itself, which model views
    fetch for a whole list at once, and still written as the key.
    """

    OPTIONS_CLASS = ModelSchemaOpts
