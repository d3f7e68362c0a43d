"""Bodies that would keep others waiting."""

import asyncio
import io

import pytest

from colibris import bridge
from colibris.schemas import Schema, ValidationError, fields
from colibris.utils import json
from tests.views.serving import error_of

ROUTES = """
class RowSchema(Schema):
    name = fields.String(required=True)
    number = fields.Integer(required=True)


class BodySchema(Schema):
    lists = fields.List(fields.List(fields.Integer()))
    rows = fields.List(fields.Nested(RowSchema))
    many = fields.Nested(RowSchema, many=True)
    numbers = fields.Dict(keys=fields.String(), values=fields.Integer())


class BodyView(APIView):
    body_schema_class = BodySchema

    async def post(self):
        return {name: len(value) for name, value in (await self.get_validated_body()).items()}


ROUTES = [('/', BodyView)]
"""


@pytest.fixture
async def client(serve):
    return await serve(ROUTES)


@pytest.mark.parametrize(
    ('body', 'count'),
    [
        ('1', 1),
        ('""', 1),
        ('[]', 2),
        ('[1]', 2),
        ('[1, 2, 3]', 4),
        ('{"a": 1, "b": {"c": []}}', 8),
        (r'["a,b:[{", "\",[", "\\"]', 4),
        ('[' + '"",' * 50 + '""]', 52),
    ],
)
def test_count(body, count):
    counts = [json.has_more_values(body.encode(), limit) for limit in range(100)]
    assert counts == [True] * count + [False] * (100 - count)


def test_many_texts_are_not_looked_at_one_by_one():
    assert json.has_more_values(b'["' + b'","' * 3000 + b'"]', 1000)
    assert not json.has_more_values(b'["' + b'\\",' * 3000 + b'"]', 1000)


@pytest.mark.parametrize('item', ['[]', '{}', '1', '"x"', '[[[]]]', '"\\u0041,"'])
async def test_too_many_values(client, item):
    body = f'{{"lists": [{",".join([item] * 1_000_000)}]}}'.encode()
    response = await client.post('/', data=io.BytesIO(body), headers={'Content-Type': 'application/json'})
    error = await error_of(response, 400)
    assert error['message'] == 'the body holds more than 100000 values'


async def test_as_many_as_are_allowed(client):
    body = {'lists': [list(range(1000))] * 90, 'numbers': {str(number): number for number in range(900)}}
    assert await (await client.post('/', json=body)).json() == {'lists': 90, 'numbers': 900}
    text = {'lists': [], 'other': 'a,b' * 200_000}
    error = await error_of(await client.post('/', json=text), 400)
    assert error['details'] == {'body': {'other': ['Unknown field.']}}


@pytest.mark.parametrize(
    ('body', 'path'),
    [
        ({'lists': ['x'] * 40_000}, ['lists']),
        ({'lists': [['x'] * 40_000]}, ['lists', '0']),
        ({'rows': [{}] * 40_000}, ['rows']),
        ({'many': [{}] * 40_000}, ['many']),
        ({'numbers': {str(number): 'x' for number in range(30_000)}}, ['numbers']),
        ({'rows': [{str(number): 'x' for number in range(30_000)}]}, ['rows', '0']),
    ],
)
async def test_only_the_first_problems_are_told(client, body, path):
    error = await error_of(await client.post('/', json=body), 400)
    problems = error['details']['body']
    for name in path:
        problems = problems[name]
    assert 90 <= len(problems) <= 100


class Row(Schema):
    number = fields.Integer(required=True)


class Body(Schema):
    lists = fields.List(fields.List(fields.Integer()))
    rows = fields.List(fields.Nested(Row))
    many = fields.Nested(Row, many=True)
    numbers = fields.Dict(values=fields.Integer())


GOOD = {
    'lists': [[1] * 1000],
    'rows': [{'number': 1}] * 1000,
    'many': [{'number': 1}] * 1000,
    'numbers': {str(number): number for number in range(1000)},
}


@pytest.mark.parametrize('name', GOOD)
@pytest.mark.parametrize('is_valid', [True, False])
async def test_others_go_on_meanwhile(name, is_valid):
    others = 0

    async def count():
        nonlocal others
        while True:
            await asyncio.sleep(0)
            others += 1

    counter = asyncio.create_task(count())
    data = {name: GOOD[name]} if is_valid else {'many': [{}] * 1000}
    try:
        assert await bridge.run(Body().load, data) == data
    except ValidationError:
        assert not is_valid
    counter.cancel()
    assert others >= 9


def test_without_a_loop():
    assert Body().load(GOOD) == GOOD
