"""The generated functions in use: threads, hostile names, long lists."""

import asyncio
import threading

import peewee
from marshmallow import RAISE, Schema, validate

from colibris import bridge
from colibris.schemas import fields
from colibris.schemas.compiled import compile_dump, compile_load

from .comparing import check_dump, check_load, is_plain


class Row(peewee.Model):
    text = peewee.TextField(null=True)
    number = peewee.IntegerField(null=True)


def schema_of(**declared):
    return Schema.from_dict({'number': fields.Integer(required=True), **declared})()


def test_threads():
    schema = schema_of(text=fields.String(validate=validate.Length(max=3)), inner=fields.Nested(schema_of()))
    load, dump = compile_load(schema).load, compile_dump(schema_of(text=fields.String()), Row).dump
    wrong = []

    def work(number):
        for count in range(2000):
            if load({'number': number, 'inner': {'number': count}}) != {'number': number, 'inner': {'number': count}}:
                wrong.append(number)
            if dump(Row(number=number, text=str(count))) != {'number': number, 'text': str(count)}:
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_hostile_names():
    names = ['"', "'", '\\', '\n', "'); import os; ('", '{}', '\u2028', 'def', 'data', 'get', 'MISSING', 'k1', 'v1', '']
    declared = {name: fields.Integer(data_key=f'{name}!', attribute=f'{name}?') for name in names}
    schema = Schema.from_dict(declared)(unknown=RAISE)
    assert compile_load(schema).reasons == compile_dump(schema, dict).reasons == ()
    check_load(schema, {f'{name}!': 1 for name in names})
    check_load(schema, {f'{name}!': 1 for name in names[1:]})
    check_dump(schema, dict, {f'{name}?': 1 for name in names})


def test_long_lists_are_left_to_those_who_pause():
    declared = {
        'list': (fields.List(fields.Integer()), list(range(100))),
        'many': (fields.Nested(type(schema_of()), many=True), [{'number': number} for number in range(100)]),
        'dict': (fields.Dict(), {str(number): number for number in range(100)}),
        'values': (fields.Dict(values=fields.Integer()), {str(number): number for number in range(100)}),
    }
    for field, value in declared.values():
        schema = Schema.from_dict({'value': field})()
        longer = {**value, 'more': 1} if isinstance(value, dict) else [*value, value[0]]
        assert is_plain(schema, {'value': value})
        assert not is_plain(schema, {'value': longer})
        for data in (value, longer):
            assert check_load(schema, {'value': data}) == 'result'


def test_the_loop_goes_on_while_a_long_list_is_read():
    load_now = compile_load(Schema.from_dict({'value': fields.List(fields.Integer())})()).load

    async def load(data):
        return load_now(data)

    async def read():
        turns = 0

        async def count():
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        counting = asyncio.create_task(count())
        await bridge.drive(load({'value': list(range(5000))}))
        counting.cancel()
        return turns

    assert asyncio.run(read()) >= 50


def test_copies_are_made_where_marshmallow_makes_them():
    for field, value in (
        (fields.Raw(), [1]),
        (fields.List(fields.Raw()), [1]),
        (fields.Dict(), {'a': 1}),
        (fields.Dict(values=fields.Raw()), {'a': 1}),
        (fields.Nested({'a': fields.Raw()}), {'a': 1}),
    ):
        schema = Schema.from_dict({'text': field})()
        loaded, expected = compile_load(schema).load({'text': value}), schema.load({'text': value})
        assert (loaded['text'] is value) == (expected['text'] is value)
        row = Row(text=value)
        dumped, expected = compile_dump(schema, Row).dump(row), schema.dump(row)
        assert (dumped['text'] is value) == (expected['text'] is value)
