"""Schemas that nest each other."""

import pytest
from marshmallow import EXCLUDE, Schema, post_load, pre_dump

from colibris.schemas import fields
from colibris.schemas.compiled import compile_dump, compile_load

from .comparing import check_dump, check_load, is_plain


class Node(Schema):
    name = fields.String(required=True)
    children = fields.List(fields.Nested(lambda: Node()))
    parent = fields.Nested(lambda: Node(only=('name',)))


def chain(length, **more):
    return {'name': str(length), **more, **({'children': [chain(length - 1, **more)]} if length else {})}


@pytest.mark.parametrize('length', [0, 1, 3, 10])
def test_a_schema_that_nests_itself(length):
    schema = Node()
    for data in (chain(length), chain(length, parent={'name': 'a'}), chain(length, parent={'name': 5})):
        check_load(schema, data)
        check_dump(schema, dict, data)


def test_it_is_compiled_a_few_levels_deep():
    loader, dumper = compile_load(Node()), compile_dump(Node(), dict)
    assert is_plain(Node(), chain(3))
    assert 'children.children.children.children.children: too many schemas are nested' in loader.reasons
    assert 'children.children.children.children.children: too many schemas are nested' in dumper.reasons


def test_schemas_that_all_nest_each_other():
    names = [f'Clique{number}' for number in range(12)]
    for name in names:
        type(name, (Schema,), {**{other: fields.Nested(other) for other in names}, 'value': fields.Integer()})
    schema = fields.Nested(names[0]).schema
    assert len(compile_load(schema).reasons) < 1000
    assert len(compile_dump(schema, dict).reasons) < 1000
    for data in ({names[1]: {names[2]: {'value': 1}}}, {names[5]: {names[5]: {'value': 'a'}}}, {names[3]: 1}):
        check_load(schema, data)
        check_dump(schema, dict, data)


class Hooked(Schema):
    number = fields.Integer()

    @post_load
    def double(self, data, **kwargs):
        return {**data, 'twice': True}

    @pre_dump
    def halve(self, obj, **kwargs):
        return {**obj, 'number': obj['number'] / 2}


class Outer(Schema):
    hooked = fields.Nested(Hooked)
    many = fields.List(fields.Nested(Hooked))
    plain = fields.Nested({'number': fields.Integer(), 'text': fields.String(validate=len)}, unknown=EXCLUDE)


def test_what_is_nested_goes_the_general_way_alone():
    schema = Outer()
    assert compile_load(schema).reasons == (
        'hooked: Hooked has post_load: double',
        'many: Hooked has post_load: double',
    )
    assert compile_dump(schema, dict).reasons == (
        'hooked: Hooked has pre_dump: halve',
        'many: Hooked has pre_dump: halve',
    )
    good = {'hooked': {'number': 4}, 'many': [{'number': 2}, {'number': 4}], 'plain': {'number': 1, 'more': 2}}
    assert is_plain(schema, good)
    assert compile_load(schema).load(good)['many'] == [{'number': 2, 'twice': True}, {'number': 4, 'twice': True}]
    assert compile_dump(schema, dict).dump(good)['hooked'] == {'number': 2}
    for data in (good, {**good, 'hooked': {'number': 'a'}}, {**good, 'many': [1]}, {**good, 'plain': []}, {}):
        check_load(schema, data)
        check_dump(schema, dict, data)


def test_some_fields_of_what_is_nested():
    schema = Schema.from_dict({'outer': fields.Nested(Outer)})(only=('outer.plain.text', 'outer.hooked'))
    for data in ({'outer': {'plain': {'text': 'a', 'number': 1}}}, {'outer': {'plain': {'text': 'a'}, 'many': []}}):
        check_load(schema, data)
        check_dump(schema, dict, data)


def test_a_schema_that_cannot_be_made():
    schema = Schema.from_dict({'number': fields.Integer(), 'nested': fields.Nested('NoSuchSchema')})()
    assert compile_load(schema).load({'number': 1}) == {'number': 1}
    for compiled in (compile_load(schema), compile_dump(schema, dict)):
        assert compiled.reasons[0].startswith('nested: its schema cannot be made')
    for data in ({'number': 1}, {'nested': {}}, {'nested': None}):
        check_load(schema, data)
        check_dump(schema, dict, data)
