"""The OpenAPI document while it is being made."""

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from colibris import authentication
from colibris.docs.bodies import request_body
from colibris.docs.converter import Converter
from colibris.docs.errors import ErrorAnswers
from colibris.docs.identifiers import Identifiers
from colibris.docs.operations import METHODS, Operation
from colibris.docs.parameters import parameters
from colibris.docs.responses import responses

__all__ = ['Document']

OPENAPI_VERSION = '3.1.0'


class Document:
    """Collects endpoints.

    :param title: the name of the API.
    :param version: the version of the API.
    :param description: what the API is for, in Markdown.
    """

    def __init__(self, title: str, version: str, description: str = '') -> None:
        plugin = _Plugin()
        info = {'description': description} if description else {}
        self._spec = APISpec(title, version, OPENAPI_VERSION, plugins=[plugin], info=info)
        self._converter: Converter = plugin.converter
        self._identifiers = Identifiers()
        self._described: set[tuple[str, str]] = set()
        self._tags: dict[str, str] = {}
        self._errors = ErrorAnswers(self._spec.components)
        for name, scheme in authentication.get_backend().security_schemes().items():
            self._spec.components.security_scheme(name, scheme)

    def add(self, endpoint: Any) -> None:
        """Describe what an endpoint does for each of its methods, unless that has been described already."""
        for method in (method for method in METHODS if method in endpoint.methods):
            operation = Operation(endpoint, method)
            key = (operation.path.template, method)
            if key not in self._described:
                self._described.add(key)
                self._spec.path(operation.path.template, operations={method.lower(): self._describe(operation)})

    def as_dict(self) -> dict[str, Any]:
        """The document."""
        document: dict[str, Any] = self._spec.to_dict()
        document['tags'] = [
            {'name': name, **({'description': text} if text else {})} for name, text in self._tags.items()
        ]
        return {name: document.get(name, {}) for name in ('openapi', 'info', 'tags', 'paths', 'components')}

    def _describe(self, operation: Operation) -> dict[str, Any]:
        for tag in operation.tags:
            self._tags[tag] = self._tags.get(tag) or operation.tag_description
        facts = {
            'operationId': self._identifiers.claim(operation),
            'tags': operation.tags,
            'summary': operation.summary,
            'description': operation.description,
            'deprecated': operation.metadata.get('deprecated', False),
            'externalDocs': operation.metadata.get('externalDocs'),
            'parameters': parameters(operation, self._converter),
            'requestBody': request_body(operation, self._converter),
            'responses': responses(operation, self._converter, self._errors),
            'security': operation.security,
        }
        return {name: value for name, value in facts.items() if value}


class _Plugin(MarshmallowPlugin):
    """apispec's plugin with colibris' converter."""

    Converter = Converter
    converter: Any
