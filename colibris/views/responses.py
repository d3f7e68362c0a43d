"""Answers."""

import inspect
from collections.abc import Mapping
from typing import Any

from aiohttp import hdrs, web
from multidict import CIMultiDict

from colibris.api import APIException
from colibris.api.envelope import envelope_of
from colibris.utils import json

__all__ = ['EnvelopedResponse', 'data_response', 'error_response', 'finish', 'json_response', 'to_response']

_JSON = CIMultiDict({hdrs.CONTENT_TYPE: 'application/json'})


class EnvelopedResponse(web.Response):
    """An answer that holds data in an envelope. ``bare_data`` is the data without it."""

    bare_data: Any


def json_response(data: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer that holds ``data`` as JSON.

    :raises TypeError: something in ``data`` has no form in JSON.
    """
    return web.Response(body=json.dumps(data), status=status, headers=_headers(headers))


def _headers(chosen: Mapping[str, str] | None) -> CIMultiDict[str]:
    if not chosen:
        return _JSON
    merged = _JSON.copy()
    merged.update(chosen)
    return merged


def to_response(result: Any, view: Any) -> web.StreamResponse:
    """What a view returned, as an answer: data becomes JSON in the view's envelope."""
    return result if isinstance(result, web.StreamResponse) else data_response(result, view)


def data_response(data: Any, view: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer that holds ``data`` as JSON, in the view's envelope."""
    content = envelope_of(view).wrap(data)
    if content is data:
        return json_response(data, status=status, headers=headers)
    response = EnvelopedResponse(body=json.dumps(content), status=status, headers=_headers(headers))
    response.bare_data = data
    return response


def error_response(error: APIException, view: Any = None) -> web.Response:
    """An error's answer, as the view's envelope has it.

    :param view: ``None``, if the request has not reached any.
    """
    envelope = envelope_of(view)
    return web.Response(
        body=json.dumps(envelope.wrap_error(error)),
        status=error.status,
        headers=error.headers,
        content_type=envelope.error_content_type,
    )


async def finish(result: Any) -> Any:
    """What a plain or async function returned, awaited where that is needed."""
    return await result if inspect.isawaitable(result) else result
