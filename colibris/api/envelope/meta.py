"""The envelope of data beside what is to be known about it."""

from typing import Any

from colibris.api.envelope.base import Envelope, Paged, Schema
from colibris.api.exceptions import APIException
from colibris.log import operation_id

__all__ = ['MetaEnvelope']

_META: Schema = {
    'type': 'object',
    'required': ['operation_id'],
    'properties': {'operation_id': {'type': 'string', 'description': 'What the log calls the request.'}},
}
_LINK = {'type': ['string', 'null'], 'description': 'The URL of the page, if there is one.'}
_PAGINATION: Schema = {
    'type': 'object',
    'required': ['next', 'prev'],
    'properties': {'next': _LINK, 'prev': _LINK},
}
_ERROR: Schema = {
    'type': 'object',
    'required': ['message', 'path'],
    'properties': {
        'message': {'type': 'string', 'description': 'For people.'},
        'path': {'type': ['string', 'null'], 'description': 'What is wrong, such as body.name; null: the request.'},
    },
}


class MetaEnvelope(Envelope):
    """``{"meta": {"operation_id"}, "data"}``, and for errors ``{"meta", "errors": [{"message", "path"}]}``.

    A page of a list has its rows in ``data``, and links to the pages around it in ``meta``:
    ``"pagination": {"next", "prev"}``.
    """

    def wrap(self, data: Any) -> dict[str, Any]:
        """``meta`` and ``data``."""
        if isinstance(data, Paged):
            return {'meta': {**_meta(), 'pagination': data.links}, 'data': data.results}
        return {'meta': _meta(), 'data': data}

    def wrap_error(self, error: APIException) -> dict[str, Any]:
        """``meta`` and ``errors``: for invalid data each problem, otherwise the error's message alone."""
        return {
            'meta': _meta(),
            'errors': [{'message': message, 'path': path} for message, path in error.problems],
        }

    def describe(self, schema: Schema, results: Schema | None = None) -> Schema:
        """An object with ``meta`` and ``data``."""
        if results is None:
            return _object(meta=_META, data=schema)
        properties = {**_META['properties'], 'pagination': _PAGINATION}
        return _object(meta=_object(**properties), data=results)

    def describe_error(self) -> Schema:
        """An object with ``meta`` and ``errors``."""
        schema = _object(meta=_META, errors={'type': 'array', 'minItems': 1, 'items': _ERROR})
        return {**schema, 'description': 'Why a request was refused.'}


def _meta() -> dict[str, Any]:
    return {'operation_id': operation_id.get()}


def _object(**properties: Schema) -> Schema:
    return {'type': 'object', 'required': sorted(properties), 'properties': properties}
