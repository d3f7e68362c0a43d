"""Answers."""

import inspect
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from colibris.utils import json

__all__ = ['finish', 'json_response', 'to_response']


def json_response(data: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer that holds ``data`` as JSON.

    :raises TypeError: something in ``data`` has no form in JSON.
    """
    return web.Response(body=json.dumps(data), status=status, headers=headers, content_type='application/json')


def to_response(result: Any) -> web.StreamResponse:
    """What a view returned, as an answer: data becomes JSON."""
    return result if isinstance(result, web.StreamResponse) else json_response(result)


async def finish(result: Any) -> Any:
    """What a plain or async function returned, awaited where that is needed."""
    return await result if inspect.isawaitable(result) else result
