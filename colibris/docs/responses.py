"""What an operation answers."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from colibris.api.envelope import envelope_of
from colibris.conf import settings
from colibris.docs.bodies import JSON, has_body
from colibris.docs.converter import Converter
from colibris.docs.errors import ErrorAnswers
from colibris.docs.operations import Operation
from colibris.docs.parameters import has_query
from colibris.views import APIView
from colibris.views.events import EventStream
from colibris.views.websocket import WebSocketView

__all__ = ['responses']

Response = dict[str, Any]

EVENTS = 'text/event-stream'
_ETAG = {'ETag': {'description': 'Which version of it this is.', 'schema': {'type': 'string'}}}
_CHANGES = ('replace', 'update', 'delete')


def responses(operation: Operation, converter: Converter, errors: ErrorAnswers) -> dict[str, Response]:
    """The operation's answers by status; what its decorators say wins over what follows from the view."""
    declared = {
        status: _declared(status, response, operation, converter)
        for status, response in operation.metadata.responses.items()
    }
    found = {str(status): errors.reference(status, operation.view) for status in _error_statuses(operation)}
    if has_query(operation):
        found['431'] = errors.reference(431, None)  # long before a view is known
    if not any(status.startswith(('2', '3')) for status in declared):
        found |= _successes(operation, converter)
    return dict(sorted({**found, **declared}.items()))


def _successes(operation: Operation, converter: Converter) -> dict[str, Response]:
    view = operation.view
    if operation.is_class and operation.method == 'GET' and issubclass(view, EventStream):
        return {'200': {'description': 'A stream of events.', 'content': {EVENTS: {}}}}
    if _is_websocket(operation):
        return {'101': {'description': 'A websocket.'}}
    status = {'create': 201, 'delete': 204}.get(operation.kind or '', 200)
    success = {str(status): _success(status, operation, converter)}
    if operation.kind in ('list', 'get') and settings.ETAGS:
        success['200']['headers'] = _ETAG
        success['304'] = {'description': 'The client has it already, as its If-None-Match says.', 'headers': _ETAG}
    return success


def _is_websocket(operation: Operation) -> bool:
    return operation.is_class and operation.method == 'GET' and issubclass(operation.view, WebSocketView)


def _success(status: int, operation: Operation, converter: Converter) -> Response:
    schema = None if status == HTTPStatus.NO_CONTENT else _success_schema(operation, converter)
    return {'description': _phrase(status), **({'content': {JSON: {'schema': schema}}} if schema else {})}


def _success_schema(operation: Operation, converter: Converter) -> dict[str, Any] | None:
    """The schema of the data that the view answers, in its envelope."""
    view = operation.view
    if operation.kind == 'list':
        return _list_schema(view, converter)
    schema_class = None
    if operation.kind:
        special = view.create_response_schema_class if operation.kind == 'create' else None
        schema_class = special or view.get_response_schema_class()
    elif operation.is_class and issubclass(view, APIView):
        schema_class = view.response_schema_class
    return envelope_of(view).describe(converter.convert(schema_class, 'response')) if schema_class else None


def _list_schema(view: Any, converter: Converter) -> dict[str, Any]:
    item = view.get_response_schema_class()
    results = {'type': 'array', 'items': converter.convert(item, 'response')}
    if view.pagination_class is None:
        return envelope_of(view).describe(results)
    page = converter.convert(converter.page_schema(view.pagination_class, item), 'response')
    return envelope_of(view).describe(page, results)


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
    if _is_websocket(operation):
        yield from (400, 426)
    takes_body = has_body(operation)
    if takes_body or has_query(operation) or operation.metadata.parameter_schemas:
        yield 400
    if operation.needs_account:
        yield 401
    if operation.permissions or operation.has_owner or operation.needs_token:
        yield 403
    # Even where the view knows every value, those that do not match the path's pattern lead nowhere.
    if operation.path.variables:
        yield 404
    if operation.kind in ('create', *_CHANGES):
        yield 409
    if operation.kind in _CHANGES:
        yield 412
    if takes_body:
        yield from (413, 415)
    if operation.kind in _CHANGES and operation.view.if_match_required:
        yield 428
    if operation.is_limited:
        yield 429
    if operation.kind:
        yield 503


def _phrase(status: int | str) -> str:
    try:
        return HTTPStatus(int(status)).phrase
    except ValueError:
        return 'An answer.'
