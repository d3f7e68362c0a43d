"""Documents for endpoints, each validated as OpenAPI 3.1."""

import json as stdlib_json

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from colibris.authentication import AuthenticationBackend
from colibris.authentication.slot import slot as authentication_slot
from colibris.authorization.role import RoleBackend
from colibris.authorization.slot import slot as authorization_slot
from colibris.docs import build_document
from colibris.utils import json
from colibris.views.routing import read_routes


class TwoWaysBackend(AuthenticationBackend):
    """Clients may authenticate in one of two ways."""

    def authenticate(self, request):
        return None

    def security_schemes(self):
        return {
            'bearer': {'type': 'http', 'scheme': 'bearer'},
            'apiKey': {'type': 'apiKey', 'in': 'header', 'name': 'X-API-Key'},
        }


@pytest.fixture
def document(project):
    """The document for ``ROUTES``, as a client reads it."""
    project()

    def make(*routes, **info):
        built = build_document(read_routes(routes), **{'title': 'Shop', 'version': '1.2.3', **info})
        read = stdlib_json.loads(json.dumps(built))
        OpenAPIV31SpecValidator(read).validate()
        return read

    return make


@pytest.fixture
def operation(document):
    """The only operation of a route."""

    def make(*route, method='get'):
        (path,) = document(route)['paths'].values()
        return path[method]

    return make


@pytest.fixture
def schemas(document):
    """The component schemas for ``ROUTES``."""

    def make(*routes):
        return document(*routes)['components']['schemas']

    return make


@pytest.fixture
def with_accounts(project):
    """Authentication and authorization that demand something."""
    project()
    with authentication_slot.replace(TwoWaysBackend()), authorization_slot.replace(RoleBackend('role')):
        yield


def resolve(document, item):
    """What a reference refers to; anything else as it is."""
    for part in item['$ref'].split('/')[1:] if '$ref' in item else ():
        document = document[part]
    return document if '$ref' in item else item
