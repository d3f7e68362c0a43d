"""Step 1: the operation id."""

from aiohttp import web
from aiohttp.typedefs import Handler

from colibris.log.operation import is_valid_operation_id, new_operation_id, operation_id

__all__ = ['OPERATION_ID', 'identify_operation', 'name_operation']

HEADER = 'X-Request-ID'

OPERATION_ID: web.RequestKey[str] = web.RequestKey('colibris.operation_id', str)


@web.middleware
async def identify_operation(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Take the operation id from a valid ``X-Request-ID``, or make one."""
    sent = request.headers.get(HEADER, '')
    identifier = sent if is_valid_operation_id(sent) else new_operation_id()
    request[OPERATION_ID] = identifier
    operation_id.set(identifier)
    return await handler(request)


async def name_operation(request: web.Request, response: web.StreamResponse) -> None:
    """Have the answer carry the operation id in the same header; called when any answer is about to begin."""
    if OPERATION_ID in request:
        response.headers[HEADER] = request[OPERATION_ID]
