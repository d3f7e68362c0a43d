"""Step 1: the operation id."""

from collections.abc import Awaitable

from aiohttp import web
from aiohttp.typedefs import Handler
from multidict import istr

from colibris.log.operation import NO_OPERATION, is_valid_operation_id, new_operation_id, operation_id, trace_id_of

__all__ = ['identify_operation', 'name_operation', 'operation_id_of']

HEADER = istr('X-Request-ID')
TRACE_HEADER = istr('traceparent')


@web.middleware
def identify_operation(request: web.Request, handler: Handler) -> Awaitable[web.StreamResponse]:
    """Take the operation id from a valid ``X-Request-ID`` or W3C ``traceparent``, or make one."""
    operation_id.set(operation_id_of(request))
    return handler(request)


def operation_id_of(request: web.BaseRequest) -> str:
    """The operation id that the request brings with it, or a fresh one."""
    headers = request.headers
    sent = headers.get(HEADER)
    if sent and is_valid_operation_id(sent):
        return sent
    trace = headers.get(TRACE_HEADER)
    return (trace and trace_id_of(trace)) or new_operation_id()


def name_operation(request: web.Request, response: web.StreamResponse) -> None:
    """Have the answer carry the operation id in the same header; called when any answer is about to begin."""
    identifier = operation_id.get()
    if identifier != NO_OPERATION:
        response.headers[HEADER] = identifier
