"""What aiohttp leaves open below the middleware: broken HTTP, unknown expectations, clients that never get done."""

import asyncio
import logging
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong
from aiohttp.streams import EMPTY_PAYLOAD, StreamReader
from aiohttp.web_protocol import _ErrInfo

from colibris.api import APIException, ExpectationFailed, HeadersTooLarge, ParseError, RequestTimeout
from colibris.app.entrance import make_entrance
from colibris.log import operation_id
from colibris.middleware.operation import HEADER, operation_id_of
from colibris.serving.drain import Drain
from colibris.serving.patience import Part, Patience
from colibris.views.responses import error_response

__all__ = ['RequestHandler', 'Runner']

logger = logging.getLogger(__name__)

_CLOSE = {'Connection': 'close'}


class RequestHandler(web.RequestHandler):
    """Speaks HTTP on one connection, and JSON also about requests that are no HTTP, and is not patient for ever."""

    def __init__(self, manager: web.Server, **options: Any) -> None:
        super().__init__(manager, **options)
        self._patience = Patience(self._loop, self._is_held_up, self._give_up)
        self._body: StreamReader = EMPTY_PAYLOAD

    def data_received(self, data: bytes) -> None:
        """Take what has arrived, and see whether more has to come."""
        count, was_in_body = self._request_count, not self._body.is_eof()
        super().data_received(data)
        is_new = self._request_count != count
        if is_new:
            self._patience.stop()
            self._body = self._messages[-1][1]
        if not self._body.is_eof():
            self._patience.wait_for('body', len(data))
        elif was_in_body or self._upgraded:
            self._patience.stop()
        elif data and not is_new:
            self._patience.wait_for('headers', len(data))

    @property
    def is_idle(self) -> bool:
        """Whether there is no request on the connection, not even a part of one."""
        return self._waiter is not None and not self._messages and not self._patience.is_waiting

    def connection_lost(self, exc: BaseException | None) -> None:
        """Wait for nothing any more."""
        super().connection_lost(exc)
        self._patience.stop()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer a request that could not be read, or one that failed below the middleware; close the connection."""
        if request.writer.output_size:
            _log_failure(request, exc)
            raise ConnectionError('the request failed after the answer had begun') from exc
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return _refuse(request, exc if isinstance(exc, APIException) else _unexpected(request, exc))
        refusal = exc if isinstance(exc, APIException) else _refusal(status, exc, message)
        logger.info('refused a malformed request from %s: %s', request.remote, refusal)
        return _refuse(request, refusal)

    def log_exception(self, *args: Any, **options: Any) -> None:
        """Log what has gone wrong, unless it is just a body that the client has sent wrong, or not at all."""
        error = options.get('exc_info')
        if isinstance(error, APIException | web.RequestPayloadError | HttpProcessingError):
            logger.info('the rest of a body could not be read: %s', type(error).__name__)
        else:
            super().log_exception(*args, **options)

    def _is_held_up(self) -> bool:
        return self._reading_paused or self._buffer_paused

    def _give_up(self, part: Part) -> None:
        error = RequestTimeout(f'the {part} did not arrive in time', headers=_CLOSE)
        if part == 'body':
            self._body.set_exception(error)
            return
        self._messages.append((_ErrInfo(error.status, error, str(error)), EMPTY_PAYLOAD))
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class Server(web.Server):
    """Makes a handler for each connection.

    :param handler_class: of what kind.
    :param drain: is told of connections.
    """

    def __init__(self, *args: Any, handler_class: type[RequestHandler], drain: Drain, **options: Any) -> None:
        super().__init__(*args, **options)
        self._handler_class = handler_class
        self._drain = drain

    def __call__(self) -> RequestHandler:
        """Make a handler."""
        return self._handler_class(self, loop=self._loop, **self._kwargs)

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        """Note that a connection has been opened."""
        super().connection_made(handler, transport)
        if isinstance(handler, RequestHandler):
            self._drain.opened(handler)

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        """Note that a connection has been closed."""
        super().connection_lost(handler, exc)
        if isinstance(handler, RequestHandler):
            self._drain.closed(handler)


class Runner(web.AppRunner):
    """Runs an application of :func:`~colibris.app.create_app` on :class:`Server`.

    :param drain: is told of requests and connections, for whoever is going to wait for their end.
    """

    def __init__(
        self,
        app: web.Application,
        *,
        handler_class: type[RequestHandler] = RequestHandler,
        drain: Drain | None = None,
        **options: Any,
    ) -> None:
        super().__init__(app, **options)
        self._handler_class = handler_class
        self._drain = Drain() if drain is None else drain

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        enter, drain = make_entrance(self.app, server.request_handler), self._drain

        async def answer(request: web.Request) -> web.StreamResponse:
            """Answer a request. Where it expects what nobody here knows, aiohttp would say so in plain text.

            A connection that was to be another protocol's is closed if it does not become that.
            """
            drain.begun()
            try:
                response = await enter(request)
            except web.HTTPExpectationFailed:
                response = _refuse(request, ExpectationFailed())
            finally:
                drain.ended()
            if request._message.upgrade and response.status != HTTPStatus.SWITCHING_PROTOCOLS:
                response.force_close()  # aiohttp loses requests that have followed at once
            drain.check(response)
            return response

        return Server(
            answer,
            request_factory=server.request_factory,
            handler_cancellation=server.handler_cancellation,
            handler_class=self._handler_class,
            drain=drain,
            **server._kwargs,
        )


def _refusal(status: int, error: BaseException | None, message: str | None) -> APIException:
    """What is wrong with a request that could not be read; without its bytes, which may hold secrets."""
    if isinstance(error, LineTooLong):
        return HeadersTooLarge(headers=_CLOSE)
    return ParseError((message or HTTPStatus(status).phrase).partition('\n')[0])


def _unexpected(request: web.BaseRequest, error: BaseException | None) -> APIException:
    _log_failure(request, error)
    return APIException()


def _log_failure(request: web.BaseRequest, error: BaseException | None) -> None:
    cause = error.__cause__ if error is not None and error.__cause__ is not None else error
    if isinstance(cause, ConnectionError) and (request.transport is None or request.transport.is_closing()):
        logger.info('the client of %s %s is gone', request.method, request.rel_url.raw_path)
    else:
        logger.error('%s %s failed', request.method, request.rel_url.raw_path, exc_info=error)


def _refuse(request: web.BaseRequest, error: APIException) -> web.Response:
    """An error's answer to a request that has not come as far as the middleware."""
    identifier = operation_id_of(request)
    operation_id.set(identifier)
    response = error_response(error)
    response.headers[HEADER] = identifier
    response.force_close()
    return response
