"""What an API answers when it cannot do what a request asks."""

from colibris.api.exceptions import (
    APIException,
    Conflict,
    InvalidRequest,
    MethodNotAllowed,
    NotAuthenticated,
    NotFound,
    ParseError,
    PayloadTooLarge,
    PermissionDenied,
    ServiceUnavailable,
    UnsupportedMediaType,
)

__all__ = [
    'APIException',
    'Conflict',
    'InvalidRequest',
    'MethodNotAllowed',
    'NotAuthenticated',
    'NotFound',
    'ParseError',
    'PayloadTooLarge',
    'PermissionDenied',
    'ServiceUnavailable',
    'UnsupportedMediaType',
]
