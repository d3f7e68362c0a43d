"""manage.py test: limits start anew with each test, and the client sends the token that cookies need."""

from tests.commands.conftest import SETTINGS as DATABASE

SETTINGS = """
AUTHENTICATION = {
    'backend': 'colibris.authentication.jwt.JWTBackend',
    'model': 'shop.models.User',
    'identity_field': 'name',
    'cookie_name': 'credentials',
}
SECRET_KEY = 'long enough for a test, and for nothing else'
RATE_LIMIT = '3/hour'
RATE_LIMIT_STORAGE = {'backend': 'colibris.ratelimit.redis.RedisBackend', 'port': 1, 'on_failure': 'closed'}
"""
MODELS = """
from colibris import persist


class User(persist.Model):
    name = persist.CharField(unique=True)
"""
ROUTES = """
from colibris import authentication
from shop.models import User


def log_in(request):
    authentication.login(request, User.create(name='ada'))
    return 'in'


@authentication.require_authentication
def change(request):
    return 'changed'


ROUTES = [('/login', log_in, ['POST']), ('/change', change, ['POST'])]
"""
TEST_LIMITS = """
import pytest


@pytest.mark.parametrize('again', range(2))
async def test_limits(web_app_client, again):
    assert [(await web_app_client.get('/change')).status for _ in range(4)] == [405, 405, 405, 429]


async def test_cookies(web_app_client):
    assert (await web_app_client.post('/login')).status == 200
    assert (await web_app_client.post('/change')).status == 200
    assert (await web_app_client.post('/change', headers={'X-CSRF-Token': 'wrong'})).status == 403
"""


def test_in_a_project(shop):
    shop.write(settings=DATABASE + SETTINGS, models=MODELS, routes=ROUTES, tests__test_limits=TEST_LIMITS)
    shop.run('makemigrations')
    status, output, errors = shop.run('test')
    assert (status, '3 passed' in output) == (0, True), output + errors
