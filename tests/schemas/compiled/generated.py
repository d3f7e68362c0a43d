"""Schemas, bodies, models and rows by chance, for hypothesis.

The functions here take hypothesis' ``draw``, as making a strategy for each thing takes longer than all of the rest.
"""

import functools

import peewee
from hypothesis import strategies as st
from marshmallow import EXCLUDE, INCLUDE, RAISE, Schema, missing
from marshmallow import fields as plain

from colibris.schemas import fields

from .kinds import DEFAULTS, KINDS, SIMPLE, VALIDATORS, anything, keys

NAMES = ('a', 'b', 'name', 'items', 'class', "it's", '"', '\\', 'x\ny', '{0}', 'ü', '\u2028', 'v1', 'data', 'UNUSUAL')

chances = st.integers(0, 19)
counts = st.integers(0, 3)
kind_names = st.sampled_from(sorted(KINDS))
simple_names = st.sampled_from(SIMPLE)
orders = st.permutations(NAMES)
subsets = st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True)
validators = st.sampled_from(VALIDATORS)
defaults = st.sampled_from(DEFAULTS)
ways = st.sampled_from([RAISE, RAISE, EXCLUDE, INCLUDE])
nested_ways = st.sampled_from([None, None, EXCLUDE, INCLUDE])
partials = st.sampled_from([None, False, False, True, ('a', 'name'), ['b.a', 'items.name', 'class']])
own_keys = st.sampled_from([None, None, fields.String(), fields.Integer()])


def options_of(draw):
    """The options of a field, but for its other names."""
    options = {}
    if draw(chances) < 8:
        options['allow_none'] = draw(chances) < 10
    if draw(chances) < 4:
        options['validate'] = [draw(validators) for _ in range(draw(counts))]
    if draw(chances) < 8:
        options['required'] = True
    elif draw(chances) < 12:
        options['load_default'] = draw(defaults)
    if draw(chances) < 3:
        options['dump_only' if draw(chances) < 10 else 'load_only'] = True
    if draw(chances) < 3:
        options['dump_default'] = draw(defaults)
    return options


def kind_of(draw, depth):
    """What makes a field, what draws a value for it in a request, and what draws one in a row."""
    shape = draw(chances) if depth else 19
    if shape > 6:
        make, read, written = KINDS[draw(simple_names if draw(chances) < 8 else kind_names)]
        return make, functools.partial(draw, read), functools.partial(draw, written)
    if shape > 3:
        return nested_kind(draw, depth, many=shape == 5)
    make, read, written = kind_of(draw, depth - 1)
    inner = {'allow_none': draw(chances) < 10, 'validate': [draw(validators)] if draw(chances) < 2 else []}
    if shape > 1:
        kind = fields.List if draw(chances) < 10 else plain.List
        return (
            lambda **o: kind(make(**inner), **o),
            lambda: [read() for _ in range(draw(counts))] * (40 if draw(chances) < 2 else 1),
            lambda: [written() for _ in range(draw(counts))],
        )
    kind = fields.Dict if draw(chances) < 10 else plain.Dict
    key_field, with_values = draw(own_keys), draw(chances) < 12
    return (
        lambda **o: kind(keys=key_field, values=make(**inner) if with_values else None, **o),
        lambda: {draw(keys): read() for _ in range(draw(counts))},
        lambda: {draw(keys): written() for _ in range(draw(counts))},
    )


def nested_kind(draw, depth, *, many):
    schema, body, _ = schema_of(draw, depth - 1)
    kind, unknown = (fields.Nested if draw(chances) < 10 else plain.Nested), draw(nested_ways)
    nested = schema(many=many) if draw(chances) < 5 else schema
    value = (lambda: [body() for _ in range(draw(counts))]) if many else body
    return (lambda **o: kind(nested, many=many, unknown=unknown, **o)), value, value


def schema_of(draw, depth=2):
    """A class of schemas, what draws a body that is nearly valid, and what draws the value of an attribute."""
    keys_of = draw(orders) if draw(chances) < 8 else None
    attributes = draw(orders) if draw(chances) < 6 else None
    declared, read, written = {}, {}, {}
    for number, name in enumerate(draw(subsets)):
        make, read_value, written_value = kind_of(draw, depth)
        options = options_of(draw)
        if keys_of:
            options['data_key'] = keys_of[number]
        if attributes:
            options['attribute'] = attributes[number]
        declared[name] = make(**options)
        read[keys_of[number] if keys_of else name] = read_value
        written[attributes[number] if attributes else name] = written_value
    meta = type('Meta', (), {'unknown': draw(ways), 'register': False})
    return type('Generated', (Schema,), {**declared, 'Meta': meta}), lambda: body_of(draw, read), written


def body_of(draw, read):
    body = {}
    for key, value in read.items():
        chance = draw(chances)
        if chance < 17:
            body[key] = value()
        elif chance < 19:
            body[key] = draw(anything)
    if draw(chances) < 2:
        body[draw(keys)] = draw(anything)
    return body


@st.composite
def loads(draw):
    """A schema as a view makes it, and bodies for it."""
    schema, body, _ = schema_of(draw)
    some = [name for name in schema._declared_fields if draw(chances) < 15]
    made = schema(partial=draw(partials), only=some if draw(chances) < 3 else None)
    return made, [draw(anything) if draw(chances) == 0 else body() for _ in range(4)]


@st.composite
def dumps(draw):
    """A schema, a model that has most of what it shows, and rows of it."""
    schema, _, written = schema_of(draw)
    columns = [name for name in written if draw(chances) < 18]
    members = {name: peewee.BareField(null=True) for name in columns}
    members |= {name: property(lambda row: len(row.__data__)) for name in written if name not in columns}
    meta = type('Meta', (), {'primary_key': False})
    model = type('Generated', (peewee.Model,), {**members, 'Meta': meta})
    return schema(), model, [row_of(draw, model, {name: written[name] for name in columns}) for _ in range(4)]


def row_of(draw, model, written):
    row = model()
    for name, value in written.items():
        chance = draw(chances)
        if chance < 15:
            row.__data__[name] = value()
        elif chance < 19:
            row.__data__[name] = draw(anything)
        else:
            row.__data__.pop(name, None)
    return row


__all__ = ['dumps', 'loads', 'missing']
