"""What protects an API is described: limits, and the token against forgery."""

import pytest

from colibris.authentication import AuthenticationBackend, require_authentication
from colibris.authentication.slot import slot as authentication_slot
from colibris.conf import settings
from colibris.ratelimit import limit_rate
from colibris.views import View


class CookieBackend(AuthenticationBackend):
    """Clients authenticate by a cookie, or not."""

    def authenticate(self, request):
        return None

    def security_schemes(self):
        return {
            'bearer': {'type': 'http', 'scheme': 'bearer'},
            'cookie': {'type': 'apiKey', 'in': 'cookie', 'name': 'session'},
        }


@pytest.fixture
def with_cookies(project):
    project()
    with authentication_slot.replace(CookieBackend()):
        yield


class ChangingView(View):
    def get(self):
        """Get."""

    def post(self):
        """Post."""


class LimitedView(View):
    authentication_required = False
    rate_limit = '5/hour'

    def get(self):
        """Get."""

    @limit_rate()
    def post(self):
        """Post."""


def names_of(operation):
    return [parameter['name'] for parameter in operation.get('parameters', ())]


def test_the_token(document, with_cookies):
    path = document(('/', ChangingView))['paths']['/']
    (parameter,) = path['post']['parameters']
    assert (parameter['in'], parameter['name'], parameter['required']) == ('header', 'X-CSRF-Token', False)
    assert path['post']['responses']['403'] == {'$ref': '#/components/responses/PermissionDenied'}
    assert names_of(path['get']) == []
    assert '403' not in path['get']['responses']


def test_no_token_where_nobody_asks_for_it(document, with_accounts):
    assert names_of(document(('/', ChangingView))['paths']['/']['post']) == []


def test_no_token_without_an_account(document, with_cookies):
    def public(request):
        """Public."""

    made = document(('/a', public, ['POST']), ('/b', require_authentication(lambda request: None), ['POST']))
    assert names_of(made['paths']['/a']['post']) == []
    assert names_of(made['paths']['/b']['post']) == ['X-CSRF-Token']


def test_limits_of_views(document):
    made = document(('/', LimitedView))
    assert made['paths']['/']['get']['responses']['429'] == {'$ref': '#/components/responses/TooManyRequests'}
    assert '429' not in made['paths']['/']['post']['responses']
    headers = made['components']['responses']['TooManyRequests']['headers']
    assert set(headers) == {'Retry-After', 'RateLimit', 'RateLimit-Policy'}


def test_limits_of_the_setting(document):
    with settings.override(RATE_LIMIT='10/second'):
        path = document(('/', LimitedView), ('/other', ChangingView))['paths']
    assert '429' in path['/other']['post']['responses']
    assert '429' not in path['/']['post']['responses']
