"""Answers that are sent in one step."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import hdrs, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.helpers import rfc822_formatted_time
from aiohttp.http import HttpVersion11
from aiohttp.http_writer import _serialize_headers
from multidict import CIMultiDict

from colibris.views.finishing import FINISHERS, finish_answer

__all__ = ['WHOLE_BODY', 'CompleteResponse']

WHOLE_BODY = object()

_RECEIVERS = [finish_answer]
_WITH_BODY = frozenset(hdrs.METH_ALL) - {hdrs.METH_HEAD, hdrs.METH_CONNECT}
_HAVE_BODY = frozenset(status.value for status in HTTPStatus if status >= HTTPStatus.OK) - {204, 304}
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_ATTRIBUTES = dict(vars(web.Response(body=b'')), content=None)


class CompleteResponse(web.Response):
    """An answer whose body is there, as bytes.

    What aiohttp does in many steps for any answer is done in one for this kind, unless something about the answer, the
    request or the application is out of the ordinary. The client gets the same bytes either way.

    :param headers: with a ``Content-Type``.
    :param content: what the entity tag is made from, if that is not the whole body.
    """

    content: Any
    _body: Any
    _head: bytes | None = None

    def __init__(self, body: bytes, headers: Mapping[str, str], status: int = 200, content: Any = WHOLE_BODY) -> None:
        vars(self).update(_ATTRIBUTES)  # with what aiohttp would set them to, too
        self._state = {}
        self._headers = CIMultiDict(headers)
        self._status, self._reason = int(status), _PHRASES.get(status, '')
        self._body, self.content = body, content

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Begin the answer."""
        if not (isinstance(request, web.Request) and self._is_ordinary() and _is_ordinary(request)):
            return await super().prepare(request)
        headers = self._headers
        headers[hdrs.CONTENT_LENGTH] = str(len(self._body))
        if hdrs.DATE not in headers:
            headers[hdrs.DATE] = rfc822_formatted_time()
        for finish in request.app[FINISHERS]:
            finish(request, self)
        self._head = _serialize_headers(f'HTTP/1.1 {self._status} {self._reason}', headers)
        self._keep_alive, self._req, self._payload_writer = True, request, request.writer
        return self._payload_writer

    async def write_eof(self, data: bytes = b'') -> None:
        """Send the answer."""
        writer: Any = self._payload_writer
        if writer is None or self._head is None:
            await super().write_eof(data)
            return
        await writer.write(self._head + self._body)
        writer.set_eof()
        self._eof_sent, self._body_length = True, writer.output_size
        self._req = self._payload_writer = None

    def _is_ordinary(self) -> bool:
        """Whether nothing has been done with the answer but to change its headers, its status or its body."""
        headers = self._headers
        return (
            len(vars(self)) == len(_ATTRIBUTES)
            and self._status in _HAVE_BODY
            and type(self._body) is bytes
            and hdrs.CONTENT_TYPE in headers
            and hdrs.CONTENT_LENGTH not in headers
        )


def _is_ordinary(request: web.Request) -> bool:
    """Whether the answer to a request has a body, its connection may be used for the next, and nobody looks on."""
    match_info = request._match_info
    apps = () if match_info is None else match_info.apps
    return (
        len(apps) == 1
        and apps[0].on_response_prepare == _RECEIVERS
        and request.keep_alive
        and request.version == HttpVersion11
        and request.method in _WITH_BODY
    )
