"""What has been made for one purpose is worth nothing for another one."""

import pytest

from colibris import authentication
from colibris.authentication.apikey import APIKeyBackend
from colibris.authentication.jwt import JWTBackend
from tests.accounts.conftest import ACCOUNTS, NEW, SESSION, TOKEN, log_in, models, token_of

OF_USER = {**TOKEN, 'cookie_name': 'token', 'identity_field': 'id'}
KEY = {
    'backend': 'colibris.authentication.apikey.APIKeyBackend', 'model': SESSION['model'], 'key_field': 'role',
    'hashed': True,
}  # fmt: skip
CHAIN = {'backend': 'colibris.authentication.chain.ChainBackend', 'backends': [KEY, SESSION, OF_USER]}
KINDS = ('session', 'token', 'key', 'csrf', 'reset', 'verification', 'hash')


@pytest.fixture
async def client(serve_accounts):
    return await serve_accounts(AUTHENTICATION=CHAIN)


@pytest.fixture
async def secrets(client, outbox, run):
    """One of each kind, all of ada's and all of them right."""
    response = await log_in(client)
    made = {'session': response.cookies['session'].value, 'csrf': response.headers['X-CSRF-Token']}
    assert (await client.post('/auth/email/verify')).status == 202
    made['verification'] = token_of(outbox.pop())
    assert (await client.post('/auth/password/reset', json={'email': 'ada@shop.example'})).status == 202
    made['reset'] = token_of(outbox.pop())
    client.session.cookie_jar.clear()
    ada = await run(lambda: models().User.get(username='ada'))
    made['token'] = await run(authentication.get_backend(JWTBackend).issue, ada)
    made['key'] = await run(authentication.get_backend(APIKeyBackend).issue, ada)
    return {**made, 'hash': str(ada.password)}


USES = {
    'bearer': lambda client, secret: client.get('/me', headers={'Authorization': f'Bearer {secret}'}),
    'x-api-key': lambda client, secret: client.get('/me', headers={'X-API-Key': secret}),
    'session cookie': lambda client, secret: client.get('/me', headers={'Cookie': f'session={secret}'}),
    'token cookie': lambda client, secret: client.get('/me', headers={'Cookie': f'token={secret}'}),
    'reset': lambda client, secret: client.post(
        '/auth/password/reset/confirm', json={'token': secret, 'new_password': NEW}
    ),
    'verification': lambda client, secret: client.post('/auth/email/confirm', json={'token': secret}),
    'password': lambda client, secret: log_in(client, secret),
}
RIGHT = {
    ('bearer', 'token'), ('bearer', 'key'), ('x-api-key', 'key'), ('session cookie', 'session'),
    ('token cookie', 'token'), ('reset', 'reset'), ('verification', 'verification'),
}  # fmt: skip


@pytest.mark.parametrize('use', USES)
async def test_only_what_it_was_made_for(client, secrets, use):
    assert set(secrets) == set(KINDS)
    assert ACCOUNTS['reset_url'] not in secrets.values()
    for kind, secret in secrets.items():
        status = (await USES[use](client, secret)).status
        assert (status in (200, 204)) is ((use, kind) in RIGHT), (use, kind, status)
