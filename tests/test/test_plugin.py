"""manage.py test: the pytest plugin in a project of its own."""

import re

import pytest

MODELS = """
from colibris import persist


class User(persist.Model):
    username = persist.CharField(unique=True)
    password = persist.CharField()
    first_name = persist.CharField()
    last_name = persist.CharField()
    email = persist.CharField()
"""
APP = """
from colibris import app, persist


def get_health():
    if not persist.connectivity_check():
        raise app.HealthException('database connectivity check failed')

    return 'healthy'
"""
ROUTES = """
from colibris.schemas import ModelSchema
from colibris.views import ListCreateModelView
from colibris.views.filtering import ModelFilter, operators
from shop.models import User


class UserSchema(ModelSchema):
    class Meta:
        model = User
        load_only = ('password',)


class UserFilter(ModelFilter):
    class Meta:
        model = User
        fields = {'username': (operators.REGEXP,)}


class UsersView(ListCreateModelView):
    model = User
    body_schema_class = UserSchema
    filter_class = UserFilter


ROUTES = [('/users', UsersView)]
"""
FIXTURES = """
import pytest

from shop import models

CONSTANT = 'test_user'


@pytest.fixture
def test_user():
    yield models.User.create(username='test_user', password='test_password',
                             first_name='Test', last_name='User',
                             email='testuser@example.com')


@pytest.fixture
async def async_user():
    return models.User.create(username='async_user', password='x', first_name='', last_name='', email='')
"""
HEALTH = """
from colibris import persist


async def test_health_check_healthy(web_app_client):
    resp = await web_app_client.get('/health')
    assert resp.status == 200

    j = await resp.json()
    assert j == 'healthy'


async def test_health_check_db_down(web_app_client):
    persist.get_database().drop()

    resp = await web_app_client.get('/health')
    assert resp.status == 500

    j = await resp.json()
    assert j['code'] == 'unhealthy'
"""
USERS = """
import pytest

from colibris import persist
from colibris.test import utils
from shop.models import User
from shop.tests.fixtures import CONSTANT


@pytest.mark.parametrize('attempt', range(3))
def test_sync_tests_start_afresh(attempt):
    assert User.select().count() == 0
    User.create(username='x', password='x', first_name='', last_name='', email='')


@pytest.mark.parametrize('attempt', range(3))
async def test_async_tests_start_afresh(attempt):
    assert User.select().count() == 0
    assert User.create(username='x', password='x', first_name='', last_name='', email='').id == 1


def test_fixture_in_a_plain_test(test_user):
    assert User.get().username == CONSTANT


async def test_fixture_in_an_async_test(test_user, async_user, web_app_client):
    resp = await web_app_client.get('/users')
    assert resp.status == 200

    j = await resp.json()
    utils.assert_is_envelope(j, count=2)
    assert 'password' not in j['results'][0]
    User.delete().execute()
    utils.assert_is_envelope(await (await web_app_client.get('/users')).json(), count=0, pages=0, page=1, page_size=25)


async def test_regular_expressions_after_a_fixture(test_user, async_user, web_app_client):
    utils.assert_is_envelope(await (await web_app_client.get('/users?username__regexp=^test')).json(), count=1)


async def test_rows_that_requests_make_are_seen(web_app_client):
    body = {'username': 'x', 'password': 'x', 'first_name': '', 'last_name': '', 'email': ''}
    assert (await web_app_client.post('/users', json=body)).status == 201
    assert [user.username for user in User] == ['x']


def test_the_database_is_that_of_tests():
    assert str(persist.get_database().database).endswith('test_shop.db')


def test_drop_in_a_plain_test():
    persist.get_database().drop()
    assert not persist.connectivity_check()


def something_else_test():
    raise AssertionError('the name does not start with test_')


def test_after_that_it_is_back(web_app):
    assert persist.connectivity_check()
    assert '/users' in [resource.canonical for resource in web_app.router.resources()]
"""


@pytest.fixture
def tested(shop):
    """A project with a model, its migration, and tests."""
    shop.write(models=MODELS, app=APP, routes=ROUTES)
    assert shop.run('makemigrations', 'initial')[0] == 0
    tests = shop.package / 'tests'
    tests.mkdir()
    for name, text in (('__init__', ''), ('fixtures', FIXTURES), ('test_health', HEALTH), ('test_users', USERS)):
        (tests / f'{name}.py').write_text(text)
    return shop


def outcome(output):
    """What pytest counts in its last line."""
    return {word: int(number) for number, word in re.findall(r'(\d+) (\w+)', output.splitlines()[-1]) if word != 'in'}


def test_reference_tests_pass(tested):
    status, output, errors = tested.run('test', 'shop/tests/test_health.py')
    assert (status, errors) == (0, ''), output
    assert outcome(output) == {'passed': 2}


def test_everything(tested):
    before = {path.name for path in tested.directory.iterdir()}
    status, output, errors = tested.run('test', '-k', 'not something_else', '-W', 'error')
    assert (status, errors) == (0, ''), output
    assert outcome(output)['passed'] == 15
    assert not {path.name for path in tested.directory.iterdir()} - before - {'.pytest_cache'}


def test_arguments_go_to_pytest(tested):
    status, output, _ = tested.run('test', '-q', '-k', 'plain_test', '--no-header', '-x')
    assert status == 0, output
    assert outcome(output)['passed'] == 2
    status, output, _ = tested.run('test', 'shop/tests/test_health.py::test_health_check_healthy', '-v')
    assert (status, outcome(output)) == (0, {'passed': 1})
    assert tested.run('test', '-k', 'nothing_like_this')[0] == 5


def test_failures_have_their_status(tested):
    (tested.package / 'tests' / 'test_users.py').write_text('def test_wrong():\n    assert 1 == 2\n')
    status, output, _ = tested.run('test')
    assert (status, outcome(output)['failed']) == (1, 1)


def test_database_of_tests_can_be_chosen(tested):
    settings = (tested.package / 'settings.py').read_text()
    (tested.package / 'settings.py').write_text(settings + "TEST_DATABASE = {'name': ':memory:'}\n")
    status, output, errors = tested.run(
        'test', '-W', 'error', '-k', 'health or afresh or fixture_in or drop or expressions or is_back'
    )
    assert (status, errors) == (0, ''), output


def test_project_without_a_database(shop):
    shop.write(settings='', models='')
    tests = shop.package / 'tests'
    tests.mkdir()
    (tests / '__init__.py').touch()
    (tests / 'test_health.py').write_text(HEALTH.partition('async def test_health_check_db_down')[0])
    status, output, _ = shop.run('test')
    assert (status, outcome(output)) == (0, {'passed': 1}), output
