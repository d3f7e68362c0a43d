"""What a request says in its path, query, headers and cookies."""

from collections.abc import Iterator
from typing import Any

from apispec.ext.marshmallow.common import resolve_schema_instance
from marshmallow import missing
from marshmallow.fields import Field, List

from colibris.docs.converter import Converter
from colibris.docs.operations import Operation
from colibris.docs.paths import PathVariable
from colibris.middleware.csrf import HEADER
from colibris.schemas.converters import field_for
from colibris.views import APIView

__all__ = ['has_query', 'parameters']

Parameter = dict[str, Any]

# OpenAPI has other places for what these say.
_RESERVED_HEADERS = frozenset({'accept', 'authorization', 'content-type'})

_IF_MATCH = {
    'in': 'header',
    'name': 'If-Match',
    'required': True,
    'description': 'The ETag of the version that is to be changed.',
    'schema': {'type': 'string'},
}
_TOKEN = {
    'in': 'header',
    'name': HEADER,
    'required': False,
    'description': 'What the header of the same name of an earlier answer held. A request with a cookie needs it.',
    'schema': {'type': 'string'},
}
_COMPARISONS = {
    'not': 'is not this',
    'gt': 'is greater than this',
    'ge': 'is this or greater',
    'lt': 'is less than this',
    'le': 'is this or less',
    'like': 'matches this; % stands for any characters, _ for any one',
    'ilike': 'matches this, in upper or lower case; % stands for any characters, _ for any one',
    'regexp': 'matches this regular expression (RE2)',
    'in': 'is one of these',
    'is_null': 'is null, or is not',
    'between': 'is from the first to the second of these',
    'contains': 'contains this',
    'startswith': 'starts with this',
}


def parameters(operation: Operation, converter: Converter) -> list[Parameter]:
    """The operation's parameters; what its decorators say wins over what follows from the view."""
    found: dict[tuple[str, str], Parameter] = {}
    for parameter in _derived(operation, converter):
        found.setdefault((parameter['in'], parameter['name']), parameter)
    for parameter in _declared(operation, converter):
        if parameter['in'] != 'path' or (parameter['in'], parameter['name']) in found:
            found[parameter['in'], parameter['name']] = parameter
    return list(found.values())


def has_query(operation: Operation) -> bool:
    """Whether the operation reads its query parameters by a schema."""
    return bool(_query_schemas(operation))


def _derived(operation: Operation, converter: Converter) -> Iterator[Parameter]:
    for variable in operation.path.variables:
        yield _path_parameter(operation, variable, converter)
    for schema in _query_schemas(operation):
        yield from _of_schema(schema, 'query', converter)
    if operation.kind in ('replace', 'update', 'delete') and operation.view.if_match_required:
        yield _IF_MATCH
    if operation.needs_token:
        yield _TOKEN


def _declared(operation: Operation, converter: Converter) -> Iterator[Parameter]:
    for location, schema in operation.metadata.parameter_schemas:
        yield from _of_schema(schema, location, converter)
    yield from operation.metadata.parameters


def _path_parameter(operation: Operation, variable: PathVariable, converter: Converter) -> Parameter:
    if variable != operation.lookup_variable:
        return {'in': 'path', 'name': variable.name, 'required': True, 'schema': variable.schema}
    model_field = operation.view.get_lookup_model_field()
    field = field_for(model_field, from_text=True, dump_only=False, load_default=missing, required=True)
    parameter = _parameter(variable.name, field, 'path', converter)
    parameter.setdefault('description', f'The {model_field.name} of the {operation.noun}.')
    return parameter


def _query_schemas(operation: Operation) -> list[Any]:
    view = operation.view
    if operation.is_class and issubclass(view, APIView) and _reads_query(operation):
        return list(view.get_query_schema_classes(operation.method))
    return []


def _reads_query(operation: Operation) -> bool:
    """Whether it is for this method that the view has a query schema: for GET, or else for every method."""
    if operation.kind:
        return True
    return operation.method == 'GET' or 'GET' not in operation.endpoint.methods


def _of_schema(schema: Any, location: str, converter: Converter) -> Iterator[Parameter]:
    for name, field in resolve_schema_instance(schema).load_fields.items():
        key = field.data_key or name
        if location != 'header' or key.lower() not in _RESERVED_HEADERS:
            yield _parameter(key, field, location, converter)


def _parameter(name: str, field: Field[Any], location: str, converter: Converter) -> Parameter:
    schema = converter.convert_field(field)
    parameter: Parameter = {'in': location, 'name': name, 'required': field.required, 'schema': schema}
    description = schema.pop('description', None) or _comparison(field)
    if description:
        parameter['description'] = description
    if schema.pop('deprecated', False):
        parameter['deprecated'] = True
    if isinstance(field, List):
        parameter.update(style='form', explode=not field.metadata.get('delimited', False))
    return parameter


def _comparison(field: Field[Any]) -> str | None:
    """What a parameter of a filter keeps."""
    text = _COMPARISONS.get(_operator(field))
    return text and f'Only those whose {field.metadata["field"]} {text}.'


def _operator(field: Field[Any]) -> str:
    return getattr(field.metadata.get('operator'), 'suffix', '')
