"""The access log: a line for each request."""

from aiohttp.abc import AbstractAccessLogger
from aiohttp.web import BaseRequest, StreamResponse

from colibris.log.operation import operation_id
from colibris.utils.proxies import client_address

__all__ = ['AccessLogger']


class AccessLogger(AbstractAccessLogger):
    """Logs the client's address, method, path, status, duration in milliseconds and operation id of each request."""

    @property
    def enabled(self) -> bool:
        """Whether anybody would read the line."""
        return self.logger.isEnabledFor(20)

    def log(self, request: BaseRequest, response: StreamResponse, time: float) -> None:
        """Log one request; ``time`` is its duration in seconds."""
        token = operation_id.set(response.headers.get('X-Request-ID', operation_id.get()))
        try:
            path = request.rel_url.raw_path
            address = client_address(request) or '-'
            self.logger.info('%s %s %s %d %.1f ms', address, request.method, path, response.status, time * 1000)
        finally:
            operation_id.reset(token)
