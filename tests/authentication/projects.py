"""The project that the tests of authentication serve, and how its backends are configured."""

import sys

import pytest
from aiohttp import web

from colibris.app import create_app
from colibris.errors import ConfigurationError

SECRET_KEY = 'a secret key for tests, long enough for every algorithm: 64 bytes or more'
ISSUER, AUDIENCE = 'https://issuer.example.com', 'the-service'

MODELS = """
from colibris import authentication, persist


class Organization(persist.Model):
    pass


class User(persist.Model):
    name = persist.CharField(unique=True)
    password = persist.CharField(default='first')
    key = persist.CharField(null=True)
    role = persist.CharField(default='reader')


class Robot(persist.Model):
    key = persist.CharField()


class Session(authentication.SessionModel):
    pass


class Item(persist.Model):
    pass
"""

ROUTES = """
from colibris import authentication
from colibris.api import Conflict


def name_of(request):
    account = get_account(request)
    return account and account.name


@require_authentication
def private(request):
    return name_of(request)


class PrivateView(View):
    def get(self):
        return self.account.name


async def log_in(request):
    data = await request.json()
    authentication.login(request, models.User.get(name=data['name']), data.get('persistent', False))
    if data.get('fail'):
        raise Conflict('logged in, and then something went wrong')
    return name_of(request)


def log_out(request):
    authentication.logout(request)
    if 'fail' in request.query:
        raise Conflict('logged out, and then something went wrong')
    return name_of(request)


class SessionView(View):
    authentication_required = False

    async def post(self):
        data = await self.request.json()
        authentication.login(self.request, models.User.get(name=data['name']), persistent=True)
        return self.account.name

    @require_authentication
    def delete(self):
        authentication.logout(self.request)


async def stream(request):
    authentication.login(request, models.User.get(name='ada'))
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b'begun')
    return response


ROUTES = [
    ('/public', name_of), ('/private', private), ('/view', PrivateView), ('/login', log_in, ['POST']),
    ('/logout', log_out, ['POST']), ('/session', SessionView), ('/stream', stream),
    ('/by-cookie', authentication.is_authenticated_by_cookie),
]
"""


def backend(name, **options):
    """A backend's configuration."""
    return {'backend': f'colibris.authentication.{name}', 'model': '__packagename__.models.User', **options}


JWT = backend('jwt.JWTBackend')
API_KEY = backend('apikey.APIKeyBackend', key_field='key')
SESSION_IN_CACHE = backend('session.SessionBackend')
SESSION = {**SESSION_IN_CACHE, 'session_model': '__packagename__.models.Session'}
LOCAL_CACHE = {'CACHE': {'backend': 'colibris.cache.locmem.LocMemBackend'}}


def settings_of(configuration, **others):
    """The text of settings with this ``AUTHENTICATION``."""
    values = {'AUTHENTICATION': configuration, 'SECRET_KEY': SECRET_KEY, **others}
    return '\n'.join(f'{name} = {value!r}' for name, value in values.items()) + '\n'


def models():
    """The module ``models`` of the project that is served."""
    (found,) = [
        module for name, module in sys.modules.items() if name.startswith('sample') and name.endswith('.models')
    ]
    return found


@pytest.fixture
def serve_users(serve, run):
    """Serve the project with this ``AUTHENTICATION``: a client, and the account ``ada``."""

    async def make(configuration, engine='sqlite', routes=ROUTES, **others):
        client = await serve(routes, models=MODELS, settings=settings_of(configuration, **others), engine=engine)
        account = await run(lambda: models().User.create(name='ada', key='right'))
        await run(lambda: models().User.create(name='bob'))
        return client, account

    return make


@pytest.fixture
def refusal(project):
    """Start the project with this ``AUTHENTICATION``, which must fail: why it has."""

    async def make(configuration, routes='ROUTES = []', **others):
        project(models=MODELS, settings=settings_of(configuration, **others), routes=routes)
        with pytest.raises(ConfigurationError) as caught:
            runner = web.AppRunner(create_app())
            try:
                await runner.setup()
            finally:
                await runner.cleanup()
        return str(caught.value)

    return make
