"""A project whose accounts log in by password, served, with sessions in the database or with tokens."""

import re
import sys

import pytest

from colibris import accounts
from colibris.email.memory import MemoryBackend
from colibris.email.slot import slot as email_slot
from colibris.test.passwords import QUICK_HASHER
from tests.views.serving import run, serve

__all__ = ['run', 'serve']

MODELS = """
from colibris import authentication, persist


class Organization(persist.Model):
    pass


class Item(persist.Model):
    pass


class User(persist.Model):
    username = persist.CharField(unique=True)
    password = persist.PasswordField(null=True)
    email = persist.CharField(null=True)
    verified_email = persist.CharField(null=True)
    role = persist.CharField(default='user')


class Robot(persist.Model):
    key = persist.CharField(default='robot')


class Session(authentication.SessionModel):
    pass
"""
ACCOUNTS = {
    'backend': 'colibris.accounts.AccountsBackend',
    'model': '__packagename__.models.User',
    'email_field': 'email',
    'verified_field': 'verified_email',
    'reset_url': 'https://shop.example/#/reset/{token}',
    'verification_url': 'https://shop.example/#/verify/{token}',
}
SESSION = {
    'backend': 'colibris.authentication.session.SessionBackend',
    'model': '__packagename__.models.User',
    'secret_field': 'password',
    'session_model': '__packagename__.models.Session',
}
TOKEN = {
    'backend': 'colibris.authentication.jwt.JWTBackend',
    'model': '__packagename__.models.User',
    'identity_field': 'username',
    'secret_field': 'password',
}
API_KEY = {
    'backend': 'colibris.authentication.apikey.APIKeyBackend',
    'model': '__packagename__.models.Robot',
    'key_field': 'key',
}
CHAIN = {'backend': 'colibris.authentication.chain.ChainBackend', 'backends': [API_KEY, SESSION]}
EMAIL = {'backend': 'colibris.email.memory.MemoryBackend', 'default_from': 'shop@shop.example'}
ROUTES = """
from colibris import accounts


class MeView(View):
    def get(self):
        return self.account.username


ROUTES = [('/me', MeView), *accounts.routes('/auth')]
"""
PASSWORD, NEW = 'correct horse', 'battery staple'


def make_settings(**settings):
    """The text of a settings module."""
    defaults = {
        'ACCOUNTS': ACCOUNTS,
        'AUTHENTICATION': SESSION,
        'EMAIL': EMAIL,
        'PASSWORDS': QUICK_HASHER,
        'SECRET_KEY': 'a secret key for tests, long enough for everything',
    }
    return '\n'.join(f'{name} = {value!r}' for name, value in {**defaults, **settings}.items()) + '\n'


def models():
    """The models of the project that is served."""
    return sys.modules[accounts.get_backend().model.__module__]


@pytest.fixture
def serve_accounts(serve, run):
    """A client of the project, in which there are ada and bob; the keywords are settings."""

    async def make(routes=ROUTES, engine='sqlite', extra='', **settings):
        client = await serve(routes, models=MODELS, settings=make_settings(**settings) + extra, engine=engine)
        for name in ('ada', 'bob'):
            await run(models().User.create, username=name, password=PASSWORD, email=f'{name}@shop.example')
        return client

    return make


@pytest.fixture
async def client(serve_accounts):
    return await serve_accounts()


@pytest.fixture
def outbox():
    """The messages that have been sent."""
    with email_slot.replace(MemoryBackend(default_from='shop@shop.example')) as backend:
        yield backend.outbox


async def log_in(client, password=PASSWORD, login='ada', **data):
    """The answer to logging in."""
    return await client.post('/auth/login', json={'login': login, 'password': password, **data})


async def who(client, **options):
    """Who the client is logged in as, if anybody."""
    response = await client.get('/me', **options)
    return await response.json() if response.status == 200 else None


def token_of(message):
    """The token in the link that a message brings."""
    return re.search(r'#/(?:reset|verify)/(\S+)$', message.body, re.MULTILINE)[1]


def events(caplog):
    """The security events that have been logged: their names and accounts."""
    facts = [record.security for record in caplog.records if record.name == 'colibris.security']
    return [(each['event'], each.get('account')) for each in facts]
