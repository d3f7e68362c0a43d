import pytest
from aiohttp_apispec import docs

from colibris.authentication import require_authentication
from colibris.authorization import require_one_permission, require_permission
from colibris.views import APIView, View


class PrivateView(View):
    def get(self):
        """Get."""


class PublicView(View):
    authentication_required = False

    def get(self):
        """Get."""

    @require_permission('admin')
    def post(self):
        """Post."""


def function(request):
    """Get."""


EITHER_WAY = [{'bearer': []}, {'apiKey': []}]


def test_any_one_scheme_is_enough(with_accounts, document):
    made = document(('/', PrivateView))
    assert made['paths']['/']['get']['security'] == EITHER_WAY
    assert set(made['components']['securitySchemes']) == {'bearer', 'apiKey'}


def test_nothing_is_asked_for_where_no_account_is_needed(with_accounts, document):
    made = document(('/', PublicView), ('/function', function))
    for operation in (made['paths']['/']['get'], made['paths']['/function']['get']):
        assert 'security' not in operation
        assert list(operation['responses']) == ['200']


@pytest.mark.parametrize('decorate', [require_authentication, require_permission('admin')])
def test_decorated_functions_need_an_account(with_accounts, operation, decorate):
    assert operation('/', decorate(lambda request: None))['security'] == EITHER_WAY


def test_permissions_of_a_method_count(with_accounts, operation):
    described = operation('/', PublicView, method='post')
    assert described['security'] == EITHER_WAY
    assert list(described['responses']) == ['200', '401', '403']


def test_permissions_are_named(with_accounts, operation):
    @require_permission('audit')
    @require_one_permission('boss', 'admin')
    def view(request):
        """Do it."""

    assert operation('/', view)['description'] == 'Needs the permission `admin` or `boss` and `audit`.'


def test_permissions_of_the_class_count(with_accounts, operation):
    class AdminView(APIView):
        permissions = ('admin',)

        def get(self):
            """Get."""

    assert '403' in operation('/', AdminView)['responses']


def test_401_says_how_to_authenticate(with_accounts, document):
    made = document(('/', PrivateView))
    assert made['paths']['/']['get']['responses']['401'] == {'$ref': '#/components/responses/NotAuthenticated'}
    answer = made['components']['responses']['NotAuthenticated']
    assert answer['headers']['WWW-Authenticate']['schema'] == {'type': 'string'}
    assert answer['content']['application/json']['schema'] == {'$ref': '#/components/schemas/Error'}
    assert answer['content']['application/json']['example']['code'] == 'not_authenticated'


def test_without_authentication_nothing_is_asked_for(document):
    made = document(('/', PrivateView), ('/admin', require_permission('admin')(lambda request: None)))
    for path in made['paths'].values():
        assert 'security' not in path['get']
        assert list(path['get']['responses']) == ['200']
    assert 'securitySchemes' not in made['components']


def test_decorators_win(with_accounts, document):
    made = document(('/', docs(security=[{'bearer': []}])(lambda request: None)))
    assert made['paths']['/']['get']['security'] == [{'bearer': []}]
