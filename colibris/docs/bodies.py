"""What a request says in its body."""

from typing import Any

from colibris.docs.converter import Converter
from colibris.docs.operations import Operation
from colibris.schemas import schema_instance
from colibris.views import APIView

__all__ = ['has_body', 'request_body']

JSON = 'application/json'
METHODS_WITH_BODY = frozenset({'POST', 'PUT', 'PATCH'})


def has_body(operation: Operation) -> bool:
    """Whether the operation takes a body."""
    metadata = operation.metadata
    return bool(metadata.body_schemas or metadata.body or _schema_class(operation))


def request_body(operation: Operation, converter: Converter) -> dict[str, Any] | None:
    """The operation's request body; what its decorators say wins over what follows from the view."""
    declared = _declared(operation, converter)
    if declared:
        return declared
    schema_class = _schema_class(operation)
    if schema_class is None:
        return None
    schema = schema_instance(schema_class, partial=operation.method == 'PATCH')
    return {'required': True, 'content': {JSON: {'schema': converter.convert(schema, 'request')}}}


def _declared(operation: Operation, converter: Converter) -> dict[str, Any] | None:
    metadata = operation.metadata
    if metadata.body_schemas:
        content: dict[str, Any] = {}
        for media_type, schema, example in metadata.body_schemas:
            media = {'schema': converter.convert(schema, 'request'), **({'example': example} if example else {})}
            content[media_type] = media
        return {'required': True, 'content': content}
    if not metadata.body or 'content' in metadata.body:
        return metadata.body
    schema = converter.convert(metadata.body.get('schema', {}), 'request')
    return {'required': True, 'content': {JSON: {'schema': schema}}}


def _schema_class(operation: Operation) -> Any:
    view = operation.view
    if operation.method in METHODS_WITH_BODY and operation.is_class and issubclass(view, APIView):
        return view.body_schema_class
    return None
