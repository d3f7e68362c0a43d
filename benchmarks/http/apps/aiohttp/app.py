"""aiohttp, asyncpg and orjson alone: hand-written SQL, hand-written checks, and nothing between."""

import os
import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

import asyncpg
import orjson
import uvloop
from aiohttp import web

IS_ZIP = re.compile(r'\d{5}').fullmatch
LARGEST_INTEGER = 2**31 - 1
LARGEST_PRICE = 10**8
INFINITY = Decimal('Infinity')
STRINGS = {str}
SHOWN = 'id, name, description, price::text, quantity, tag, active, created_at'
FIND_ACCOUNT = 'SELECT id, name FROM account WHERE key = $1'
COUNT = 'SELECT count(*) FROM item'
SELECT_PAGE = f'SELECT {SHOWN} FROM item ORDER BY id LIMIT $1 OFFSET $2'
SELECT_ONE = f'SELECT {SHOWN} FROM item WHERE id = $1'
INSERT = (
    'INSERT INTO item (name, description, price, quantity, tag, active, created_at) '
    f'VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING {SHOWN}'
)

pool = None


class Refusal(Exception):
    def __init__(self, status):
        self.status = status


def reply(data, status=200):
    return web.Response(body=orjson.dumps(data), status=status, content_type='application/json')


def answering(handler):
    async def answer(request):
        try:
            return await handler(request)
        except Refusal as refusal:
            return reply({'status': refusal.status}, refusal.status)

    return answer


async def read(request, parse):
    try:
        return parse(orjson.loads(await request.read()))
    except (KeyError, TypeError, ValueError, InvalidOperation):
        raise Refusal(422) from None


def parse_order(data):
    address = data['address']
    name, quantity, tags, code = data['name'], data['quantity'], data['tags'], address['zip']
    check(type(name) is type(address['street']) is type(address['city']) is type(code) is str)
    check(len(name) <= 64 and IS_ZIP(code) and type(quantity) is int and quantity >= 0)
    check(type(tags) is list and len(tags) <= 10 and STRINGS.issuperset(map(type, tags)))
    return {
        'name': name,
        'price': str(parse_price(data['price'], INFINITY)),
        'quantity': quantity,
        'tags': tags,
        'address': {'street': address['street'], 'city': address['city'], 'zip': code},
    }


def parse_item(data):
    name, description, quantity, tag = data['name'], data.get('description'), data['quantity'], data['tag']
    check(type(name) is type(tag) is str and len(name) <= 64 and len(tag) <= 32)
    check(description is None or type(description) is str)
    check(type(quantity) is int and 0 <= quantity <= LARGEST_INTEGER and type(data['active']) is bool)
    return name, description, parse_price(data['price'], LARGEST_PRICE), quantity, tag, data['active']


def parse_price(text, limit):
    check(type(text) is str)
    price = Decimal(text)
    check(0 <= price < limit)
    return price


def check(is_right):
    if not is_right:
        raise ValueError


async def authenticate(request, connection):
    scheme, _, key = request.headers.get('Authorization', '').partition(' ')
    if scheme != 'Bearer' or await connection.fetchrow(FIND_ACCOUNT, key) is None:
        raise Refusal(401)


async def ping(request):
    return reply({'status': 'ok'})


async def validate(request):
    return reply(await read(request, parse_order))


async def get_page(request):
    try:
        page, size = int(request.query.get('page', 1)), int(request.query.get('page_size', 25))
    except ValueError:
        raise Refusal(422) from None
    async with pool.acquire() as connection:
        await authenticate(request, connection)
        count = await connection.fetchval(COUNT)
        rows = await connection.fetch(SELECT_PAGE, size, (page - 1) * size)
    return reply({'count': count, 'items': [dict(row) for row in rows]})


async def get_one(request):
    async with pool.acquire() as connection:
        await authenticate(request, connection)
        row = await connection.fetchrow(SELECT_ONE, int(request.match_info['id']))
    if row is None:
        raise Refusal(404)
    return reply(dict(row))


async def create(request):
    async with pool.acquire() as connection:
        await authenticate(request, connection)
        values = await read(request, parse_item)
        row = await connection.fetchrow(INSERT, *values, datetime.now(UTC))
    return reply(dict(row), 201)


async def leave_as_it_is(connection):
    """Instead of the statements that forget a session's state, for there is none."""


async def run_pool(app):
    global pool
    address, size = os.environ['DATABASE_URL'], int(os.environ['DB_POOL'])
    async with asyncpg.create_pool(address, min_size=1, max_size=size, reset=leave_as_it_is) as pool:
        yield


app = web.Application()
app.cleanup_ctx.append(run_pool)
app.add_routes(
    [
        web.get('/ping', ping),
        web.post('/validate', answering(validate)),
        web.get('/items', answering(get_page)),
        web.post('/items', answering(create)),
        web.get(r'/items/{id:\d+}', answering(get_one)),
    ]
)

if __name__ == '__main__':
    loop = uvloop.new_event_loop()
    web.run_app(app, host='127.0.0.1', port=int(os.environ['PORT']), access_log=None, print=None, loop=loop)
