import importlib.util
import os
import subprocess
import sys

import pytest

from colibris import checks
from colibris.authentication.keys import secret_key
from colibris.checks.builtin import cookies, deployment, permissions
from colibris.conf import settings
from colibris.errors import ConfigurationError


@pytest.fixture
def registry():
    return checks.Registry()


def test_the_worst_comes_first(registry):
    @registry.register
    def one():
        yield checks.warning('x.W002', 'two')
        yield checks.error('x.E001', 'one', 'hint')

    @registry.register
    def other():
        return [checks.warning('x.W001', 'one')]

    assert [problem.id for problem in registry.run()] == ['x.E001', 'x.W001', 'x.W002']
    assert registry.run()[0] == checks.Problem('x.E001', checks.Severity.ERROR, 'one', 'hint')


def test_those_of_production_run_when_they_are_asked_for(registry):
    @registry.register(deploy=True)
    def one():
        yield checks.warning('x.W001', 'one')

    assert registry.run() == []
    assert [problem.id for problem in registry.run(deploy=True)] == ['x.W001']
    assert list(one()) == registry.run(deploy=True)


@pytest.mark.parametrize('variable', ['', 'AIOHTTP', 'MULTIDICT', 'YARL', 'FROZENLIST', 'PROPCACHE'])
def test_extensions_that_are_not_used(variable):
    """The packages read these variables when they are imported."""
    show = 'print(*[(each.message, each.hint) for each in check_extensions()])'
    code = f'from colibris.checks.builtin.deployment import check_extensions; {show}'
    environment = {**os.environ, f'{variable}_NO_EXTENSIONS': '1'}
    result = subprocess.run([sys.executable, '-c', code], env=environment, capture_output=True, text=True, check=True)
    found = (f'{variable.lower()} runs without its C extension, many times slower', f'unset {variable}_NO_EXTENSIONS')
    assert result.stdout.strip() == (str(found) if variable else '')


def test_packages_that_are_not_installed(monkeypatch):
    find_spec, missing = importlib.util.find_spec, ('orjson', 'psycopg', 'uvloop')
    monkeypatch.setattr(importlib.util, 'find_spec', lambda name: None if name in missing else find_spec(name))
    assert list(deployment.check_extensions()) == []
    found = [(problem.id, problem.message.split()[0]) for problem in deployment.check_speed()]
    assert found == [('colibris.W018', 'orjson'), ('colibris.W018', 'uvloop')]


def test_a_package_in_python_only(monkeypatch):
    monkeypatch.setitem(deployment._EXTENSIONS, 'peewee', 'peewee.Model')
    (problem,) = deployment.check_extensions()
    assert (problem.id, problem.message) == ('colibris.W016', 'peewee runs without its C extension, many times slower')


SESSIONS = {'backend': 'colibris.authentication.session.SessionBackend', 'model': 'a.B', 'cookie_domain': 'Example.com'}
CHAIN = {'backend': 'colibris.authentication.chain.ChainBackend', 'backends': [SESSIONS]}


@pytest.mark.parametrize('configuration', [SESSIONS, CHAIN])
def test_cookies(project, configuration):
    project()
    with settings.override(AUTHENTICATION=configuration, DEBUG=True):
        (problem,) = cookies.check_cookie_flags()
        assert problem.id == 'colibris.W019'
        assert "the cookie 'session' holds credentials, but is not Secure" in problem.message
    with settings.override(AUTHENTICATION=configuration, DEBUG=False):
        assert list(cookies.check_cookie_flags()) == []


@pytest.mark.parametrize('configuration', [SESSIONS, CHAIN])
@pytest.mark.parametrize(
    ('hosts', 'is_found'),
    [
        ([], False),
        (['*'], False),
        (['example.com'], False),
        (['api.example.com', 'localhost'], False),
        (['.example.com'], False),
        (['example.org'], True),
        (['badexample.com'], True),
    ],
)
def test_domains_of_cookies(project, configuration, hosts, is_found):
    project()
    with settings.override(AUTHENTICATION=configuration, ALLOWED_HOSTS=hosts):
        assert [problem.id for problem in cookies.check_cookie_domains()] == ['colibris.W020'] * is_found


def test_no_cookies(project):
    project()
    with settings.override(ALLOWED_HOSTS=['example.com'], DEBUG=True):
        assert [*cookies.check_cookie_domains(), *cookies.check_cookie_flags()] == []


VIEWS = """
    from colibris.authorization import require_permission

    @require_permission('admin')
    def one(request):
        return []

    @require_permission('nobody')
    def two(request):
        return []

    def three(request):
        return []

    ROUTES = [('/one', one), ('/two', two, ['POST']), ('/three', three)]
"""
ROLES = {'backend': 'colibris.authorization.role.RoleBackend', 'role_field': 'role', 'order': ['user', 'admin']}


def test_permissions(project):
    project(routes=VIEWS)
    (problem,) = permissions.check_permissions()
    assert problem.id == 'colibris.W006'
    assert 'the permissions that GET /one, POST /two demand' in problem.message
    with settings.override(AUTHORIZATION=ROLES):
        (problem,) = permissions.check_permissions()
        assert problem.id == 'colibris.W007'
        assert problem.message == "POST /two demands 'nobody', which no account can have"
        assert problem.hint == 'AUTHORIZATION knows these: user, admin'
    with settings.override(AUTHORIZATION={**ROLES, 'order': ['nobody', 'user', 'admin']}):
        assert list(permissions.check_permissions()) == []


def test_no_permissions(project):
    project(routes='ROUTES = []')
    assert list(permissions.check_permissions()) == []


@pytest.mark.parametrize('key', ['change-me', 'ChangeMe', 'django-insecure-', 'your-secret-key', 'put your key here'])
def test_placeholders(project, key):
    project(settings=f'DEBUG = False\nSECRET_KEY = {key * 8!r}')
    assert [problem.id for problem in deployment.check_secret_key()] == ['colibris.E011']
    with pytest.raises(ConfigurationError, match=r'^SECRET_KEY is a placeholder that everybody can read; make one'):
        secret_key()
    with settings.override(DEBUG=True):
        assert secret_key()
