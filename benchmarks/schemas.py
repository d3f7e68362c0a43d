"""What it costs to read a body and to write a page of rows, compiled and by marshmallow itself.

    scripts/bench schemas [ROUNDS]

The body has ten values, two of them nested; a page has 25 rows of eight columns. All take turns within
each round; printed are the medians in microseconds, and in the column "ratio" how many times the compiled way's the
cost of marshmallow is.
"""

import statistics
import sys
import time
from datetime import datetime
from decimal import Decimal

import peewee
from marshmallow import Schema, validate

from colibris.schemas import ModelSchema, fields
from colibris.schemas.compiled import compile_dump, compile_load

ROUNDS = 300
PAGE = 25


class AddressSchema(Schema):
    street = fields.String(required=True)
    city = fields.String(required=True)
    zip = fields.String(required=True, validate=validate.Regexp(r'\d{5}$'))


class OrderSchema(Schema):
    name = fields.String(required=True, validate=validate.Length(max=64))
    price = fields.ExactDecimal(required=True, places=2, as_string=True, validate=validate.Range(min=0))
    quantity = fields.StrictInteger(required=True, validate=validate.Range(min=0))
    tags = fields.List(fields.String(), required=True, validate=validate.Length(max=10))
    address = fields.Nested(AddressSchema, required=True)


class Item(peewee.Model):
    name = peewee.CharField(max_length=64)
    description = peewee.TextField(null=True)
    price = peewee.DecimalField(10, 2)
    quantity = peewee.IntegerField()
    tag = peewee.CharField(max_length=32)
    active = peewee.BooleanField()
    created_at = peewee.DateTimeField()


class ItemSchema(ModelSchema):
    class Meta:
        model = Item


BODY = {
    'name': 'A teapot',
    'price': '12.50',
    'quantity': 3,
    'tags': ['kitchen', 'tea', 'gift'],
    'address': {'street': '1 High Street', 'city': 'Anytown', 'zip': '12345'},
}


def item(number):
    created = datetime(2026, 1, 31, 12, 30, 15, number)
    return Item(
        id=number,
        name=f'Item {number}',
        description='Some text',
        price=Decimal('12.50'),
        quantity=number,
        tag='tea',
        active=True,
        created_at=created,
    )


def cases():
    """The title of what is done, how the compiled way does it, and how marshmallow does."""
    order, items = OrderSchema(), ItemSchema()
    load, dump = compile_load(order).load, compile_dump(items, Item).dump
    objects = [item(number) for number in range(PAGE)]
    if load(BODY) != order.load(BODY) or [dump(row) for row in objects] != [items.dump(row) for row in objects]:
        raise RuntimeError('the compiled way has other results than marshmallow')
    yield 'load a body of 10 values', lambda: load(BODY), lambda: order.load(BODY)
    yield 'dump 25 rows', lambda: [dump(row) for row in objects], lambda: [items.dump(row) for row in objects]


def measure(function, times=20):
    start = time.perf_counter()
    for _ in range(times):
        function()
    return (time.perf_counter() - start) / times * 1e6


def main(rounds=ROUNDS):
    print(f'{"":26}{"compiled":>10}{"marshmallow":>13}{"ratio":>8}')
    prepared = list(cases())
    taken = {title: ([], []) for title, *_ in prepared}
    for _ in range(rounds):
        for title, *ways in prepared:
            for costs, way in zip(taken[title], ways, strict=True):
                costs.append(measure(way))
    for title, ways in taken.items():
        compiled, general = (statistics.median(costs) for costs in ways)
        print(f'{title:26}{compiled:10.1f}{general:13.1f}{general / compiled:8.1f}')


if __name__ == '__main__':
    main(*map(int, sys.argv[1:]))
