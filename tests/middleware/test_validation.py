"""What aiohttp-apispec's decorators describe is validated."""

import pytest

from tests.views.serving import error_of

ROUTES = """
from aiohttp_apispec import (
    cookies_schema, form_schema, headers_schema, json_schema, match_info_schema, querystring_schema, request_schema,
)


class ItemQuery(Schema):
    amount = fields.Integer(required=True)
    tags = fields.List(fields.String())


class HeaderSchema(Schema):
    token = fields.Integer(required=True, data_key='X-Token')


class BodySchema(Schema):
    name = fields.String(required=True)


@request_schema(BodySchema())
async def body(request):
    return request['data']


@json_schema(BodySchema)
def named(request):
    return request['json']


@querystring_schema(ItemQuery())
def query(request):
    return request['querystring']


@match_info_schema(ItemQuery())
def path(request):
    return request['match_info']


@headers_schema(HeaderSchema())
def headers(request):
    return request['headers']


@cookies_schema(ItemQuery())
def cookies(request):
    return request['cookies']


@form_schema(ItemQuery())
def form(request):
    return request['form']


class BothView(View):
    @querystring_schema(ItemQuery())
    @request_schema(BodySchema())
    async def post(self):
        return {**self.request['querystring'], **self.request['data']}

    def get(self):
        return 'free'


ROUTES = [
    ('/body', body, ['POST', 'PUT']), ('/json', named, ['POST']), ('/query', query), ('/path/{amount}/{other}', path),
    ('/headers', headers), ('/cookies', cookies), ('/form', form, ['POST']), ('/both', BothView),
]
"""


@pytest.fixture
async def client(serve):
    return await serve(ROUTES)


async def test_valid_requests(client):
    assert await (await client.post('/body', json={'name': 'x'})).json() == {'name': 'x'}
    assert await (await client.put('/body', json={'name': 'x'})).json() == {'name': 'x'}
    assert await (await client.post('/json', json={'name': 'x'})).json() == {'name': 'x'}
    assert await (await client.get('/query?amount=3&tags=a&tags=b&z=1')).json() == {'amount': 3, 'tags': ['a', 'b']}
    assert await (await client.get('/path/3/x')).json() == {'amount': 3}
    assert await (await client.get('/headers', headers={'x-token': '5'})).json() == {'token': 5}
    assert await (await client.get('/cookies', cookies={'amount': '5'})).json() == {'amount': 5}
    assert await (await client.post('/form', data={'amount': '5'})).json() == {'amount': 5}
    assert await (await client.post('/both?amount=1', json={'name': 'x'})).json() == {'amount': 1, 'name': 'x'}
    assert await (await client.get('/both')).json() == 'free'


@pytest.mark.parametrize(
    ('method', 'path', 'options', 'details'),
    [
        ('POST', '/body', {'json': {}}, {'body': {'name': ['Missing data for required field.']}}),
        ('POST', '/body', {'json': {'name': 'x', 'y': 1}}, {'body': {'y': ['Unknown field.']}}),
        ('GET', '/query?amount=x', {}, {'querystring': {'amount': ['Not a valid integer.']}}),
        ('HEAD', '/query?amount=x', {}, None),
        ('GET', '/path/x/y', {}, {'match_info': {'amount': ['Not a valid integer.']}}),
        ('GET', '/headers', {}, {'headers': {'X-Token': ['Missing data for required field.']}}),
        ('GET', '/cookies', {}, {'cookies': {'amount': ['Missing data for required field.']}}),
        ('POST', '/form', {'data': {'amount': '1', 'z': '2'}}, {'form': {'z': ['Unknown field.']}}),
        ('POST', '/both', {'json': {'name': 'x'}}, {'querystring': {'amount': ['Missing data for required field.']}}),
        ('POST', '/both?amount=1', {'json': {}}, {'body': {'name': ['Missing data for required field.']}}),
    ],
)
async def test_wrong_requests(client, method, path, options, details):
    response = await client.request(method, path, **options)
    if method == 'HEAD':
        assert response.status == 400
    else:
        error = await error_of(response, 400)
        assert (error['code'], error['details']) == ('invalid_request', details)


async def test_no_json_and_other_methods(client):
    await error_of(await client.post('/body', data=b'x', headers={'Content-Type': 'application/json'}), 400)
    await error_of(await client.post('/body', data={'name': 'x'}), 415)
    await error_of(await client.delete('/both'), 405)
