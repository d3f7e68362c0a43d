"""Schemas whose fields come from a model."""

from typing import Any

from marshmallow import Schema, SchemaOpts
from marshmallow.fields import Field
from marshmallow.schema import SchemaMeta

from colibris.errors import ConfigurationError
from colibris.schemas.converters import field_for

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
        field.name: declared.get(field.name) or field_for(field)
        for field in model_fields
        if field.name in declared or _is_wanted(field.name, options)
    }


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
        fields = {**_model_fields(klass.opts, declared), **declared}
        klass.opts.exclude = tuple(name for name in klass.opts.exclude if name in fields)
        return fields


class ModelSchema(Schema, metaclass=ModelSchemaMeta):
    """A schema with the fields of the model that its ``Meta`` names.

    ``Meta.fields`` and ``Meta.exclude`` choose among them, ``Meta.dump_only`` and ``Meta.load_only`` restrict them; a
    field declared in the class replaces the model's. Generated primary keys can only be read. A foreign key is read
    and written as the key of what it points to.
    """

    OPTIONS_CLASS = ModelSchemaOpts
