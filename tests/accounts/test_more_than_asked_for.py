"""What a client writes beside what a view asks for: its role, an id, whatever it would like to have."""

import pytest

from tests.accounts.conftest import NEW, PASSWORD, SESSION, TOKEN, log_in, models, token_of

REQUESTS = {
    ('POST', '/auth/login'): {'login': 'ada', 'password': PASSWORD},
    ('POST', '/auth/logout'): {},
    ('PUT', '/auth/password'): {'current_password': PASSWORD, 'new_password': NEW},
    ('POST', '/auth/password/reset'): {'email': 'ada@shop.example'},
    ('POST', '/auth/password/reset/confirm'): {'token': 'reset', 'new_password': NEW},
    ('POST', '/auth/email/verify'): {},
    ('POST', '/auth/email/confirm'): {'token': 'verification'},
}
MORE = {
    'role': 'admin',
    'id': 2,
    'username': 'bob',
    'verified_email': 'ada@shop.example',
    'account': 2,
    'user': {'id': 2},
}


@pytest.mark.parametrize('more', MORE)
@pytest.mark.parametrize('authentication', [SESSION, {**TOKEN, 'cookie_name': 'token'}], ids=['session', 'token'])
async def test_it_changes_nothing(serve_accounts, run, outbox, authentication, more):
    client = await serve_accounts(AUTHENTICATION=authentication)
    assert (await log_in(client)).status == 204
    before = await rows(run)
    await client.post('/auth/password/reset', json={'email': 'ada@shop.example'})
    await client.post('/auth/email/verify')
    tokens = dict(zip(('reset', 'verification'), map(token_of, outbox), strict=True))
    for (method, path), data in REQUESTS.items():
        if path == '/auth/logout':
            continue
        body = {**data, more: MORE[more]}
        if 'token' in data:
            body['token'] = tokens[data['token']]
        for url, sent in ((path, body), (f'{path}?{more}=2', body)):
            response = await client.request(method, url, json=sent)
            assert response.status == (202 if path == '/auth/email/verify' else 400), (path, await response.text())
    assert await rows(run) == before
    assert await (await client.get('/me')).json() == 'ada'


async def rows(run):
    return await run(lambda: list(models().User.select().order_by(models().User.id).tuples()))
