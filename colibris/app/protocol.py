"""What aiohttp answers before a request reaches any middleware: broken HTTP, headers that are too long."""

import logging
from http import HTTPStatus

from aiohttp import web

from colibris.views.responses import json_response

__all__ = ['Runner']

logger = logging.getLogger(__name__)


class RequestHandler(web.RequestHandler):
    """Speaks HTTP on one connection, and JSON also about requests that are no HTTP."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer a request that could not be read, and close the connection."""
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or request.writer.output_size:
            return super().handle_error(request, status, exc, message)
        reason = (message or HTTPStatus(status).phrase).partition('\n')[0]
        logger.info('refused a malformed request from %s: %s', request.remote, reason)
        response = json_response({'code': 'bad_request', 'message': reason, 'details': None}, status=status)
        response.force_close()
        return response


class Server(web.Server):
    """Makes a handler for each connection."""

    def __call__(self) -> RequestHandler:
        """Make a handler."""
        return RequestHandler(self, loop=self._loop, **self._kwargs)


class Runner(web.AppRunner):
    """Runs an application on :class:`Server`."""

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        return Server(server.request_handler, request_factory=server.request_factory, **server._kwargs)
