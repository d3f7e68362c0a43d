"""``manage.py check``: what it finds in a bad project, and that it finds nothing in a good one."""

import json
import shutil

import pytest

from .conftest import Shop
from .databases import succeed

GOOD_SETTINGS = """
DEBUG = False
SECRET_KEY = 'c6Zt4pQwLr0Vx9NfKjHs2DbGmYe7UaTi5oRzXqWv'
ALLOWED_HOSTS = ['api.example.com']
CORS_ORIGINS = ['https://app.example.com']
DATABASE = {'backend': 'colibris.persist.SQLiteBackend', 'name': 'shop.db'}
"""
BAD_SETTINGS = """
DEBUG = True
SECRETKEY = 'x'
SECRET_KEY = 'short'
CORS_ORIGINS = ['*', 'http://app.example.com']
HSTS_SECONDS = 0
DATABASE = {'backend': 'colibris.persist.SQLiteBackend', 'name': 'shop.db'}
EMAIL = {'backend': 'colibris.email.console.ConsoleBackend'}
"""
MODELS = """
from colibris import persist


class Owner(persist.Model):
    name = persist.CharField()


class Item(persist.Model):
    name = persist.CharField()
    owner = persist.ForeignKeyField(Owner)
    note = persist.TextField(null=True)
    price = persist.IntegerField(default=0)
"""
VIEWS = """
from colibris.schemas import ModelSchema, fields
from colibris.views import ListCreateModelView, RetrieveUpdateDestroyModelView
from shop import models


class ItemSchema(ModelSchema):
    {declared}

    class Meta:
        model = models.Item
        fields = {names}


class ItemsView(ListCreateModelView):
    model = models.Item
    body_schema_class = ItemSchema
    authentication_required = False


class ItemView(RetrieveUpdateDestroyModelView):
    model = models.Item
    body_schema_class = ItemSchema
    authentication_required = False


def hidden(request):
    return []


ROUTES = [('/items', ItemsView), ('/items/{{id}}', ItemView), {more}]
"""
GOOD_ROUTES = VIEWS.format(declared='', names="('id', 'name', 'owner')", more='')
BAD_ROUTES = VIEWS.format(
    declared='colour = fields.String()', names="('id', 'name', 'colour')", more="('/items/{{name}}', hidden)"
).replace('{{name}}', '{name}')


@pytest.fixture(scope='module')
def prepared(tmp_path_factory):
    shop = Shop(tmp_path_factory.mktemp('good'))
    shop.write(settings=GOOD_SETTINGS, models=MODELS, routes=GOOD_ROUTES)
    for command in ('makemigrations', 'migrate'):
        succeed(shop, command)
    return shop.directory


@pytest.fixture
def good(shop, prepared):
    shutil.copytree(prepared, shop.directory, dirs_exist_ok=True)
    return shop


def found(shop, *arguments):
    status, output, _ = shop.run('check', '--format', 'json', *arguments)
    return status, json.loads(output)


def ids(problems):
    return [problem['id'].removeprefix('colibris.') for problem in problems]


def test_a_good_project(good):
    assert found(good, '--deploy', '--fail-level', 'warning') == (0, [])
    assert good.run('check', '--deploy') == (0, '0 errors, 0 warnings.\n', '')


def test_a_bad_project(good):
    good.write(settings=BAD_SETTINGS, routes=BAD_ROUTES, migrations__m0002_more='def up(db):\n    pass\n')
    (good.package / 'migrations' / 'm0002_more.py').rename(good.package / 'migrations' / '0002_more.py')
    status, problems = found(good)
    assert status == 0
    assert ids(problems) == ['W001', 'W002', 'W003', 'W003', 'W004', 'W005']
    assert all(problem['message'] and problem['severity'] == 'warning' for problem in problems)
    assert found(good, '--fail-level', 'warning')[0] == 1

    status, problems = found(good, '--deploy')
    assert status == 1
    errors = ['E010', 'E011']
    assert ids(problems) == [
        *errors, 'W001', 'W002', 'W003', 'W003', 'W004', 'W005', 'W011', 'W012', 'W013', 'W014', 'W015',
    ]  # fmt: skip
    assert [problem['severity'] for problem in problems] == ['error'] * 2 + ['warning'] * 11


def test_what_people_read(good):
    good.write(settings=GOOD_SETTINGS.replace('SECRET_KEY', 'SECRETKEY'))
    assert good.run('check', '--deploy')[:2] == (
        1,
        'ERROR colibris.E011: SECRET_KEY is not set\n'
        "    make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'\n"
        'WARNING colibris.W001: colibris has no setting SECRETKEY\n'
        '    did you mean SECRET_KEY?\n'
        '1 errors, 1 warnings.\n',
    )


@pytest.mark.parametrize('key', ['', 'a' * 31, 'ab' * 30])
def test_secret_keys_that_can_be_guessed(good, key):
    good.write(settings=GOOD_SETTINGS + (f'SECRET_KEY = {key!r}' if key else 'SECRET_KEY = None'))
    assert ids(found(good, '--deploy')[1]) == ['E011']


def test_wrong_settings(shop):
    shop.write(settings='DEBUG = 5\nPORT = "x"\nSECRET_KEY = 7')
    status, problems = found(shop)
    assert (status, ids(problems)) == (1, ['E001'] * 3)
    assert problems[2]['message'].startswith('SECRET_KEY = ***: ')


def test_an_application_that_cannot_be_made(good):
    good.write(settings=GOOD_SETTINGS + "CACHE = {'backend': 'a.B'}\nMIDDLEWARE = []", routes='ROUTES = [5]')
    status, problems = found(good)
    assert (status, ids(problems)) == (1, ['E002'])
    assert problems[0]['message'].startswith("CACHE = {'backend': 'a.B'}: ")


def test_an_edited_migration(good):
    (path,) = (good.package / 'migrations').glob('0001_*.py')
    path.write_text(path.read_text() + '\nNEW = 1\n')
    status, problems = found(good)
    assert (status, ids(problems)) == (1, ['E004'])
    assert 'edited' in problems[0]['message']


def test_a_database_that_is_away(good):
    settings = (
        "DATABASE = {'backend': 'colibris.persist.PostgreSQLBackend', 'name': 'x', 'host': '127.0.0.1', 'port': 1}"
    )
    good.write(settings=f'{GOOD_SETTINGS}\n{settings}')
    status, problems = found(good, '--deploy')
    assert (status, ids(problems)) == (1, ['E003'])


def test_a_projects_own_checks(good):
    good.write(
        checks="""
        from colibris import checks
        from colibris.conf import settings


        @checks.register
        def check_currency():
            yield checks.warning('shop.W001', f'no rates on port {settings.PORT}', 'buy some')


        @checks.register(deploy=True)
        def check_stock():
            return [checks.error('shop.E001', 'no stock')]
        """
    )
    assert ids(found(good)[1]) == ['shop.W001']
    assert ids(found(good, '--deploy')[1]) == ['shop.E001', 'shop.W001']


def test_checks_that_cannot_be_imported(good):
    good.write(checks='import nothing_of_this_name')
    status, _, errors = good.run('check')
    assert status == 1
    assert 'nothing_of_this_name' in errors
