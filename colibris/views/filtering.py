"""Filtering lists by query parameters."""

from typing import Any

from marshmallow import Schema, SchemaOpts
from marshmallow.fields import Field, List
from marshmallow.schema import SchemaMeta

from colibris.errors import ConfigurationError
from colibris.schemas import schema_instance
from colibris.views import operators
from colibris.views.operators import Operator

__all__ = ['ModelFilter', 'apply_filter', 'operators']


_HINT = "metadata={'field': 'age', 'operator': operators.GT} says what a parameter compares"


class ModelFilterOpts(SchemaOpts):
    """The options of a filter: ``model``, and in ``fields`` the operators for each of the model's fields."""

    def __init__(self, meta: type) -> None:
        comparisons = getattr(meta, 'fields', {})
        super().__init__(type('Meta', (), {**vars(meta), 'fields': ()}))
        self.model: Any = getattr(meta, 'model', None)
        self.comparisons: dict[str, tuple[Operator, ...]] = comparisons


def _comparison(filter_class: Any, field_name: Any, operator: Any) -> tuple[Any, Operator]:
    """The model's field and the operator, checked."""
    name, model = filter_class.__name__, filter_class.opts.model
    if model is None or field_name not in model._meta.fields:
        owner = model.__name__ if model else 'Meta.model is not set, which'
        raise ConfigurationError(f"{name}: {owner} has no field '{field_name}'; {_HINT}")
    if not isinstance(operator, Operator):
        raise ConfigurationError(f"{name}: '{field_name}' is compared by {operator!r}, which is none of the operators")
    return model._meta.fields[field_name], operator


def _declare(filter_class: Any, name: str, field: Field[Any]) -> None:
    """Complete the metadata of a declared parameter: it compares the field of its own name, by ``EQ``."""
    chosen = field.metadata.get('field', field.attribute or name), field.metadata.get('operator', operators.EQ)
    model_field, operator = _comparison(filter_class, *chosen)
    if operator.takes_several and not isinstance(field, List):
        raise ConfigurationError(f'{filter_class.__name__}.{name} needs several values: make it a fields.Delimited')
    field.metadata = {**field.metadata, 'field': model_field.name, 'operator': operator}


def _derived(filter_class: Any) -> dict[str, Field[Any]]:
    """A parameter for each field and operator that ``Meta.fields`` names."""
    choices = filter_class.opts.comparisons
    if not isinstance(choices, dict) or not all(isinstance(item, tuple | list) for item in choices.values()):
        example = "{'name': (operators.EQ, operators.CONTAINS)}"
        raise ConfigurationError(f'{filter_class.__name__}: Meta.fields must be like {example}, not {choices!r}')
    pairs = [(name, operator) for name, chosen in choices.items() for operator in chosen]
    comparisons = [_comparison(filter_class, *pair) for pair in pairs]
    return {operator.parameter(field.name): operator.make_parameter(field) for field, operator in comparisons}


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
        for name, field in cls_fields:
            _declare(klass, name, field)
        return {**_derived(klass), **declared}


class ModelFilter(Schema, metaclass=ModelFilterMeta):
    """The query parameters that filter a list.

    .. code-block:: python

        class UserFilter(ModelFilter):
            older_than = fields.TextInteger(metadata={'field': 'age', 'operator': operators.GT})

            class Meta:
                model = User
                fields = {'name': (operators.EQ, operators.ILIKE), 'age': (operators.BETWEEN,)}

    gives ``?name=``, ``?name__ilike=``, ``?age__between=20,30`` and ``?older_than=``. Values are checked by the field's
    type; several parameters narrow each other. A parameter without metadata compares the field of its own name.
    """

    OPTIONS_CLASS = ModelFilterOpts

    def apply(self, query: Any, values: dict[str, Any]) -> Any:
        """Keep the rows that the loaded parameters ask for."""
        fields = {field.attribute or name: field for name, field in self.load_fields.items()}
        for name, value in values.items():
            metadata = fields[name].metadata
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
    model_filter: Any = schema_instance(view.filter_class)
    return model_filter.apply(query, values)
