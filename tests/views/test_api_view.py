"""APIView: the reference page's example, and what surrounds it."""

from tests.views.serving import error_of

ROUTES = """
from colibris.views import APIView


class ItemSchema(Schema):
    name = fields.String(required=True)
    amount = fields.Integer(validate=validate.Range(min=1))
    parts = fields.List(fields.Nested(lambda: ItemSchema()))


class QuerySchema(Schema):
    amount = fields.Integer(load_default=7)
    tags = fields.List(fields.String())


class ItemsView(APIView):
    body_schema_class = ItemSchema
    query_schema_class = QuerySchema

    async def get(self):
        args = await self.get_validated_query()

        return web.json_response(args)

    async def post(self):
        data = await self.get_validated_body()

        return web.json_response(data)

    async def patch(self):
        return await self.get_validated_body()


class StrictQuerySchema(QuerySchema):
    class Meta:
        unknown = 'raise'


class StrictView(APIView):
    query_schema_class = StrictQuerySchema

    async def get(self):
        return await self.get_validated_query()

    async def post(self):
        return await self.get_validated_body()


class PlainView(View):
    def get(self):
        return {'account': self.account.name}


ROUTES = [('/items', ItemsView), ('/strict', StrictView), ('/plain', PlainView)]
"""


async def test_reference_example(serve):
    client = await serve(ROUTES)
    assert await (await client.get('/items?amount=3&tags=a&tags=b&other=x')).json() == {'amount': 3, 'tags': ['a', 'b']}
    assert await (await client.get('/items')).json() == {'amount': 7}
    item = {'name': 'x', 'amount': 1, 'parts': [{'name': 'y'}]}
    assert await (await client.post('/items', json=item)).json() == item
    assert await (await client.patch('/items', json={'amount': 5})).json() == {'amount': 5}
    assert await (await client.patch('/items', json={})).json() == {}
    assert await (await client.get('/plain')).json() == {'account': 'anonymous'}


async def test_errors_name_fields(serve):
    client = await serve(ROUTES)
    response = await client.post('/items', json={'amount': 0, 'colour': 'red', 'parts': [{'name': 'y'}, {}]})
    error = await error_of(response, 400)
    assert error['code'] == 'invalid_request'
    assert error['details'] == {
        'body': {
            'name': ['Missing data for required field.'],
            'amount': ['Must be greater than or equal to 1.'],
            'colour': ['Unknown field.'],
            'parts': {'1': {'name': ['Missing data for required field.']}},
        }
    }
    assert all(name in error['message'] for name in ('name', 'amount', 'colour', 'parts'))
    error = await error_of(await client.get('/items?amount=x'), 400)
    assert error['details'] == {'query': {'amount': ['Not a valid integer.']}}
    error = await error_of(await client.post('/items', json={'name': 'x', 'amount': True}), 400)
    assert error['details'] == {'body': {'amount': ['Not a valid integer.']}}


async def test_strict_query(serve):
    client = await serve(ROUTES)
    error = await error_of(await client.get('/strict?amuont=1'), 400)
    assert error['details'] == {'query': {'amuont': ['Unknown field.']}}


async def test_missing_schema_is_a_fault_of_the_server(serve):
    client = await serve(ROUTES, settings='DEBUG = False\n')
    error = await error_of(await client.post('/strict', json={}), 500)
    assert error == {'code': 'server_error', 'message': 'The server could not answer the request.', 'details': None}
