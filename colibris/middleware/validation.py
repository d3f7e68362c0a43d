"""Step 12: validation of what aiohttp-apispec's decorators describe."""

import warnings
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, cast

from aiohttp import web
from aiohttp.typedefs import Handler
from marshmallow import EXCLUDE, Schema
from webargs.multidictproxy import MultiDictProxy

from colibris.utils.functions import marked
from colibris.views.parsing import load, read_form, read_json
from colibris.views.routing import target_of

__all__ = ['descriptions_of', 'handle_schema_validation', 'loads_json']

_DEFAULT_KEY = 'data'
_JSON_LOCATIONS = ('json', 'body')
_FORM_LOCATIONS = ('form', 'files')


def _is_described(view: Any, method: str) -> bool:
    return bool(descriptions_of(view, method))


@marked(applies_to=_is_described)
@web.middleware
async def handle_schema_validation(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Validate the request by the schemas of ``request_schema`` and its relatives.

    What ``request_schema`` loads is found in ``request['data']``, what the others load under the names that
    aiohttp-apispec gives them (``request['querystring']``, ``request['match_info']``…).
    """
    for described in descriptions_of(request.match_info.handler, request.method):
        key = described['put_into'] or _DEFAULT_KEY
        _store(request, key, await _load(request, described['location'], described['schema']))
    return await handler(request)


def descriptions_of(view: Any, method: str) -> Sequence[dict[str, Any]]:
    """What the decorators have left at the function that answers."""
    return getattr(target_of(view, method), '__schemas__', ())


def _store(request: web.Request, key: str, value: Any) -> None:
    with warnings.catch_warnings():
        # aiohttp would like to see keys of its own here, but aiohttp-apispec's are texts.
        warnings.simplefilter('ignore', web.NotAppKeyWarning)
        request[key] = value


async def _load(request: web.Request, location: str, schema: Schema) -> Any:
    if loads_json(location):
        return load(schema, await read_json(request), 'body')
    values = await _values(request, location)
    if location not in _FORM_LOCATIONS:
        schema = _tolerant(schema)
    return load(schema, MultiDictProxy(cast('MutableMapping[str, Any]', values), schema), location)


def loads_json(location: str) -> bool:
    """Whether what a decorator describes is the JSON of the body, rather than parameters, headers or a form."""
    return location in _JSON_LOCATIONS


async def _values(request: web.Request, location: str) -> Mapping[str, Any]:
    if location in _FORM_LOCATIONS:
        return await read_form(request)
    if location in ('match_info', 'path'):
        return request.match_info
    return {'headers': request.headers, 'cookies': request.cookies}.get(location, request.query)


def _tolerant(schema: Schema) -> Schema:
    """The schema as it is used where others may add values of their own: in headers, cookies, paths and queries."""
    if getattr(schema.Meta, 'unknown', None) is None:
        schema.unknown = EXCLUDE
    return schema
