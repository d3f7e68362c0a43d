"""Data from requests, validated by schemas."""

import functools
from collections.abc import Mapping, MutableMapping
from typing import Any, cast

from aiohttp import hdrs, web
from marshmallow import EXCLUDE, Schema, ValidationError
from webargs.multidictproxy import MultiDictProxy

from colibris.api import InvalidRequest, ParseError, UnsupportedMediaType
from colibris.conf import settings
from colibris.schemas import loader_of
from colibris.schemas.containers import MAX_PROBLEMS
from colibris.utils import json

__all__ = ['MAX_MEMBERS', 'invalid', 'leaves_out_unknown', 'load', 'load_body', 'load_query', 'read_form', 'read_json']

MAX_MEMBERS = 1000

_JSON = 'application/json'

_FORMS = ('application/x-www-form-urlencoded', 'multipart/form-data')


async def read_json(request: web.Request) -> Any:
    """The request's body as JSON.

    :raises UnsupportedMediaType: the header ``Content-Type`` names something else.
    :raises ParseError: the body is no JSON, nested too deep, or holds more than ``MAX_JSON_VALUES`` values.
    """
    if request.headers.get(hdrs.CONTENT_TYPE, _JSON) != _JSON and not _is_json(request.content_type):
        raise UnsupportedMediaType(f'the body must be application/json, not {request.content_type}')
    body = await request.read()
    if not body:
        raise ParseError('the body is empty, but JSON is expected')
    if len(body) > settings.MAX_JSON_VALUES and json.has_more_values(body, settings.MAX_JSON_VALUES):
        raise ParseError(f'the body holds more than {settings.MAX_JSON_VALUES} values')
    try:
        return json.loads(body)
    except json.JSONError as exc:
        raise ParseError(f'the body is no valid JSON: {exc}') from None


async def read_form(request: web.Request) -> Mapping[str, Any]:
    """The fields of the form in the request's body.

    :raises UnsupportedMediaType: the header ``Content-Type`` names no form.
    :raises ParseError: the form is broken.
    """
    if request.content_type not in _FORMS:
        raise UnsupportedMediaType(f'the body must be {" or ".join(_FORMS)}, not {request.content_type}')
    try:
        return await request.post()
    except (ValueError, LookupError, AssertionError, RuntimeError) as exc:
        # That is how aiohttp's parsers fail: by assertions too.
        raise ParseError('the body is no valid form') from exc


async def load_body(request: web.Request, schema: Schema) -> Any:
    """The request's JSON body, validated.

    :raises InvalidRequest: with what is wrong in which field, or because an object has more than :data:`MAX_MEMBERS`,
        so that nobody can have the server count unknown fields for long.
    """
    data = await read_json(request)
    if isinstance(data, dict) and len(data) > MAX_MEMBERS:
        raise InvalidRequest(f'the body has more than {MAX_MEMBERS} fields')
    return load(schema, data, 'body')


def load_query(request: web.Request, schema: Schema) -> dict[str, Any]:
    """The request's query parameters, validated; a list takes a parameter that is repeated.

    :raises InvalidRequest: with what is wrong in which parameter.
    """
    query = request.query
    if leaves_out_unknown(schema):
        single, several = _parameters(schema)
        data: Any = {name: query[name] for name in single if name in query}
        data.update({name: query.getall(name) for name in several if name in query})
    else:
        data = MultiDictProxy(cast('MutableMapping[str, str]', query), schema)
    values: dict[str, Any] = load(schema, data, 'query')
    return values


def leaves_out_unknown(schema: Schema) -> bool:
    """Whether only those query parameters that the schema knows are handed to it."""
    return schema.unknown == EXCLUDE


@functools.lru_cache(maxsize=4096)
def _parameters(schema: Schema) -> tuple[list[str], list[str]]:
    """The names of the parameters that a schema loads: those with one value, and those with any number of them."""
    several = MultiDictProxy({}, schema).multiple_keys
    names = [field.data_key or name for name, field in schema.load_fields.items()]
    return [name for name in names if name not in several], [name for name in names if name in several]


def load(schema: Schema, data: Any, location: str) -> Any:
    """``data`` validated by ``schema``.

    :raises InvalidRequest: with the problems by field, under the location's name.
    """
    try:
        return loader_of(schema).load(data)
    except ValidationError as exc:
        raise invalid(_first_problems(exc.messages_dict), location) from None
    except (OverflowError, RecursionError):
        raise InvalidRequest(f'the {location} holds a value that is out of range', details={location: {}}) from None


def _first_problems(messages: Any) -> Any:
    """The messages without those that nobody would read."""
    if not isinstance(messages, dict):
        return messages
    first = list(messages.items())[:MAX_PROBLEMS]
    return {name: _first_problems(inner) for name, inner in first}


def _is_json(content_type: str) -> bool:
    return content_type == _JSON or (content_type.startswith('application/') and content_type.endswith('+json'))


def invalid(problems: Mapping[str, Any], location: str) -> InvalidRequest:
    """The error that says what is wrong.

    :param problems: a list of texts for each name.
    """
    names = ', '.join([str(name)[:100] for name in problems if name != '_schema'][:10])
    message = f'the {location} is not valid: {names}' if names else f'the {location} is not valid'
    return InvalidRequest(message, details={location: problems})
