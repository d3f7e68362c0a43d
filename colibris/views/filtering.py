"""Filtering lists by query parameters."""

from typing import Any

from marshmallow import Schema, SchemaOpts
from marshmallow.fields import Field
from marshmallow.schema import SchemaMeta

from colibris.errors import ConfigurationError
from colibris.views import operators
from colibris.views.operators import Operator

__all__ = ['ModelFilter', 'apply_filter', 'operators']


class ModelFilterOpts(SchemaOpts):
    """The options of a filter: ``model``, and in ``fields`` the operators for each of the model's fields."""

    def __init__(self, meta: type) -> None:
        comparisons = getattr(meta, 'fields', {})
        super().__init__(type('Meta', (), {**vars(meta), 'fields': ()}))
        self.model: Any = getattr(meta, 'model', None)
        self.comparisons: dict[str, tuple[Operator, ...]] = comparisons


def _parameters(filter_class: Any) -> dict[str, Field[Any]]:
    options = filter_class.opts
    parameters = {}
    for name, comparisons in options.comparisons.items():
        model_field = options.model._meta.fields.get(name)
        if model_field is None:
            raise ConfigurationError(f"{filter_class.__name__}: {options.model.__name__} has no field '{name}'")
        for operator in comparisons:
            parameters[operator.parameter(name)] = _parameter(model_field, operator)
    return parameters


def _parameter(model_field: Any, operator: Operator) -> Field[Any]:
    field = operator.make_field(model_field)
    field.metadata = {**field.metadata, 'field': model_field.name, 'operator': operator}
    return field


class ModelFilterMeta(SchemaMeta):
    """Adds a query parameter for each field and operator."""

    @classmethod
    def get_declared_fields(
        cls,
        klass: SchemaMeta,
        cls_fields: list[tuple[str, Field[Any]]],
        inherited_fields: list[tuple[str, Field[Any]]],
        dict_cls: type[dict[str, Field[Any]]] = dict,
    ) -> dict[str, Field[Any]]:
        declared = super().get_declared_fields(klass, cls_fields, inherited_fields, dict_cls)
        return {**_parameters(klass), **declared}


class ModelFilter(Schema, metaclass=ModelFilterMeta):
    """The query parameters that filter a list.

    .. code-block:: python

        class UserFilter(ModelFilter):
            older_than = fields.TextInteger(metadata={'field': 'age', 'operator': operators.GT})

            class Meta:
                model = User
                fields = {'name': (operators.EQ, operators.ILIKE), 'age': (operators.BETWEEN,)}

    gives ``?name=``, ``?name__ilike=``, ``?age__between=20,30`` and ``?older_than=``. Values are checked by the field's
    type; several parameters narrow each other.
    """

    OPTIONS_CLASS = ModelFilterOpts

    def apply(self, query: Any, values: dict[str, Any]) -> Any:
        """Keep the rows that the loaded parameters ask for."""
        for name, value in values.items():
            metadata = self.fields[name].metadata
            model_field = self.opts.model._meta.fields[metadata['field']]
            query = query.where(metadata['operator'].compare(model_field, value))
        return query


def apply_filter(query: Any, view: Any) -> Any:
    """Keep the rows that the request asks for.

    :raises InvalidRequest: a query parameter has a value that its field cannot have.
    """
    if view.filter_class is None:
        return query
    values = view.load_query(view.filter_class)
    return view.filter_class().apply(query, values)
