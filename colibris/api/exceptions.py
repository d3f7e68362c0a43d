"""The errors that a view may raise; each becomes a JSON answer of ``{"code", "message", "details"}``."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from colibris.errors import ColibrisError

__all__ = [
    'APIException',
    'Conflict',
    'ExpectationFailed',
    'HeadersTooLarge',
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
    'UpgradeRequired',
]


class APIException(ColibrisError):
    """The server could not answer the request.

    :param message: for people; the first line of the class' docstring by default.
    :param code: for programs; the class' by default.
    :param details: anything JSON can hold.
    :param headers: of the answer.
    """

    status: int = 500
    code: str = 'server_error'

    holds_problems: ClassVar[bool] = False
    """Whether the details are what is wrong with a request's data: lists of messages by field, nested as the data."""

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

    @property
    def problems(self) -> list[tuple[str, str | None]]:
        """What is wrong: messages, and the path of what each is about, such as ``body.name``; ``None``: everything."""
        found = list(_flatten(self.details)) if self.holds_problems else []
        return found or [(str(self), None)]


class ParseError(APIException):
    """The request could not be understood."""

    status = 400
    code = 'bad_request'


class InvalidRequest(APIException):
    """The request holds invalid data."""

    status = 400
    code = 'invalid_request'
    holds_problems = True


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


class RequestTimeout(APIException):
    """The request did not arrive in time."""

    status = 408
    code = 'request_timeout'


class Conflict(APIException):
    """The request conflicts with what is there."""

    status = 409
    code = 'conflict'
    holds_problems = True


class PreconditionFailed(APIException):
    """It has changed since you read it."""

    status = 412
    code = 'precondition_failed'


class PayloadTooLarge(APIException):
    """The request's body is too large."""

    status = 413
    code = 'payload_too_large'


class UnsupportedMediaType(APIException):
    """The request's body is of a type that is not understood here."""

    status = 415
    code = 'unsupported_media_type'


class ExpectationFailed(APIException):
    """The request expects something that this server does not know."""

    status = 417
    code = 'expectation_failed'


class UpgradeRequired(APIException):
    """Only clients that speak another protocol can use this."""

    status = 426
    code = 'upgrade_required'


class PreconditionRequired(APIException):
    """Say by the header If-Match which version you want to change."""

    status = 428
    code = 'precondition_required'


class TooManyRequests(APIException):
    """You have sent too many requests; try again later."""

    status = 429
    code = 'too_many_requests'


class HeadersTooLarge(APIException):
    """The request's first line or one of its headers is too long."""

    status = 431
    code = 'headers_too_large'


class ServiceUnavailable(APIException):
    """The service cannot answer at the moment; try again later."""

    status = 503
    code = 'service_unavailable'


_WHOLE = '_schema'
"""The name under which marshmallow puts what is wrong with an object as a whole."""


def _flatten(details: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str | None]]:
    if isinstance(details, Mapping):
        for name, inner in details.items():
            yield from _flatten(inner, path if name == _WHOLE else (*path, str(name)))
    elif isinstance(details, list | tuple):
        for inner in details:
            yield from _flatten(inner, path)
    elif details is not None:
        yield str(details), '.'.join(path) or None
