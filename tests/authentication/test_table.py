"""Every backend against every kind of credentials, right ones and wrong ones, at every rule, from outside.

That permissions add up as they should is the matter of tests/authorization/test_rules.py.
"""

import asyncio
from itertools import cycle, product

import pytest

from tests.authentication.credentials import BACKENDS, NoBackend
from tests.authentication.projects import ROUTES, models
from tests.authentication.rules import AUTHORIZATION, FOR_EDITORS, FOR_EVERYBODY, RULES
from tests.authentication.wrong_credentials import WRONG, algorithm_none, all_of, malformed, no_credentials
from tests.views.serving import error_of


@pytest.fixture
def of(request, provider, monkeypatch):
    return request.param(provider, monkeypatch)


@pytest.fixture
def serve_rules(serve_users):
    """Serve a project with every rule: a client, and an account that meets none but that there has to be one."""

    async def make(of):
        return await serve_users(of.configuration, routes=ROUTES + RULES, AUTHORIZATION=AUTHORIZATION, **of.settings)

    return make


@pytest.mark.parametrize('case', WRONG, ids=lambda case: case.__name__)
@pytest.mark.parametrize('of', BACKENDS, indirect=True, ids=lambda kind: kind.__name__)
async def test_wrong_credentials(serve_rules, of, case):
    """The first ones of a case are tried at every rule, the others each at another one."""
    client, account = await serve_rules(of)
    first, *others = await all_of(case(of, client, account))
    paths = (*FOR_EVERYBODY, *FOR_EDITORS)
    for headers, path in [*product([first], paths), *zip(others, cycle(paths), strict=False)]:
        response = await client.get(path, headers=headers)
        error = await error_of(response, 401)
        assert error['code'] == 'not_authenticated', headers
        assert response.headers['WWW-Authenticate'] == of.challenge
        assert 'Set-Cookie' not in response.headers
        response = await client.get('/public', headers=headers)
        assert (response.status, await response.json()) == (200, None), headers


@pytest.mark.parametrize('of', BACKENDS, indirect=True, ids=lambda kind: kind.__name__)
async def test_right_credentials(serve_rules, run, of):
    client, account = await serve_rules(of)
    headers = await of.right(client, account)
    for role in ('', 'reader', 'editor', 'admin'):
        await run(models().User.update(role=role).execute)
        for path in ('/public', *FOR_EVERYBODY, *FOR_EDITORS):
            response = await client.get(path, headers=headers)
            if path in FOR_EDITORS and role not in ('editor', 'admin'):
                assert (await error_of(response, 403))['code'] == 'permission_denied', (path, role)
            else:
                assert (response.status, await response.json()) == (200, 'ada'), (path, role)


@pytest.mark.parametrize('of', BACKENDS, indirect=True, ids=lambda kind: kind.__name__)
async def test_changed_password(serve_users, of):
    client, account = await serve_users(of.configuration, **of.settings)
    headers = await of.right(client, account)
    await of.change_password(account)
    response = await client.get('/private', headers=headers)
    assert response.status == (401 if of.ends_with_password else 200)
    assert (await client.get('/private', headers=await of.right(client, account))).status == 200


@pytest.mark.parametrize('case', [no_credentials, malformed, algorithm_none], ids=lambda case: case.__name__)
async def test_without_a_backend_everybody_is_the_dummy_account(serve_users, provider, monkeypatch, case):
    of = NoBackend(provider, monkeypatch)
    client, account = await serve_users(of.configuration)
    for headers in await all_of(case(of, client, account)):
        assert await (await client.get('/private', headers=headers)).json() == 'anonymous'


@pytest.mark.parametrize('of', BACKENDS, indirect=True, ids=lambda kind: kind.__name__)
async def test_bytes_that_are_no_text(serve_users, of):
    client, _ = await serve_users(of.configuration, **of.settings)
    for name, value in (item for text in ('X', 'a.b.X') for item in {**of.headers(text), 'X-API-Key': text}.items()):
        reader, writer = await asyncio.open_connection(client.host, client.port)
        head = f'GET /private HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{name}: {value}\r\n\r\n'
        writer.write(head.encode().replace(b'X\r', b'\xff\r'))
        assert (await reader.read()).startswith(b'HTTP/1.1 401 ')
        writer.close()
        await writer.wait_closed()
