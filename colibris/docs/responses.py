"""What an operation answers."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from marshmallow import Schema

from colibris.docs.bodies import JSON, has_body
from colibris.docs.converter import Converter
from colibris.docs.errors import error_reference
from colibris.docs.operations import Operation
from colibris.docs.parameters import has_query
from colibris.views import APIView

__all__ = ['responses']

Response = dict[str, Any]


def responses(operation: Operation, converter: Converter) -> dict[str, Response]:
    """The operation's answers by status; what its decorators say wins over what follows from the view."""
    declared = {
        status: _declared(status, response, operation, converter)
        for status, response in operation.metadata.responses.items()
    }
    found = {str(status): error_reference(converter.spec.components, status) for status in _error_statuses(operation)}
    if not any(status.startswith(('2', '3')) for status in declared):
        status = {'create': 201, 'delete': 204}.get(operation.kind or '', 200)
        found[str(status)] = _success(status, operation, converter)
    return dict(sorted({**found, **declared}.items()))


def _success(status: int, operation: Operation, converter: Converter) -> Response:
    schema = None if status == HTTPStatus.NO_CONTENT else _success_schema(operation, converter)
    return {'description': _phrase(status), **({'content': {JSON: {'schema': schema}}} if schema else {})}


def _success_schema(operation: Operation, converter: Converter) -> dict[str, Any] | None:
    view = operation.view
    if operation.kind == 'create' and view.create_response_schema_class:
        return converter.convert(view.create_response_schema_class, 'response')
    if operation.kind:
        item = view.get_response_schema_class()
        return _list_schema(view, item, converter) if operation.kind == 'list' else converter.convert(item, 'response')
    if operation.is_class and issubclass(view, APIView) and view.response_schema_class:
        return converter.convert(view.response_schema_class, 'response')
    return None


def _list_schema(view: Any, item: type[Schema], converter: Converter) -> dict[str, Any]:
    if view.pagination_class is None:
        return {'type': 'array', 'items': converter.convert(item, 'response')}
    return converter.convert(converter.page_schema(view.pagination_class, item), 'response')


def _declared(status: str, response: Response, operation: Operation, converter: Converter) -> Response:
    """An answer of the decorators as OpenAPI 3 has it."""
    if '$ref' in response:
        return response
    result = {name: value for name, value in response.items() if name in ('headers', 'links', 'content')}
    result['description'] = response.get('description') or _phrase(status)
    schema = response.get('schema')
    if schema is not None and 'content' not in result:
        converted = converter.convert(schema, 'response')
        result['content'] = {kind: {'schema': converted} for kind in operation.metadata.get('produces') or [JSON]}
    elif 'content' in result:
        result['content'] = {kind: _converted(media, converter) for kind, media in result['content'].items()}
    return result


def _converted(media: dict[str, Any], converter: Converter) -> dict[str, Any]:
    return {**media, 'schema': converter.convert(media['schema'], 'response')} if 'schema' in media else media


def _error_statuses(operation: Operation) -> Iterator[int]:
    takes_body = has_body(operation)
    if takes_body or has_query(operation) or operation.metadata.parameter_schemas:
        yield 400
    if operation.needs_account:
        yield 401
    if operation.permissions:
        yield 403
    # Even where the view knows every value, those that do not match the path's pattern lead nowhere.
    if operation.path.variables:
        yield 404
    if operation.kind in ('create', 'replace', 'update', 'delete'):
        yield 409
    if takes_body:
        yield from (413, 415)


def _phrase(status: int | str) -> str:
    try:
        return HTTPStatus(int(status)).phrase
    except ValueError:
        return 'An answer.'
