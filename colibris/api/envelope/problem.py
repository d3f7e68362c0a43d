"""Problem details for HTTP APIs."""

from http import HTTPStatus
from typing import Any

from colibris.api.envelope.base import Schema
from colibris.api.envelope.plain import PlainEnvelope
from colibris.api.exceptions import APIException
from colibris.log import operation_id

__all__ = ['ProblemDetails']

_UNTYPED = 'about:blank'


class ProblemDetails(PlainEnvelope):
    """Errors as RFC 9457 has them, and data as it is.

    Besides ``type``, ``title``, ``status`` and ``detail`` they have the members ``code``, ``details`` and
    ``operation_id``.

    :param type_url: the beginning of the URLs that say what a kind of problem means; the code follows. Without it the
        type is ``about:blank``: the status says it all.
    """

    error_content_type = 'application/problem+json'

    def __init__(self, type_url: str | None = None) -> None:
        self._type_url = type_url

    def wrap_error(self, error: APIException) -> dict[str, Any]:
        """The problem's members."""
        return {
            'type': f'{self._type_url}{error.code}' if self._type_url else _UNTYPED,
            'title': _title(error.status),
            'status': error.status,
            'detail': str(error),
            'code': error.code,
            'details': error.details,
            'operation_id': operation_id.get(),
        }

    def describe_error(self) -> Schema:
        """An object with these members."""
        plain = super().describe_error()
        texts = {name: {'type': 'string'} for name in ('title', 'detail', 'operation_id')}
        properties = {
            'type': {'type': 'string', 'format': 'uri'},
            **texts,
            'status': {'type': 'integer'},
            'code': plain['properties']['code'],
            'details': plain['properties']['details'],
        }
        return {**plain, 'required': sorted(properties), 'properties': properties}


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return 'Error'
