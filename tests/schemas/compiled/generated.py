"""Schemas, bodies, models and rows by chance, for hypothesis.

Most of it calls hypothesis' ``draw`` itself, as making a strategy for each thing takes longer than all of the rest.
"""

import functools

import peewee
from hypothesis import strategies as st
from marshmallow import EXCLUDE, INCLUDE, RAISE, Schema
from marshmallow import fields as plain

from colibris.schemas import fields

from .kinds import DEFAULTS, KINDS, SIMPLE, VALIDATORS, anything, keys

NAMES = ('a', 'b', 'name', 'items', 'class', "it's", '"', '\\', 'x\ny', '{0}', 'ü', '\u2028', 'v1', 'data', 'UNUSUAL')

chances = st.sampled_from(range(20))
counts = st.integers(0, 3)
kind_names = st.sampled_from(sorted(KINDS))
orders = st.permutations(NAMES)
subsets = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True)
validators = st.sampled_from(VALIDATORS)
defaults = st.sampled_from(DEFAULTS)
ways = st.sampled_from([RAISE, RAISE, EXCLUDE, INCLUDE])
nested_ways = st.sampled_from([None, None, EXCLUDE, INCLUDE])
partials = st.sampled_from(
    [None, False, False, True, ('a', 'name', 'class'), [f'{a}.{b}' for a in NAMES for b in NAMES]]
)
own_keys = st.sampled_from([None, None, fields.String(), fields.Integer()])


class Row(peewee.Model):
    class Meta:
        database = peewee.SqliteDatabase(':memory:')


class Chance:
    """Makes what is drawn.

    :param likely: the names of the kinds of most fields.
    """

    def __init__(self, draw, likely):
        self.draw = draw
        self.likely = st.sampled_from(likely)

    def options(self):
        """The options of a field, but for its other names."""
        options = {}
        if self.draw(chances) < 8:
            options['allow_none'] = self.draw(chances) < 10
        if self.draw(chances) < 3:
            options['validate'] = [self.draw(validators) for _ in range(self.draw(counts))]
        if self.draw(chances) < 8:
            options['required'] = True
        elif self.draw(chances) < 12:
            options['load_default'] = self.draw(defaults)
        if self.draw(chances) < 3:
            options['dump_only' if self.draw(chances) < 10 else 'load_only'] = True
        if self.draw(chances) < 3:
            options['dump_default'] = self.draw(defaults)
        return options

    def kind(self, depth):
        """What makes a field, what draws a value for it in a request, and what draws one in a row."""
        shape = self.draw(chances) if depth else 19
        if shape > 6:
            make, read, written = KINDS[self.draw(self.likely if self.draw(chances) < 12 else kind_names)]
            return make, functools.partial(self.draw, read), functools.partial(self.draw, written)
        if shape > 3:
            return self.nested(depth, many=shape == 5)
        make, read, written = self.kind(depth - 1)
        inner = {'allow_none': self.draw(chances) < 10}
        if self.draw(chances) < 2:
            inner['validate'] = self.draw(validators)
        if shape > 1:
            kind = fields.List if self.draw(chances) < 10 else plain.List
            return (
                lambda **o: kind(make(**inner), **o),
                lambda: [read() for _ in range(self.draw(counts))] * (40 if self.draw(chances) < 2 else 1),
                lambda: [written() for _ in range(self.draw(counts))],
            )
        kind = fields.Dict if self.draw(chances) < 10 else plain.Dict
        key_field, with_values = self.draw(own_keys), self.draw(chances) < 12
        return (
            lambda **o: kind(keys=key_field, values=make(**inner) if with_values else None, **o),
            lambda: {self.draw(keys): read() for _ in range(self.draw(counts))},
            lambda: {self.draw(keys): written() for _ in range(self.draw(counts))},
        )

    def nested(self, depth, *, many):
        schema, body, _ = self.schema(depth - 1)
        kind, unknown = (fields.Nested if self.draw(chances) < 10 else plain.Nested), self.draw(nested_ways)
        nested = schema(many=many) if self.draw(chances) < 5 else schema
        value = (lambda: [body() for _ in range(self.draw(counts))]) if many else body
        return (lambda **o: kind(nested, many=many, unknown=unknown, **o)), value, value

    def schema(self, depth=2):
        """A class of schemas, what draws a body that is nearly valid, and what draws the value of an attribute."""
        keys_of = self.draw(orders) if self.draw(chances) < 8 else None
        attributes = self.draw(orders) if self.draw(chances) < 6 else None
        declared, read, written = {}, {}, {}
        for number, name in enumerate(self.draw(subsets)):
            make, read_value, written_value = self.kind(depth)
            options = self.options()
            if keys_of:
                options['data_key'] = keys_of[number]
            if attributes:
                options['attribute'] = attributes[number]
            declared[name] = make(**options)
            read[keys_of[number] if keys_of else name] = read_value
            written[attributes[number] if attributes else name] = written_value
        meta = type('Meta', (), {'unknown': self.draw(ways), 'register': False})
        body = functools.partial(self.body, read)
        body.written = written  # for the model that a foreign key points to
        return type('Generated', (Schema,), {**declared, 'Meta': meta}), body, written

    def body(self, read):
        """Values for the fields of a schema, of which often one is odd."""
        odd = self.draw(chances)
        body = {}
        for number, (key, value) in enumerate(read.items()):
            if number == odd:
                body[key] = self.draw(anything)
            elif number != odd - len(read):
                body[key] = value()
        if odd == 19:
            body[self.draw(keys)] = self.draw(anything)
        return body

    def model(self, written):
        """A model that has most attributes of a schema, and what draws a row of it."""
        places = {name: self.draw(chances) for name in written}
        columns = {name: written[name] for name, place in places.items() if place < 17}
        members = {name: property(lambda row: len(row.__data__)) for name, place in places.items() if place == 17}
        targets = {}
        for name, value in columns.items():
            if hasattr(value, 'written') and self.draw(chances) < 15:
                target, targets[name] = self.model(value.written)
                members[name] = peewee.ForeignKeyField(target, null=True, backref='+')
            else:
                members[name] = peewee.BareField(null=True)
        meta = type('Meta', (), {'primary_key': False} if self.draw(chances) else {})
        model = type('Generated', (Row,), {**members, 'Meta': meta})
        return model, functools.partial(self.row, model, columns, targets)

    def row(self, model, columns, targets):
        row = model()
        for name, value in columns.items():
            chance = self.draw(chances)
            if name in targets:
                row.__data__[name] = 5 if chance < 15 else None
                if chance < 17:
                    row.__rel__[name] = targets[name]() if chance < 15 else None
            elif chance < 15:
                row.__data__[name] = value()
            elif chance < 19:
                row.__data__[name] = self.draw(anything)
            else:
                row.__data__.pop(name, None)
        return row


@st.composite
def loads(draw, likely=SIMPLE):
    """A schema as a view makes it, and bodies for it."""
    chance = Chance(draw, likely)
    schema, body, _ = chance.schema()
    some = [name for name in schema._declared_fields if draw(chances) < 15]
    made = schema(partial=draw(partials), only=some if draw(chances) < 3 else None)
    return made, [draw(anything) if draw(chances) == 0 else body() for _ in range(4)]


@st.composite
def dumps(draw, likely=SIMPLE):
    """A schema, a model that has most of what it shows, and rows of it."""
    chance = Chance(draw, likely)
    schema, _, written = chance.schema()
    model, row = chance.model(written)
    return schema(), model, [row() for _ in range(4)]
