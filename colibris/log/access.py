"""The access log: a line for each request."""

from aiohttp.abc import AbstractAccessLogger
from aiohttp.web import BaseRequest, RequestKey, StreamResponse

from colibris.log.operation import operation_id, trace_ids
from colibris.utils.proxies import client_address

__all__ = ['TRACE_IDS', 'AccessLogger']

TRACE_IDS: RequestKey[tuple[str, str]] = RequestKey('colibris.trace_ids', tuple)
"""Where a request keeps the ids of its trace and span: its line is logged outside of them."""


class AccessLogger(AbstractAccessLogger):
    """Logs the client's address, method, path, status, duration in milliseconds and operation id of each request."""

    @property
    def enabled(self) -> bool:
        """Whether anybody would read the line."""
        return self.logger.isEnabledFor(20)

    def log(self, request: BaseRequest, response: StreamResponse, time: float) -> None:
        """Log one request; ``time`` is its duration in seconds."""
        operation = operation_id.set(response.headers.get('X-Request-ID', operation_id.get()))
        trace = trace_ids.set(request.get(TRACE_IDS))
        values = {
            'address': client_address(request) or '-',
            'method': request.method,
            'path': request.rel_url.raw_path,
            'status': response.status,
            'milliseconds': round(time * 1000, 3),
        }
        try:
            self.logger.info('%(address)s %(method)s %(path)s %(status)d %(milliseconds).1f ms', values)
        finally:
            trace_ids.reset(trace)
            operation_id.reset(operation)
