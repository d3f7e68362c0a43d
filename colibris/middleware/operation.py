"""Step 1: the operation id."""

from aiohttp import web
from aiohttp.typedefs import Handler

from colibris.log.operation import is_valid_operation_id, new_operation_id, operation_id

__all__ = ['OPERATION_ID', 'identify_operation']

HEADER = 'X-Request-ID'

OPERATION_ID: web.RequestKey[str] = web.RequestKey('colibris.operation_id', str)


@web.middleware
async def identify_operation(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Take the operation id from a valid ``X-Request-ID``, or make one; the answer carries it in the same header."""
    sent = request.headers.get(HEADER, '')
    identifier = sent if is_valid_operation_id(sent) else new_operation_id()
    request[OPERATION_ID] = identifier
    operation_id.set(identifier)
    response = await handler(request)
    if not response.prepared:
        response.headers[HEADER] = identifier
    return response
