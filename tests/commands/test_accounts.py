"""``createuser``, ``changepassword`` and ``createtoken``."""

import io
import os
import pty
import sys
from argparse import ArgumentParser

import pytest
from aiohttp.test_utils import make_mocked_request

from colibris import authentication
from colibris.authentication import passwords
from colibris.commands.registry import Registry
from colibris.errors import ColibrisError
from tests.views.serving import create_tables

MODELS = """
from colibris import persist


class Team(persist.Model):
    name = persist.CharField()


class User(persist.Model):
    username = persist.CharField(unique=True)
    password = persist.PasswordField()
    email = persist.CharField()
    age = persist.IntegerField(null=True)
    team = persist.ForeignKeyField(Team, null=True)
    role = persist.CharField(default='user', choices=[('user', 'User'), ('admin', 'Admin')])
"""
SETTINGS = """
DATABASE = {'backend': 'colibris.persist.SQLiteBackend', 'name': 'shop.db'}
ACCOUNTS = {'backend': 'colibris.accounts.AccountsBackend', 'model': '__packagename__.models.User'}
AUTHENTICATION = {
    'backend': 'colibris.authentication.jwt.JWTBackend',
    'model': '__packagename__.models.User',
    'identity_field': 'username',
    'secret_field': 'password',
}
PASSWORDS = {'backend': 'colibris.authentication.passwords.scrypt.ScryptHasher', 'log2_cost': 4}
SECRET_KEY = 'a secret key for tests, long enough for everything'
"""
PASSWORD, NEW = 'correct horse', 'battery staple'


@pytest.fixture
def start(project):
    """Have a project with these settings and empty tables but for one team; gives its models."""

    def make(settings=SETTINGS):
        name = project(settings=settings, models=MODELS)
        create_tables(name)
        models = sys.modules[f'{name}.models']
        models.Team.create(name='reds')
        return models

    return make


@pytest.fixture
def models(start):
    return start()


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command: ``run('createuser', 'ada', stdin='…')`` gives what it prints."""

    def call(name, *arguments, stdin=''):
        monkeypatch.setattr(sys, 'stdin', io.StringIO(stdin))
        command, parser = Registry('nothing').find(name)(), ArgumentParser()
        command.add_arguments(parser)
        command.handle(parser.parse_args(arguments))
        return capsys.readouterr().out

    monkeypatch.setattr(Registry, '_has_project_module', lambda self: False)
    return call


@pytest.fixture
def create(run):
    """Create ada, with more arguments."""
    return lambda *arguments, stdin=PASSWORD: run(
        'createuser', 'ada', 'email=ada@shop.example', *arguments, stdin=stdin
    )


def fits(models, password):
    return passwords.verify(password, models.User.get(username='ada').password)


def test_create(models, create):
    assert create('role=admin', 'age=36', 'team=1', stdin=f'{PASSWORD}\nmore') == 'Created user 1.\n'
    user = models.User.get()
    assert (user.username, user.email, user.role, user.age, user.team.name) == (
        'ada', 'ada@shop.example', 'admin', 36, 'reds',
    )  # fmt: skip
    assert fits(models, PASSWORD)


@pytest.mark.parametrize(
    ('arguments', 'stdin', 'problem'),
    [
        (['createuser', 'ada'], PASSWORD, 'say what these are, as FIELD=VALUE: email'),
        (['createuser', 'ada', 'email'], PASSWORD, "'email' has to look like FIELD=VALUE"),
        (['createuser', 'ada', 'mail=x'], PASSWORD, "User has no field 'mail'"),
        (['createuser', 'ada', 'email=x', 'age=old'], PASSWORD, 'age: Not a valid integer.'),
        (['createuser', 'ada', 'email=x', 'role=king'], PASSWORD, 'role: Must be one of: user, admin.'),
        (['createuser', 'ada', 'email=x', 'team=9'], PASSWORD, 'the user cannot be created: FOREIGN KEY'),
        (['createuser', 'ada', 'email=x', 'password=x'], PASSWORD, 'a password must not stand in a command'),
        (['createuser', 'ada', 'email=x'], '', 'the password cannot be used: Must have at least 10 characters.'),
        (['createuser', 'ada', 'email=x'], 'password123', 'the password cannot be used: Is too easy to guess'),
        (['createuser', 'adalove', 'email=x'], 'adalove271', 'too easy to guess for those who know the account'),
        (['changepassword', 'eve'], PASSWORD, "there is no user whose username is 'eve'"),
        (['createtoken', 'eve'], '', "there is no user whose username is 'eve'"),
    ],
)
def test_mistakes(models, run, arguments, stdin, problem):
    with pytest.raises(ColibrisError) as caught:
        run(*arguments, stdin=stdin)
    assert problem in str(caught.value)
    assert stdin not in str(caught.value) or not stdin
    assert not models.User.select().exists()


def test_there_is_one_already(models, create):
    create()
    with pytest.raises(ColibrisError, match='the user cannot be created: UNIQUE'):
        create()


def test_without_a_password(models, create, run):
    assert create('--no-password', stdin='') == 'Created user 1.\n'
    assert not fits(models, '')
    run('changepassword', 'ada', stdin=NEW)
    assert fits(models, NEW)


def test_change(models, create, run):
    create()
    with pytest.raises(ColibrisError, match='too easy to guess'):
        run('changepassword', 'ada', stdin='ada@shop.example')
    assert fits(models, PASSWORD)
    assert run('changepassword', 'ada', stdin=NEW) == ''
    assert not fits(models, PASSWORD)
    assert fits(models, NEW)


def test_token(models, create, run, caplog):
    create()
    token = run('createtoken', 'ada').strip()
    request = make_mocked_request('GET', '/', headers={'Authorization': f'Bearer {token}'})
    assert authentication.get_backend().authenticate(request) == models.User.get()
    assert token not in caplog.text


def test_key(start, run, create):
    key = {'backend': 'colibris.authentication.apikey.APIKeyBackend', 'model': '__packagename__.models.User'}
    models = start(f'{SETTINGS}\nAUTHENTICATION = { ({**key, "key_field": "role"})!r}')
    create()
    assert run('createtoken', 'ada').strip() == models.User.get().role


@pytest.mark.parametrize(
    ('removed', 'command', 'problem'),
    [
        ('ACCOUNTS', ['createuser', 'ada'], 'ACCOUNTS is not set'),
        ('ACCOUNTS', ['changepassword', 'ada'], 'ACCOUNTS is not set'),
        ('AUTHENTICATION', ['createtoken', 'ada'], 'AUTHENTICATION has no JWTBackend and no APIKeyBackend'),
    ],
)
def test_settings_that_are_missing(start, run, removed, command, problem):
    start(f'{SETTINGS}\n{removed} = {{}}\n')
    with pytest.raises(ColibrisError, match=problem):
        run(*command, stdin=PASSWORD)


def test_field_that_does_not_hash(start, create):
    """No password is ever written as it is."""
    models = start(SETTINGS.replace("models.User'}", "models.User', 'password_field': 'email'}", 1))
    with pytest.raises(ColibrisError, match=r'models\.User\.email is no PasswordField'):
        create()
    assert not models.User.select().exists()


def test_the_password_is_typed_twice_and_not_shown(shop):
    """On a terminal, in processes of their own."""
    shop.write(models=MODELS, settings=SETTINGS.replace('__packagename__', 'shop'))
    assert shop.run('shell', '-c', 'Team.create_table(); User.create_table()')[0] == 0
    arguments = ('createuser', 'ada', 'email=ada@shop.example')
    status, shown = on_terminal(shop, *arguments, answers=[PASSWORD, PASSWORD + '!'])
    assert (status, 'these are two passwords' in shown) == (1, True)
    status, shown = on_terminal(shop, *arguments, answers=[PASSWORD, PASSWORD])
    assert (status, 'Created user 1.' in shown) == (0, True)
    assert PASSWORD not in shown


def on_terminal(shop, *arguments, answers):
    """The status, and what the terminal and the standard output have shown."""
    leader, follower = pty.openpty()
    with shop.start(*arguments, stdin=follower, stderr=follower, start_new_session=True) as process:
        os.close(follower)
        shown = b''
        for answer in answers:
            while not shown.endswith(b': '):
                shown += os.read(leader, 1000)
            os.write(leader, answer.encode() + b'\n')
            shown += os.read(leader, 1000)
        output, _ = process.communicate(timeout=60)
    while chunk := read(leader):
        shown += chunk
    os.close(leader)
    return process.returncode, shown.decode() + output


def read(leader):
    try:
        return os.read(leader, 1000)
    except OSError:  # the other end is closed
        return b''
