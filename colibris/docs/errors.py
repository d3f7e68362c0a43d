"""The error answers that operations share."""

import contextvars
from typing import Any

from colibris import api
from colibris.api.envelope import Envelope, envelope_of
from colibris.log import operation_id

__all__ = ['ErrorAnswers']

_EXCEPTIONS: dict[int, type[api.APIException]] = {
    exception.status: exception
    for exception in (
        api.InvalidRequest,
        api.NotAuthenticated,
        api.PermissionDenied,
        api.NotFound,
        api.Conflict,
        api.PreconditionFailed,
        api.PayloadTooLarge,
        api.UnsupportedMediaType,
        api.UpgradeRequired,
        api.PreconditionRequired,
        api.TooManyRequests,
        api.HeadersTooLarge,
        api.ServiceUnavailable,
    )
}
_DESCRIPTIONS = {400: 'The request could not be understood, or it holds invalid data.'}
_OUTSIDE = (400, 404)  # may be answered before a view, with its envelope, is known
_DETAILS = {400: {'body': {'name': ['Missing data for required field.']}}}
_RETRY_AFTER = {'Retry-After': {'description': 'When to try again, in seconds.', 'schema': {'type': 'integer'}}}
_RATE_LIMIT = {
    'RateLimit-Policy': {'description': 'The limits; the form is an IETF draft.', 'schema': {'type': 'string'}},
    'RateLimit': {'description': 'What they leave.', 'schema': {'type': 'string'}},
}
_HEADERS = {
    401: {'WWW-Authenticate': {'description': 'How to authenticate.', 'schema': {'type': 'string'}}},
    429: {**_RETRY_AFTER, **_RATE_LIMIT},
    503: _RETRY_AFTER,
}
_OPERATION_ID = '0f8fad5b-d9cb-469f-a165-70867728950e'


class ErrorAnswers:
    """The answers with errors, as components of the document: one for each status, in each envelope that views have.

    :param components: apispec's components.
    """

    def __init__(self, components: Any) -> None:
        self._components = components
        self._suffixes: dict[Envelope, str] = {}
        self._known: set[str] = set()

    def reference(self, status: int, view: Any) -> dict[str, Any]:
        """A reference to the answer that a view gives with an error's status."""
        envelope = envelope_of(view)
        exception = _EXCEPTIONS[status]
        name = f'{exception.__name__}{self._suffix(envelope)}'
        if name not in self._known:
            self._known.add(name)
            self._components.response(name, self._response(exception, envelope))
        reference: dict[str, Any] = self._components.get_ref('response', name)
        return reference

    def _suffix(self, envelope: Envelope) -> str:
        """What follows the names of components for an envelope: nothing for the project's own."""
        if envelope not in self._suffixes:
            own = '' if envelope is envelope_of(None) else f'In{type(envelope).__name__}'
            suffix = f'{own}{len(self._suffixes)}' if own in self._suffixes.values() else own
            self._suffixes[envelope] = suffix
            self._components.schema(f'Error{suffix}', envelope.describe_error())
        return self._suffixes[envelope]

    def _response(self, exception: type[api.APIException], envelope: Envelope) -> dict[str, Any]:
        status = exception.status
        error = exception(details=_DETAILS.get(status))
        content = {envelope.error_content_type: self._media(error, envelope)}
        if status in _OUTSIDE and envelope is not envelope_of(None):
            _add_alternative(content, envelope_of(None).error_content_type, self._media(error, envelope_of(None)))
        return {
            'description': _DESCRIPTIONS.get(status, str(error)),
            **({'headers': _HEADERS[status]} if status in _HEADERS else {}),
            'content': content,
        }

    def _media(self, error: api.APIException, envelope: Envelope) -> dict[str, Any]:
        return {
            'schema': {'$ref': f'#/components/schemas/Error{self._suffix(envelope)}'},
            'example': contextvars.copy_context().run(_example, envelope, error),
        }


def _add_alternative(content: dict[str, Any], media_type: str, media: dict[str, Any]) -> None:
    known = content.setdefault(media_type, media)
    if known is not media:
        known['schema'] = {'anyOf': [known['schema'], media['schema']]}


def _example(envelope: Envelope, error: api.APIException) -> Any:
    operation_id.set(_OPERATION_ID)
    return envelope.wrap_error(error)
