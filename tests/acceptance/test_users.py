"""The generated project's API, over HTTP."""

import pytest

from tests.acceptance.outside import Client

ADA = {'username': 'ada', 'email': 'ada@example.com', 'first_name': 'Ada', 'last_name': 'Lovelace'}


@pytest.fixture
def ada(admin: Client):
    answer = admin.post('/users', ADA)
    assert answer.status == 201
    yield answer.data
    admin.delete(f'/users/{answer.data["id"]}')


def test_public_pages(anonymous: Client) -> None:
    assert anonymous.get('/').status == 200
    assert anonymous.get('/health').data == 'healthy'


def test_life_of_a_user(admin: Client, ada: dict) -> None:
    path = f'/users/{ada["id"]}'
    assert ada['role'] == 'user'
    assert len(ada['api_key']) > 30

    user = admin.get(path).data
    assert user == {name: value for name, value in ada.items() if name != 'api_key'}
    assert admin.patch(path, {'first_name': 'Augusta'}).data == {**user, 'first_name': 'Augusta'}
    replaced = admin.put(path, {'username': 'countess'}).data
    assert replaced == {**user, 'username': 'countess', 'email': None, 'first_name': '', 'last_name': ''}
    assert admin.delete(path).status == 204
    assert admin.get(path).status == 404


def test_list_is_filtered_sorted_and_cut(admin: Client, ada: dict) -> None:
    everybody = admin.get('/users?ordering=-username').data
    assert [user['username'] for user in everybody['results']] == ['admin', 'ada']
    assert {name: everybody[name] for name in ('count', 'pages', 'page', 'page_size')} == {
        'count': 2,
        'pages': 1,
        'page': 1,
        'page_size': 25,
    }
    page = admin.get('/users?ordering=username&page=2&page_size=1').data
    assert ([user['username'] for user in page['results']], page['pages']) == (['admin'], 2)
    assert [user['username'] for user in admin.get('/users?username=ada').data['results']] == ['ada']
    assert admin.get('/users?username=nobody').data['count'] == 0


def test_own_account(server, ada: dict) -> None:
    own = server.client.with_key(ada['api_key'])
    assert own.get('/users/me').data['username'] == 'ada'
    assert server.client.get('/users/me', **{'X-API-Key': ada['api_key']}).status == 200


@pytest.mark.parametrize(
    ('method', 'path'),
    [('GET', '/users/me'), ('GET', '/users'), ('POST', '/users'), ('GET', '/users/1'), ('DELETE', '/users/1')],
)
def test_401_without_or_with_wrong_key(anonymous: Client, method: str, path: str) -> None:
    for client in (anonymous, anonymous.with_key('wrong')):
        answer = client.request(method, path, {} if method == 'POST' else None)
        assert (answer.status, answer.data['code']) == (401, 'not_authenticated')
        assert answer.headers['WWW-Authenticate'] == 'Bearer'


def test_403_for_an_ordinary_user(server, ada: dict) -> None:
    answer = server.client.with_key(ada['api_key']).get('/users')
    assert (answer.status, answer.data['code']) == (403, 'permission_denied')


def test_what_clients_write_about_themselves_changes_nothing(server, admin: Client, ada: dict) -> None:
    own, path = server.client.with_key(ada['api_key']), f'/users/{ada["id"]}'
    before = admin.get(path).data
    for data in ({'role': 'admin'}, {'id': 1}, {'api_key': 'known'}, {**ADA, 'username': 'eve', 'role': 'admin'}):
        refusals = [own.patch(path, data), own.put(path, data), own.post('/users', data), own.patch('/users/me', data)]
        assert [answer.status for answer in refusals] == [403, 403, 403, 405]
    assert own.get('/users?role=admin', **{'X-Role': 'admin'}).status == 403
    for data in ({'id': 1}, {'api_key': 'known'}, {'created': '2000-01-01T00:00:00Z'}):
        assert [answer.status for answer in (admin.patch(path, data), admin.post('/users', {**ADA, **data}))] == [
            400,
            400,
        ]
    assert admin.get(path).data == before
    assert own.get('/users/me').data['id'] == ada['id']


@pytest.mark.parametrize('path', ['/users/4711', '/users/x', '/users/999999999999999999999999', '/nowhere'])
def test_404(admin: Client, path: str) -> None:
    answer = admin.get(path)
    assert (answer.status, answer.data['code']) == (404, 'not_found')


@pytest.mark.parametrize(
    ('body', 'field'),
    [
        ({}, 'username'),
        ({'username': ''}, 'username'),
        ({'username': 'x' * 65}, 'username'),
        ({'username': 1}, 'username'),
        ({'username': 'x', 'email': 'no address'}, 'email'),
        ({'username': 'x', 'role': 'king'}, 'role'),
        ({'username': 'x', 'id': 7}, 'id'),
        ({'username': 'x', 'api_key': 'mine'}, 'api_key'),
        ({'username': 'x', 'unknown': True}, 'unknown'),
    ],
)
def test_400_names_the_field(admin: Client, body: dict, field: str) -> None:
    answer = admin.post('/users', body)
    assert (answer.status, answer.data['code']) == (400, 'invalid_request')
    assert list(answer.data['details']['body']) == [field]
    assert field in answer.data['message']


@pytest.mark.parametrize(
    'body', [b'', b'{', b'[]', b'"x"', b'{"username": NaN}', b'\xff', b'{"username": "\\ud800"}', b'[' * 100_000]
)
def test_400_for_what_is_no_json_object(admin: Client, body: bytes) -> None:
    answer = admin.post('/users', body)
    assert answer.status == 400
    assert set(answer.data) == {'code', 'message', 'details'}


def test_400_for_wrong_query(admin: Client) -> None:
    answer = admin.get('/users?page=0&page_size=1000&role=x')
    assert answer.status == 400
    assert set(answer.data) == {'code', 'message', 'details'}


def test_409_for_a_taken_name(admin: Client, ada: dict) -> None:
    answer = admin.post('/users', ADA)
    assert (answer.status, answer.data['code']) == (409, 'conflict')
    assert list(answer.data['details']['body']) == ['username']


def test_405_names_the_allowed_methods(admin: Client) -> None:
    answer = admin.request('PUT', '/users', {})
    assert (answer.status, answer.data['code']) == (405, 'method_not_allowed')
    assert answer.headers['Allow'] == 'GET, HEAD, OPTIONS, POST'


def test_413_and_415(admin: Client) -> None:
    assert admin.post('/users', b' ' * (10 * 1024**2 + 1)).status == 413
    assert admin.post('/users', b'{}', **{'Content-Type': 'text/plain'}).status == 415


def test_operation_id(anonymous: Client) -> None:
    assert anonymous.get('/', **{'X-Request-ID': 'abc-123'}).headers['X-Request-ID'] == 'abc-123'
    made = anonymous.get('/nowhere', **{'X-Request-ID': 'forged id'}).headers['X-Request-ID']
    assert made != 'forged id'
    assert len(made) == 36
