"""Nothing that a client sends gives a 500, or hangs."""

import asyncio
import gzip
import json

import pytest

from tests.views.serving import error_of

ROUTES = """
from aiohttp_apispec import form_schema, headers_schema


class ItemsView(ListCreateModelView):
    model = models.Item
    body_schema_class = ItemSchema


class NamedView(RetrieveMixin, ModelView):
    model = models.Item
    body_schema_class = ItemSchema
    lookup_field = 'name'


class LooseSchema(Schema):
    amount = fields.Integer()
    name = fields.String()


class LooseView(ModelView, ListMixin, CreateMixin):
    model = models.Item
    body_schema_class = LooseSchema
    query_schema_class = LooseSchema


@form_schema(LooseSchema())
def form(request):
    return request['form']


@headers_schema(LooseSchema())
def headers(request):
    return request['headers']


def echo(request):
    return {'path': request.path, 'query': list(request.query.items()), 'body': None}


ROUTES = [
    ('/items', ItemsView), ('/named/{name}', NamedView), ('/loose', LooseView), ('/form', form, ['POST']),
    ('/headers', headers), ('/echo', echo),
]
"""


@pytest.fixture
async def client(serve):
    return await serve(ROUTES, settings='MAX_REQUEST_BODY_SIZE = 1000000\n')


def nested(depth, opening='[', closing=']'):
    return (opening * depth + closing * depth).encode()


BROKEN = {
    'empty': b'',
    'space': b' ',
    'cut': b'{"name": "x"',
    'two': b'{}{}',
    'words': b'name=x',
    'not UTF-8': b'{"name": "\xff"}',
    'UTF-16': '{"name": "x"}'.encode('utf-16'),
    'byte order mark': b'\xef\xbb\xbf{}',
    'raw surrogate': b'{"name": "\xed\xa0\x80"}',
    'surrogate': b'{"name": "\\ud800"}',
    'surrogate key': b'{"\\udfff": 1}',
    'NaN': b'{"weight": NaN}',
    'infinity': b'{"weight": -Infinity}',
    'huge float': b'{"weight": 1e999}',
    'huge integer': b'{"amount": ' + b'9' * 5000 + b'}',
    'deep list': nested(100_000),
    'deep object': nested(100_000, '{"a":', '}'),
    'deep open list': b'[' * 100_000,
    'deep extra': b'{"name": "x", "extra": ' + nested(900) + b'}',
    'deep extra with escapes': b'{"name": "x", "extra": ' + b'[' * 900 + b'"\\u0041"' + b']' * 900 + b'}',
    'control character': b'{"name": "\x01"}',
}


@pytest.mark.parametrize('body', BROKEN.values(), ids=BROKEN)
async def test_broken_json(client, body):
    error = await error_of(await client.post('/items', data=body, headers={'Content-Type': 'application/json'}), 400)
    assert error['code'] == 'bad_request'


@pytest.mark.parametrize('body', ['[]', '[{}]', '1', 'true', 'null', '"x"', '1.5'])
async def test_wrong_top_level_type(client, body):
    response = await client.post('/items', data=body, headers={'Content-Type': 'application/json'})
    error = await error_of(response, 400)
    assert error['details'] == {'body': {'_schema': ['Invalid input type.']}}


async def test_nesting_that_is_allowed(client):
    response = await client.post('/items', json={'name': 'x', 'extra': json.loads(nested(90))})
    assert response.status == 201
    many = [[] for _ in range(1000)]
    assert (await client.post('/items', json={'name': 'y', 'extra': many})).status == 201


@pytest.mark.parametrize(
    'content_type',
    [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data',
        'application/xml',
        'garbage',
        'json',
        'a/b;c',
    ],
)
async def test_wrong_content_type(client, content_type):
    response = await client.post('/items', data=b'{"name": "x"}', headers={'Content-Type': content_type})
    error = await error_of(response, 415)
    assert error['code'] == 'unsupported_media_type'


@pytest.mark.parametrize(
    'content_type', ['application/json', 'application/json; charset=utf-8', 'Application/JSON', 'application/x+json']
)
async def test_json_content_types(client, content_type):
    response = await client.post('/items', data=b'{"name": "x"}', headers={'Content-Type': content_type})
    assert response.status == 201


async def test_no_content_type(client):
    response = await client.post('/items', data=b'{"name": "x"}', skip_auto_headers=['Content-Type'])
    assert response.status == 201


async def test_nul_characters(client):
    assert (await client.post('/items', json={'name': 'a\0b'})).status == 201
    assert (await (await client.get('/named/a%00b')).json())['name'] == 'a\0b'
    await error_of(await client.get('/named/%00'), 404)
    assert (await (await client.get('/loose?name=a%00b')).json())['count'] == 1


async def test_numbers_that_no_column_holds(client):
    await error_of(await client.get(f'/loose?amount={10**25}'), 400)
    await error_of(await client.get('/loose?amount=' + '9' * 5000), 400)
    error = await error_of(await client.post('/loose', json={'name': 'x', 'amount': 10**25}), 400)
    assert error['code'] == 'invalid_request'


async def test_thousands_of_fields_and_parameters(client):
    error = await error_of(await client.post('/items', json={f'x{number}': 1 for number in range(20_000)}), 400)
    assert len(error['message']) < 2000
    error = await error_of(await client.post('/items', json={'x' * 500_000: 1}), 400)
    assert len(error['message']) < 2000
    assert (await client.get('/items?' + '&'.join(f'a{number}=1' for number in range(1000)))).status == 200
    assert (await client.get('/items?' + '&'.join(['page=1'] * 1000))).status == 200


async def raw(client, *, method='GET', path='/echo', headers=b'', body=b''):
    """The status and the body that a request gets, written byte by byte."""
    reader, writer = await asyncio.open_connection(client.host, client.port)
    path = path if isinstance(path, bytes) else path.encode()
    writer.write(
        method.encode() + b' ' + path + b' HTTP/1.1\r\nHost: x\r\nConnection: close\r\n' + headers + b'\r\n' + body
    )
    head = await asyncio.wait_for(reader.readuntil(b'\r\n\r\n'), 5)
    fields = dict(line.split(b': ', 1) for line in head.split(b'\r\n')[1:] if line)
    content = await asyncio.wait_for(reader.readexactly(int(fields.get(b'Content-Length', 0))), 5)
    writer.close()
    return int(head.split()[1]), content


@pytest.mark.parametrize(
    ('path', 'status'),
    [
        ('/echo?a=%ff', 200),
        ('/echo?a=%ED%A0%80', 200),
        ('/echo?%', 200),
        ('/echo?%zz=%', 200),
        ('/echo?a=b#c', 200),
        ('/echo?&&&===&', 200),
        ('/named/%ff', 404),
        ('/named/%ED%A0%80', 404),
        ('/named/%zz', 404),
        ('/loose?name=%ED%A0%80', 200),
        ('//', 404),
        ('/%2e%2e/%2e%2e', 404),
        ('/../../etc/passwd', 404),
        ('/nothing/%0d%0aX-Evil:%20y', 404),
        ('http://elsewhere/echo', 200),
    ],
)
async def test_odd_paths(client, path, status):
    found, content = await raw(client, path=path)
    assert found == status, content
    assert status == 200 or set(json.loads(content)) == {'code', 'message', 'details'}


@pytest.mark.parametrize(
    'header',
    [b'X-API-Key: \xff', b'Authorization: \xff\xfe', b'Authorization:', b'X-Request-ID: a\xff', b'Cookie: a=\xff; b="',
     b'Range: bytes=x-', b'Content-Type: \xff', b'Accept-Encoding: \xff', b'If-None-Match: "', b'name: a\r\nname: b',
     b'name: \xff', b'X-API-Key: a\r\nX-API-Key: b', b'If-Modified-Since: never'],
)  # fmt: skip
async def test_odd_headers(client, header):
    status, content = await raw(client, path='/headers', headers=header + b'\r\n')
    assert status == 200, content


@pytest.mark.parametrize('method', ['PROPFIND', 'TRACE', 'M-SEARCH', 'LOCK', 'QUERY'])
async def test_odd_methods(client, method):
    for path in ('/items', '/echo', '/api/docs'):
        status, content = await raw(client, method=method, path=path)
        assert (status, json.loads(content)['code']) == (405, 'method_not_allowed')


async def test_duplicate_headers_and_parameters(client):
    status, content = await raw(client, path='/headers', headers=b'amount: 5\r\namount: 6\r\n')
    assert (status, json.loads(content)) == (200, {'amount': 5})


@pytest.mark.parametrize('path', ['/items', '/form', '/loose'])
async def test_body_too_large(client, path):
    length = b'Content-Type: application/json\r\nContent-Length: 2000000\r\n'
    kind = {'Content-Type': 'application/x-www-form-urlencoded' if path == '/form' else 'application/json'}
    if path != '/form':
        status, content = await raw(client, method='POST', path=path, headers=length, body=b'x' * 2_000_000)
        assert (status, json.loads(content)['code']) == (413, 'payload_too_large')

    async def chunks():
        for _ in range(20):
            yield b'x' * 100_000

    error = await error_of(await client.post(path, data=chunks(), headers=kind), 413)
    assert '1000000' in error['message']


async def test_body_of_the_largest_size(client):
    body = b'{"name": "x"}'.ljust(1_000_000)
    assert (await client.post('/items', data=body, headers={'Content-Type': 'application/json'})).status == 201


async def test_compressed_bodies(client):
    kind = {'Content-Type': 'application/json', 'Content-Encoding': 'gzip'}

    async def post(body):
        async def chunks():
            yield body

        return await client.post('/items', data=chunks(), headers=kind, skip_auto_headers=['Accept-Encoding'])

    await error_of(await post(gzip.compress(b'x' * 50_000_000)), 413)
    assert (await error_of(await post(b'no gzip'), 400))['code'] == 'bad_request'


PART = b'--x\r\nContent-Disposition: form-data; name="name"%s\r\n\r\n5\r\n--x--\r\n'
FORMS = {
    'unknown field': (b'application/x-www-form-urlencoded', b'amount=5&other=1'),
    'wrong value': (b'application/x-www-form-urlencoded', b'amount=x'),
    'unknown charset': (b'application/x-www-form-urlencoded; charset=klingon', b'amount=5'),
    'wrong charset': (b'application/x-www-form-urlencoded', b'amount=\xff'),
    'no boundary': (b'multipart/form-data', b'x'),
    'long boundary': (b'multipart/form-data; boundary=' + b'x' * 100, b'x'),
    'cut': (b'multipart/form-data; boundary=x', b'--x\r\n'),
    'no part': (b'multipart/form-data; boundary=x', b'garbage'),
    'no name': (b'multipart/form-data; boundary=x', b'--x\r\nContent-Disposition: form-data\r\n\r\n5\r\n--x--\r\n'),
    'bad base64': (b'multipart/form-data; boundary=x', PART % b'\r\nContent-Transfer-Encoding: base64'),
    'unknown encoding': (b'multipart/form-data; boundary=x', PART % b'\r\nContent-Transfer-Encoding: klingon'),
    'unknown part charset': (
        b'multipart/form-data; boundary=x',
        PART % b'\r\nContent-Type: text/plain; charset=klingon',
    ),
}


@pytest.mark.parametrize(('content_type', 'body'), FORMS.values(), ids=FORMS)
async def test_broken_forms(client, content_type, body):
    headers = b'Content-Type: %s\r\nContent-Length: %d\r\n' % (content_type, len(body))
    status, content = await raw(client, method='POST', path='/form', headers=headers, body=body)
    assert status == 400, content
    assert set(json.loads(content)) == {'code', 'message', 'details'}


async def test_form_of_another_type(client):
    await error_of(await client.post('/form', json={}), 415)
