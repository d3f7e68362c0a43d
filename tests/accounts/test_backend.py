"""What ``ACCOUNTS`` may say."""

import pytest
from aiohttp import web

from colibris.app import create_app
from colibris.errors import ConfigurationError
from tests.accounts.conftest import ACCOUNTS, API_KEY, CHAIN, MODELS, SESSION, TOKEN, make_settings
from tests.views.serving import DATABASE


@pytest.mark.parametrize(
    ('changes', 'settings', 'problem'),
    [
        ({'model': '__packagename__.models.Nobody'}, {}, "has no 'Nobody'"),
        ({'model': '__packagename__.settings.ACCOUNTS'}, {}, 'is no model'),
        ({'model': None}, {}, "'model' must be a text"),
        ({'login_field': 'name'}, {}, "has no field 'name'"),
        ({'password_field': 'secret'}, {}, "has no field 'secret'"),
        ({'password_field': 'role'}, {}, r'models\.User\.role is no PasswordField'),
        ({'email_field': 'mail'}, {}, "has no field 'mail'"),
        ({'verified_field': 'is_verified'}, {}, "has no field 'is_verified'"),
        ({'email_field': None}, {}, "say in 'email_field' where the address is"),
        ({'verified_field': None}, {}, "'verification_url' needs a 'verified_field'"),
        ({'reset_url': 'https://shop.example/'}, {}, "'reset_url' must be a URL with {token} in it"),
        ({'verification_url': 5}, {}, "'verification_url' must be a URL with {token} in it"),
        ({'reset_seconds': 0}, {}, "'reset_seconds' must be from 1"),
        ({'verification_seconds': '1'}, {}, "'verification_seconds' must be a whole number"),
        ({'users': 1}, {}, "'users' is not known to AccountsBackend"),
        ({}, {'SECRET_KEY': None}, 'SECRET_KEY is not set'),
        ({}, {'SECRET_KEY': 'short', 'DEBUG': False}, 'SECRET_KEY has 5 bytes'),
        ({}, {'EMAIL': {}}, 'links are sent by e-mail: set EMAIL'),
        ({'backend': 'colibris.accounts.views.LoginView'}, {}, 'is no subclass of'),
    ],
)
async def test_mistakes(project, changes, settings, problem):
    text = make_settings(ACCOUNTS={**ACCOUNTS, **changes}, AUTHENTICATION={}, **settings)
    project(settings=DATABASE + text, models=MODELS, routes='ROUTES = []')
    with pytest.raises(ConfigurationError, match=problem):
        await start()


async def start():
    runner = web.AppRunner(create_app())
    try:
        await runner.setup()
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ('backend', 'warned'),
    [
        (SESSION, False),
        ({**SESSION, 'secret_field': None}, True),
        (TOKEN, False),
        ({**TOKEN, 'secret_field': None}, True),
        (API_KEY, False),
        (CHAIN, False),
        ({**CHAIN, 'backends': [API_KEY, {**SESSION, 'secret_field': None}]}, True),
        ({}, False),
    ],
)
async def test_credentials_that_outlive_passwords_are_warned_of(project, caplog, backend, warned):
    project(settings=DATABASE + make_settings(AUTHENTICATION=backend), models=MODELS, routes='ROUTES = []')
    await start()
    assert ("AUTHENTICATION has no 'secret_field'" in caplog.text) is warned


async def test_without_links_neither_key_nor_mail_is_needed(project):
    accounts = {name: ACCOUNTS[name] for name in ('backend', 'model')}
    text = make_settings(ACCOUNTS=accounts, AUTHENTICATION={}, SECRET_KEY=None, EMAIL={})
    project(settings=DATABASE + text, models=MODELS, routes='ROUTES = []')
    await start()
