"""Step 5: validation of what aiohttp-apispec's decorators describe."""

from collections.abc import Mapping, MutableMapping
from typing import Any, cast

from aiohttp import web
from aiohttp.typedefs import Handler
from marshmallow import EXCLUDE, Schema
from webargs.multidictproxy import MultiDictProxy

from colibris.views.parsing import load, read_json
from colibris.views.routing import target_of

__all__ = ['handle_schema_validation']

_DEFAULT_KEY = 'data'
_JSON_LOCATIONS = ('json', 'body')


@web.middleware
async def handle_schema_validation(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Validate the request by the schemas of ``request_schema`` and its relatives.

    What ``request_schema`` loads is found in ``request['data']``, what the others load under the names that
    aiohttp-apispec gives them (``request['querystring']``, ``request['match_info']``…).
    """
    target = target_of(request.match_info.handler, request.method)
    for described in getattr(target, '__schemas__', ()):
        key = described['put_into'] or _DEFAULT_KEY
        request[key] = await _load(request, described['location'], described['schema'])
    return await handler(request)


async def _load(request: web.Request, location: str, schema: Schema) -> Any:
    if location in _JSON_LOCATIONS:
        return load(schema, await read_json(request), 'body')
    values = await _values(request, location)
    schema = _tolerant(schema)
    return load(schema, MultiDictProxy(cast('MutableMapping[str, Any]', values), schema), location)


async def _values(request: web.Request, location: str) -> Mapping[str, Any]:
    if location in ('form', 'files'):
        return await request.post()
    if location in ('match_info', 'path'):
        return request.match_info
    return {'headers': request.headers, 'cookies': request.cookies}.get(location, request.query)


def _tolerant(schema: Schema) -> Schema:
    """The schema as it is used where others may add values of their own: in headers, queries and cookies."""
    if getattr(schema.Meta, 'unknown', None) is None:
        schema.unknown = EXCLUDE
    return schema
