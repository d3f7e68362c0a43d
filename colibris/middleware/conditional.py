"""Step 3: entity tags, and answers that the client has already."""

import asyncio
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from aiohttp import ETag, hdrs, web
from aiohttp.typedefs import Handler

from colibris.utils import json
from colibris.utils.functions import marked
from colibris.views.complete import WHOLE_BODY, CompleteResponse
from colibris.views.conditions import LARGE, find_match, tag_of

__all__ = ['answer_conditionally']

_OK = HTTPStatus.OK.value
_OF_CONTENT = (hdrs.CONTENT_TYPE, hdrs.CONTENT_LENGTH, hdrs.CONTENT_ENCODING, hdrs.CONTENT_LANGUAGE)


def _is_read(view: Any, method: str) -> bool:
    return method in (hdrs.METH_GET, hdrs.METH_HEAD)


@marked(applies_to=_is_read)
@web.middleware
async def answer_conditionally(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give complete answers to ``GET`` an ``ETag``, and answer 304 to a client whose ``If-None-Match`` names it.

    A view may set the tag itself. Otherwise it is made from the body, or from the data in the envelope, because the
    envelope's operation id is always another one.
    """
    response = await handler(request)
    if response.status != _OK or not isinstance(response, web.Response) or response.prepared:
        return response
    body, headers = response.body, response.headers
    if not isinstance(body, bytes):
        return response
    if hdrs.ETAG not in headers:
        content = response.content if isinstance(response, CompleteResponse) else WHOLE_BODY
        text = body if content is WHOLE_BODY else json.dumps(content)
        tag = tag_of(text) if len(text) < LARGE else await asyncio.to_thread(tag_of, text)
        headers[hdrs.ETAG] = f'"{tag}"'
    if hdrs.IF_NONE_MATCH in request.headers:
        _compare(response, request.if_none_match or ())
    return response


def _compare(response: web.Response, known: Iterable[ETag]) -> None:
    tag = response.etag
    match = tag and find_match(tag.value, known)
    if tag and match:
        _empty(response, ETag(match, is_weak=tag.is_weak))


def _empty(response: web.Response, tag: ETag) -> None:
    response.set_status(HTTPStatus.NOT_MODIFIED)
    response.body = None
    for name in _OF_CONTENT:
        response.headers.pop(name, None)
    response.etag = tag
