"""Answers."""

from collections.abc import Mapping
from typing import Any

from aiohttp import hdrs, web
from multidict import CIMultiDict

from colibris.api import APIException
from colibris.api.envelope import Paged, envelope_of
from colibris.utils import json
from colibris.views.complete import WHOLE_BODY, CompleteResponse

__all__ = ['data_response', 'error_response', 'finish', 'json_response', 'to_response']

_DATA = (dict, list, Paged)
_JSON = CIMultiDict({hdrs.CONTENT_TYPE: 'application/json'})


def json_response(data: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer that holds ``data`` as JSON.

    :raises TypeError: something in ``data`` has no form in JSON.
    """
    return CompleteResponse(json.dumps(data), _headers(headers), status)


def _headers(chosen: Mapping[str, str] | None) -> CIMultiDict[str]:
    if not chosen:
        return _JSON
    merged = _JSON.copy()
    merged.update(chosen)
    return merged


def to_response(result: Any, view: Any) -> web.StreamResponse:
    """What a view returned, as an answer: data becomes JSON in the view's envelope."""
    is_data = type(result) in _DATA or not isinstance(result, web.StreamResponse)  # which takes long to find out
    return data_response(result, view) if is_data else result


def data_response(data: Any, view: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer that holds ``data`` as JSON, in the view's envelope."""
    content = envelope_of(view).wrap(data)
    return CompleteResponse(json.dumps(content), _headers(headers), status, WHOLE_BODY if content is data else data)


def error_response(error: APIException, view: Any = None) -> web.Response:
    """An error's answer, as the view's envelope has it.

    :param view: ``None``, if the request has not reached any.
    """
    envelope = envelope_of(view)
    headers = CIMultiDict(error.headers)
    headers[hdrs.CONTENT_TYPE] = envelope.error_content_type
    return CompleteResponse(json.dumps(envelope.wrap_error(error)), headers, error.status)


async def finish(result: Any) -> Any:
    """What a plain or async function returned, awaited where that is needed."""
    return await result if hasattr(result, '__await__') else result
