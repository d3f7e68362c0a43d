"""No envelope."""

from typing import Any

from colibris.api.envelope.base import Envelope, Schema
from colibris.api.exceptions import APIException

__all__ = ['PlainEnvelope']


class PlainEnvelope(Envelope):
    """Data as it is, and errors as ``{"code", "message", "details"}``."""

    def wrap(self, data: Any) -> Any:
        """The data itself."""
        return data

    def wrap_error(self, error: APIException) -> dict[str, Any]:
        """``code``, ``message`` and ``details``."""
        return error.body

    def describe(self, schema: Schema, results: Schema | None = None) -> Schema:
        """The schema itself."""
        return schema

    def describe_error(self) -> Schema:
        """An object with the three members."""
        return {
            'type': 'object',
            'description': 'Why a request was refused.',
            'required': ['code', 'details', 'message'],
            'properties': {
                'code': {'type': 'string', 'description': 'For programs.'},
                'message': {'type': 'string', 'description': 'For people.'},
                'details': {'description': 'More, where there is more to say: for invalid data the problems by field.'},
            },
        }
