"""The error answers that operations share."""

from typing import Any

from colibris import api

__all__ = ['add_errors', 'error_reference']

_ERROR = {
    'type': 'object',
    'description': 'Why a request was refused.',
    'required': ['code', 'details', 'message'],
    'properties': {
        'code': {'type': 'string', 'description': 'For programs.'},
        'message': {'type': 'string', 'description': 'For people.'},
        'details': {'description': 'More, where there is more to say: for invalid data the problems by field.'},
    },
}
_EXCEPTIONS: dict[int, type[api.APIException]] = {
    exception.status: exception
    for exception in (
        api.InvalidRequest,
        api.NotAuthenticated,
        api.PermissionDenied,
        api.NotFound,
        api.Conflict,
        api.PayloadTooLarge,
        api.UnsupportedMediaType,
    )
}
_DESCRIPTIONS = {400: 'The request could not be understood, or it holds invalid data.'}
_DETAILS = {400: {'body': {'name': ['Missing data for required field.']}}}
_HEADERS = {401: {'WWW-Authenticate': {'description': 'How to authenticate.', 'schema': {'type': 'string'}}}}


def add_errors(components: Any) -> None:
    """Have the schema of errors, and an answer for each status; only those that are referred to are kept."""
    components.schema('Error', _ERROR)
    for status, exception in _EXCEPTIONS.items():
        components.response(exception.__name__, _response(status, exception), lazy=True)


def error_reference(components: Any, status: int) -> dict[str, Any]:
    """A reference to the answer with an error's status."""
    reference: dict[str, Any] = components.get_ref('response', _EXCEPTIONS[status].__name__)
    return reference


def _response(status: int, exception: type[api.APIException]) -> dict[str, Any]:
    message = (exception.__doc__ or '').strip().partition('\n')[0]
    return {
        'description': _DESCRIPTIONS.get(status, message),
        **({'headers': _HEADERS[status]} if status in _HEADERS else {}),
        'content': {
            'application/json': {
                'schema': {'$ref': '#/components/schemas/Error'},
                'example': {'code': exception.code, 'message': message, 'details': _DETAILS.get(status)},
            }
        },
    }
