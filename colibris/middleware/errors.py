"""Step 5: errors."""

import logging
import traceback
from http import HTTPStatus
from json import JSONDecodeError
from typing import Any

import peewee
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler
from marshmallow import ValidationError

from colibris.api import (
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
    TooManyRequests,
)
from colibris.authentication import (
    AuthenticationError,
    AuthenticationUnavailable,
    ForgeryError,
    get_account,
    get_backend,
    record_event,
)
from colibris.conf import settings
from colibris.persist.errors import DatabaseUnavailable, PoolTimeout
from colibris.ratelimit.errors import RateLimitExceeded, RateLimitUnavailable
from colibris.ratelimit.usage import headers_of
from colibris.utils.functions import marked
from colibris.views.responses import error_response

__all__ = ['handle_errors_json']

logger = logging.getLogger(__name__)

_RETRY_AFTER = {'Retry-After': '1'}


@marked(handles_errors=True)
@web.middleware
async def handle_errors_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error with ``{"code", "message", "details"}``, or as the view's envelope has it.

    In ``DEBUG`` the details of an unexpected error are its traceback; otherwise it is only logged. An error after the
    answer has begun can only end the connection.
    """
    try:
        return await handler(request)
    except Exception as exc:
        if request.writer.output_size:
            raise RuntimeError('the view failed after it had begun to answer') from exc
        return _answer_error(request, exc)


def _answer_error(request: web.Request, error: Exception) -> web.StreamResponse:
    if isinstance(error, web.HTTPException):
        return _answer_http(request, error)
    if not isinstance(error, APIException):
        error = _translate(request, error) or _unexpected(request, error)
    return _answer(request, error)


def _answer(request: web.Request, error: APIException) -> web.Response:
    if error.status == HTTPStatus.UNAUTHORIZED:
        error.headers.setdefault(hdrs.WWW_AUTHENTICATE, get_backend().challenge)
    return error_response(error, request.match_info.handler)


def _answer_http(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    if error.status < HTTPStatus.BAD_REQUEST:
        raise error
    return _answer(request, _translate_http(request, error))


def _translate_http(request: web.Request, error: web.HTTPException) -> APIException:
    if isinstance(error, web.HTTPMethodNotAllowed):
        return MethodNotAllowed(request.method, error.allowed_methods)
    if isinstance(error, web.HTTPNotFound) and error.text == '404: Not Found':
        return NotFound()
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return PayloadTooLarge(f'the body is larger than {settings.MAX_REQUEST_BODY_SIZE} bytes')
    return _HTTPError(error)


class _HTTPError(APIException):
    """The request failed."""

    def __init__(self, error: web.HTTPException) -> None:
        is_default = error.text in (None, f'{error.status}: {error.reason}')
        kept = {name: value for name, value in error.headers.items() if name not in _CONTENT_HEADERS}
        super().__init__(error.reason if is_default else error.text, code=_code(error.status), headers=kept)
        self.status = error.status


_CONTENT_HEADERS = (hdrs.CONTENT_TYPE, hdrs.CONTENT_LENGTH)


def _code(status: int) -> str:
    try:
        return HTTPStatus(status).phrase.lower().replace(' ', '_').replace('-', '_').replace("'", '')
    except ValueError:
        return 'error'


def _translate(request: web.Request, error: Exception) -> APIException | None:
    if isinstance(error, AuthenticationUnavailable):
        return ServiceUnavailable(str(error), headers=_RETRY_AFTER)
    if isinstance(error, AuthenticationError):
        return NotAuthenticated(str(error))
    if isinstance(error, ForgeryError):
        record_event('forgery_refused', request, get_account(request), level=logging.WARNING, reason=str(error))
        return PermissionDenied(str(error), code='csrf_failed')
    if isinstance(error, RateLimitExceeded):
        record_event('rate_limit_exceeded', request, level=logging.WARNING, limit=error.usage.limit.name)
        headers = {hdrs.RETRY_AFTER: str(error.usage.seconds), **headers_of([error.usage])}
        return TooManyRequests(str(error), headers=headers)
    if isinstance(error, RateLimitUnavailable):
        return ServiceUnavailable(headers=_RETRY_AFTER)
    if isinstance(error, ValidationError):
        return InvalidRequest(details=error.messages)
    if isinstance(error, peewee.DoesNotExist):
        return NotFound()
    if isinstance(error, peewee.IntegrityError):
        return Conflict()
    if isinstance(error, peewee.DataError):
        return InvalidRequest('a value is not one that the database can hold')
    if isinstance(error, web.RequestPayloadError) or _is_broken_body(request, error):
        return ParseError('the body cannot be read')
    if isinstance(error, PoolTimeout | DatabaseUnavailable):
        logger.error('%s', error)
        return ServiceUnavailable(headers=_RETRY_AFTER)
    return None


def _is_broken_body(request: web.Request, error: Exception) -> bool:
    """Whether a view's ``await request.json()`` or ``request.text()`` could not make anything of the body."""
    body = request._read_bytes or b''
    if isinstance(error, JSONDecodeError):
        return error.doc == body.decode('utf-8', 'replace')
    return isinstance(error, UnicodeDecodeError) and error.object == body


def _unexpected(request: web.Request, error: Exception) -> APIException:
    if isinstance(error, ConnectionResetError) and (request.transport is None or request.transport.is_closing()):
        logger.info('the client of %s %s is gone', request.method, request.rel_url.raw_path)
        return ParseError('the client is gone')
    logger.error('%s %s failed', request.method, request.rel_url.raw_path, exc_info=error)
    details: Any = traceback.format_exception(error) if settings.DEBUG else None
    return APIException(details=details)
