"""Step 3: entity tags, and answers that the client has already."""

from http import HTTPStatus

from aiohttp import ETag, hdrs, web
from aiohttp.typedefs import Handler

from colibris.utils import json
from colibris.views.conditions import find_match, tag_of_large
from colibris.views.responses import BARE_DATA

__all__ = ['answer_conditionally']

_METHODS = {hdrs.METH_GET, hdrs.METH_HEAD}
_OF_CONTENT = (hdrs.CONTENT_TYPE, hdrs.CONTENT_LENGTH, hdrs.CONTENT_ENCODING, hdrs.CONTENT_LANGUAGE)


@web.middleware
async def answer_conditionally(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give complete answers to ``GET`` an ``ETag``, and answer 304 to a client whose ``If-None-Match`` names it.

    A view may set the tag itself. Otherwise it is made from the body, or from the data in the envelope, because the
    envelope's operation id is always another one.
    """
    response = await handler(request)
    if request.method in _METHODS and response.status == HTTPStatus.OK and _is_complete(response):
        tag = response.etag or ETag(await _make_tag(response))
        response.etag = tag
        known = request.if_none_match if hdrs.IF_NONE_MATCH in request.headers else None
        match = known and find_match(tag.value, known)
        if match:
            _empty(response, ETag(match, is_weak=tag.is_weak))
    return response


def _is_complete(response: web.StreamResponse) -> bool:
    return isinstance(response, web.Response) and isinstance(response.body, bytes) and not response.prepared


async def _make_tag(response: web.StreamResponse) -> str:
    if BARE_DATA in response:
        return await tag_of_large(json.dumps(response[BARE_DATA]))
    return await tag_of_large(response.body)  # type: ignore[attr-defined]  # it is complete


def _empty(response: web.StreamResponse, tag: ETag) -> None:
    response.set_status(HTTPStatus.NOT_MODIFIED)
    response.body = None  # type: ignore[attr-defined]
    for name in _OF_CONTENT:
        response.headers.pop(name, None)
    response.etag = tag
