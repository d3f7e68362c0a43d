"""Names and tokens that no database can look up, on every engine, inside and outside of a transaction."""

import base64
import time

import pytest

from tests.accounts.conftest import NEW, PASSWORD, log_in
from tests.views.serving import engine

__all__ = ['engine']

ATOMIC = "DATABASE['atomic_requests'] = True\n"
NAMES = ['ada\0', '\0', '\ud800', '9' * 200, '\U0001f98a' * 50, "'", '\\', '%', '\x1b[2J\n']


@pytest.fixture(params=[False, True], ids=['plain', 'atomic'])
async def client(request, engine, serve_accounts):
    return await serve_accounts(engine=engine, extra=ATOMIC if request.param else '')


async def test_names(client):
    for name in NAMES:
        assert (await log_in(client, PASSWORD, name)).status in (400, 401), name
        response = await client.post('/auth/password/reset', json={'email': f'{name}@shop.example'})
        assert response.status in (202, 400), name
    assert (await log_in(client)).status == 204


async def test_tokens(client):
    for name in (*NAMES, '-1', '1.5', '1_0', ' 1', '9' * 30, '1e9', 'nan'):
        identity = base64.urlsafe_b64encode(name.encode('utf-8', 'surrogatepass')).decode().rstrip('=')
        token = f'{identity}.{int(time.time()) + 60}.{"A" * 43}'
        confirmation = await client.post('/auth/password/reset/confirm', json={'token': token, 'new_password': NEW})
        verification = await client.post('/auth/email/confirm', json={'token': token})
        assert (confirmation.status, verification.status) == (400, 400), name
    assert (await log_in(client)).status == 204
