"""The order of the steps, as the docstring of colibris.middleware numbers them."""

import re
import sys

import colibris.middleware
from colibris import bridge
from colibris.app.pipeline import PIPELINE
from colibris.log import operation_id

MODULES = {
    'steps': """
        from aiohttp import web
        from colibris import bridge
        from colibris.authentication import get_account
        from colibris.log import operation_id

        seen = []

        def spy(name):
            @web.middleware
            async def middleware(request, handler):
                seen.append((name, operation_id.get() != '-', bridge.is_driven(), get_account(request) is not None,
                             'data' in request))
                return await handler(request)
            return middleware

        before_errors, before_auth, before_validation, before_view = map(spy, ('errors', 'auth', 'validation', 'view'))
        """,
}
SETTINGS = """
MIDDLEWARE = [
    '__packagename__.steps.before_errors',
    'colibris.middleware.handle_errors_json',
    '__packagename__.steps.before_auth',
    'colibris.middleware.handle_auth',
    '__packagename__.steps.before_validation',
    'colibris.middleware.handle_schema_validation',
    '__packagename__.steps.before_view',
]
"""
ROUTES = """
from aiohttp_apispec import request_schema
from __packagename__ import steps


class BodySchema(Schema):
    name = fields.String()


@request_schema(BodySchema())
def view(request):
    return steps.seen


ROUTES = [('/view', view, ['POST'])]
"""
PROTECTED = """
ALLOWED_HOSTS = ['127.0.0.1']
AUTHENTICATION = {'backend': '__packagename__.cookies.Backend'}
CORS_ORIGINS = ['https://app.example.com']
RATE_LIMIT = '10/second by address; 10/second by account'
"""
COOKIES = """
from colibris.authentication import AuthenticationBackend


class Backend(AuthenticationBackend):
    def authenticate(self, request):
        return None

    def security_schemes(self):
        return {'cookie': {'type': 'apiKey', 'in': 'cookie', 'name': 'session'}}
"""


async def test_each_step_finds_what_those_before_it_did(serve):
    client = await serve(ROUTES, settings=SETTINGS, **MODULES)
    seen = await (await client.post('/view', json={'name': 'x'})).json()
    assert seen == [
        ['errors', True, True, False, False],
        ['auth', True, True, False, False],
        ['validation', True, True, True, False],
        ['view', True, True, True, True],
    ]
    assert operation_id.get() == '-'
    assert not bridge.is_driven()


async def test_the_docstring_numbers_the_steps_in_their_order(serve):
    translated = "TEMPLATE = {'backend': 'colibris.template.jinja2.Jinja2Backend', 'translations': 'gettext'}\n"
    settings = f"DATABASE['atomic_requests'] = COMPRESS_RESPONSES = True\n{translated}{PROTECTED}"
    client = await serve('ROUTES = []', settings=settings, cookies=COOKIES)
    documented = re.findall(r'^\d+\. :func:`~?(?:[\w.]+\.)?(\w+)`', colibris.middleware.__doc__, re.MULTILINE)
    assert [step.__name__ for step in client.app[PIPELINE].steps] == documented
    numbers = re.findall(r'^(\d+)\. ', colibris.middleware.__doc__, re.MULTILINE)
    assert numbers == [str(number) for number in range(1, len(documented) + 2)]
    for number, step in enumerate(client.app[PIPELINE].steps, start=1):
        assert sys.modules[step.__module__].__doc__.startswith(f'Step {number}:')
