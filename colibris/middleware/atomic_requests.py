"""Step 14: a transaction around the view."""

from http import HTTPStatus
from typing import Any

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from colibris import persist
from colibris.utils.functions import marked

__all__ = ['wrap_in_transaction']

SAFE_METHODS = {hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS, hdrs.METH_TRACE}


class _Refused(Exception):
    """Ends the transaction of a request that the view has refused."""


def _is_unsafe(view: Any, method: str) -> bool:
    return method not in SAFE_METHODS


@marked(applies_to=_is_unsafe)
@web.middleware
async def wrap_in_transaction(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Run the view of a request that may change something in a transaction.

    It is rolled back when the view raises, answers with a status from 400, or is cancelled; a redirection commits, also
    one that is raised. It ends before the answer is sent, unless the view sends the answer itself, in pieces.
    """
    if not request.content_type.startswith('multipart/'):
        await request.read()  # nobody else has to wait for a client that sends its body slowly
    try:
        async with persist.atomic():
            answer = await _answer(request, handler)
            if answer.status >= HTTPStatus.BAD_REQUEST:
                raise _Refused
    except _Refused:
        pass
    if isinstance(answer, web.HTTPException):
        raise answer
    return answer


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as exc:
        return exc
