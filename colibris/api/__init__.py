"""What an API answers when it cannot do what a request asks."""

from colibris.api.exceptions import (
    APIException,
    Conflict,
    ExpectationFailed,
    InvalidRequest,
    MethodNotAllowed,
    NotAuthenticated,
    NotFound,
    ParseError,
    PayloadTooLarge,
    PermissionDenied,
    PreconditionFailed,
    PreconditionRequired,
    RequestTimeout,
    ServiceUnavailable,
    TooManyRequests,
    UnsupportedMediaType,
)

__all__ = [
    'APIException',
    'Conflict',
    'ExpectationFailed',
    'InvalidRequest',
    'MethodNotAllowed',
    'NotAuthenticated',
    'NotFound',
    'ParseError',
    'PayloadTooLarge',
    'PermissionDenied',
    'PreconditionFailed',
    'PreconditionRequired',
    'RequestTimeout',
    'ServiceUnavailable',
    'TooManyRequests',
    'UnsupportedMediaType',
]
