"""The errors that a view may raise; each becomes a JSON answer of ``{"code", "message", "details"}``."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from colibris.errors import ColibrisError

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


class APIException(ColibrisError):
    """The server could not answer the request.

    :param message: for people; the first line of the class' docstring by default.
    :param code: for programs; the class' by default.
    :param details: anything JSON can hold.
    :param headers: of the answer.
    """

    status: ClassVar[int] = 500
    code: str = 'server_error'

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        details: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code or self.code
        self.details = details
        self.headers = dict(headers or {})

    @property
    def body(self) -> dict[str, Any]:
        """The answer's content."""
        return {'code': self.code, 'message': str(self), 'details': self.details}


class ParseError(APIException):
    """The request could not be understood."""

    status = 400
    code = 'bad_request'


class InvalidRequest(APIException):
    """The request holds invalid data."""

    status = 400
    code = 'invalid_request'


class NotAuthenticated(APIException):
    """Authentication is required."""

    status = 401
    code = 'not_authenticated'


class PermissionDenied(APIException):
    """You are not allowed to do this."""

    status = 403
    code = 'permission_denied'


class NotFound(APIException):
    """There is nothing here."""

    status = 404
    code = 'not_found'


class MethodNotAllowed(APIException):
    """The method is not allowed here."""

    status = 405
    code = 'method_not_allowed'

    def __init__(self, method: str, allowed: Iterable[str]) -> None:
        methods = sorted(allowed)
        super().__init__(
            f'{method} is not allowed here', details={'allowed': methods}, headers={'Allow': ', '.join(methods)}
        )


class Conflict(APIException):
    """The request conflicts with what is there."""

    status = 409
    code = 'conflict'


class PayloadTooLarge(APIException):
    """The request's body is too large."""

    status = 413
    code = 'payload_too_large'


class UnsupportedMediaType(APIException):
    """The request's body is of a type that is not understood here."""

    status = 415
    code = 'unsupported_media_type'


class ServiceUnavailable(APIException):
    """The service cannot answer at the moment; try again later."""

    status = 503
    code = 'service_unavailable'
