"""Queries that hypothesis makes up: each a shape that is built with one or the other set of values."""

import datetime
import decimal
import operator
import uuid
from functools import reduce

from hypothesis import strategies as st
from peewee import JOIN, SQL, Case, Cast, Value, fn

from .comparing import Shelf, Thing

COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]

integers = st.integers(-3, 12)
texts = st.sampled_from(['', 'a', 'n_1%', 'n_', '%', 'b\\c', 'shelf 1', 'abc', "it's", 'ROOT', '5', 'refused', 'c1'])
days = st.dates(datetime.date(2000, 1, 1), datetime.date(2030, 1, 1))
moments = st.datetimes(datetime.datetime(2000, 1, 1), datetime.datetime(2030, 1, 1))
keys = st.uuids() | st.just(uuid.UUID(int=5))
numbers = integers | st.floats(-9, 9).map(lambda value: round(value, 3)) | st.decimals(-9, 9, places=2)
VALUES = {
    Thing.id: integers,
    Thing.shelf: integers,
    Thing.name: texts,
    Thing.number: integers,
    Thing.size: numbers,
    Thing.price: numbers,
    Thing.day: days,
    Thing.at: moments,
    Thing.is_new: st.booleans(),
    Thing.code: texts,
    Thing.key: keys,
    Thing.note: texts,
    Thing.lowered: texts,
    Thing.title: texts,
}
FIELDS = list(VALUES)
wrong = st.sampled_from(['x', 3, 2.5, True, decimal.Decimal('1.5'), b'x', datetime.date(2020, 1, 2), uuid.UUID(int=1)])


class Pair:
    """Two values of the same place."""

    def __init__(self, values):
        self.values = values


def pairs(values):
    return st.tuples(values, values).map(Pair)


def built(node, which):
    """A node with one set of its values."""
    if isinstance(node, Pair):
        return node.values[which]
    if isinstance(node, tuple) and node and callable(node[0]):
        return node[0](*(built(part, which) for part in node[1:]))
    if isinstance(node, list):
        return [built(part, which) for part in node]
    return node


@st.composite
def of_field(draw, make, *, count=1, among=None):
    """A node of a field and values for it."""
    field = draw(st.sampled_from(among or FIELDS))
    values = pairs(VALUES[field])
    return make(field, *(draw(values) for _ in range(count)))


@st.composite
def memberships(draw):
    field = draw(st.sampled_from(FIELDS))
    values = draw(st.lists(pairs(VALUES[field]), max_size=4))
    method = draw(st.sampled_from([type(field).in_, type(field).not_in]))
    kind = draw(st.sampled_from([list, list, tuple, tuple, frozenset]))
    values += draw(st.sampled_from([[], [], [], [None]]))
    return method, field, (kind, values)


@st.composite
def selections_of_shelves(draw):
    """A query of shelves within another one."""
    query = draw(st.sampled_from([Shelf.select(), Shelf.select(Shelf.id), Shelf.select(Shelf.parent)]))
    condition = operator.eq, draw(st.sampled_from([Shelf.name, Shelf.parent])), draw(pairs(texts | integers))
    return type(query).where, query, condition


TEXTS = [Thing.name, Thing.note, Thing.title, Thing.code]
NUMBERS = [Thing.id, Thing.number, Thing.size]
known_leaves = st.one_of(
    *[st.sampled_from(COMPARISONS).flatmap(lambda op: of_field(lambda field, value: (op, field, value)))] * 3,
    memberships(),
    st.tuples(st.just(type(Thing.id).is_null), st.sampled_from(FIELDS), st.booleans()),
    st.tuples(st.sampled_from(COMPARISONS[:2]), st.sampled_from(FIELDS), st.just(None)),
    st.tuples(st.sampled_from(COMPARISONS), st.sampled_from(FIELDS), pairs(wrong)),
    st.tuples(st.sampled_from(COMPARISONS), st.sampled_from(FIELDS), st.sampled_from(FIELDS)),
    st.tuples(st.just(type(Thing.id).in_), st.sampled_from([Thing.id, Thing.shelf]), selections_of_shelves()),
    of_field(lambda field, value: (type(field).ilike, field, value), among=TEXTS),
    of_field(lambda field, one, two: (operator.eq, (fn.COALESCE, field, one), two), count=2),
    of_field(lambda field, one, two: (operator.gt, (operator.add, field, one), two), count=2, among=NUMBERS),
    of_field(lambda field, one: (operator.eq, field, (Value, one))),
)
odd_leaves = st.one_of(
    of_field(lambda field, low, high: (type(field).between, field, low, high), count=2),
    *(
        st.tuples(st.just(getattr(type(Thing.name), name)), st.sampled_from(TEXTS), pairs(st.sampled_from(parts)))
        for name in ('contains', 'startswith', 'endswith')
        for parts in (['n', 'abc', '', "it's"], ['%', 'n_', '\\', 'a%b'])
    ),
    of_field(lambda field, one: (operator.eq, (type(field).concat, field, one), 'ab'), among=TEXTS),
    of_field(lambda field, one: (operator.ne, (fn.LOWER, one), (fn.LOWER, field)), among=TEXTS),
    of_field(lambda field, one, two: (operator.le, (operator.mul, one, field), two), count=2, among=NUMBERS),
    of_field(lambda field, one, two: (operator.eq, (type(field).bin_and, field, one), two), count=2, among=NUMBERS[:2]),
    of_field(lambda field, one: (operator.eq, (type(field).coerce, field, False), one)),
    of_field(lambda field, one: (operator.eq, (Cast, field, 'CHAR(9)'), one)),
    of_field(lambda field, one: (operator.eq, field, (Value, one, False))),
    of_field(lambda field, one, two: (operator.eq, (case_of, field, one, two), two), count=2),
    st.tuples(st.just(fn.EXISTS), selections_of_shelves()),
    pairs(integers).map(lambda number: (operator.eq, Thing.shelf, (lambda number: Shelf(id=number), number))),
    st.just((SQL, '1 = 1')),
    pairs(integers).map(lambda number: (lambda number: SQL('number = ?', [number]), number)),
)


def case_of(field, one, two):
    return Case(field, [(one, two)], one)


def combined(leaves, *operators):
    return leaves | st.tuples(st.sampled_from(operators), leaves, leaves)


known_conditions = combined(known_leaves, operator.and_, operator.or_)
odd_conditions = combined(known_leaves | odd_leaves | st.tuples(st.just(operator.invert), known_leaves), operator.and_)

columns = st.one_of(
    st.sampled_from(FIELDS),
    st.just(Thing.data),
    of_field(lambda field, one: (fn.COALESCE, field, one)),
    of_field(lambda field, one: (lambda *v: fn.COALESCE(*v).alias('other'), field, one)),
    st.sampled_from(
        [Thing.name.alias('named'), fn.UPPER(Thing.name), Thing.name.concat('x').alias('longer'), SQL('1')]
    ),
)
orders = st.one_of(
    st.sampled_from(FIELDS),
    st.sampled_from(FIELDS).map(lambda field: field.desc()),
    st.tuples(st.sampled_from(FIELDS), st.sampled_from(['first', 'last'])).map(lambda of: of[0].asc(nulls=of[1])),
    of_field(lambda field, one: (fn.COALESCE, field, one)),
)


def step(method, *arguments):
    """A method of the query that is called with the arguments."""
    return method, list(arguments)


def selecting(columns):
    return st.lists(columns, min_size=1, max_size=2).map(lambda of: step('select', *of))


known_steps = st.one_of(
    *[known_conditions.map(lambda condition: step('where', condition))] * 2,
    st.lists(orders, min_size=1, max_size=2).map(lambda of: step('order_by', *of, Thing.id)),
    pairs(st.integers(0, 5)).map(lambda limit: step('limit', limit)),
    st.tuples(pairs(st.integers(1, 3)), pairs(st.integers(1, 5))).map(lambda of: step('paginate', *of)),
    st.sampled_from(['dicts', 'tuples', 'namedtuples', 'objects']).map(step),
    selecting(st.sampled_from(FIELDS)),
)
odd_steps = st.one_of(
    known_steps,
    odd_conditions.map(lambda condition: step('where', condition)),
    known_conditions.map(lambda condition: step('orwhere', condition)),
    pairs(st.integers(0, 3)).map(lambda offset: step('offset', offset)),
    st.sampled_from([(), (True,), (False,)]).map(lambda of: step('distinct', *of)),
    selecting(columns),
    st.lists(columns, min_size=1, max_size=2).map(lambda of: step('select_extend', *of)),
    st.lists(st.sampled_from(FIELDS), min_size=1, max_size=2).map(lambda of: step('columns', *of)),
    st.sampled_from(FIELDS).map(lambda field: step('group_by', field)),
    st.sampled_from([JOIN.INNER, JOIN.LEFT_OUTER]).map(lambda kind: step('join', Shelf, kind)),
    st.just(step('alias', 'renamed')),
)


def slices(query):
    return [query[:2], query[1], list(query[0:1]), len(query), list(query)]


def nested(query):
    return list(Shelf.select().where(Shelf.id.in_(query)).order_by(Shelf.id))


ENDS = [
    list,
    len,
    slices,
    nested,
    lambda query: [list(query), list(query), len(query), query.count()],
    lambda query: list(query.iterator()),
    lambda query: query.count(),
    lambda query: query.count(clear_limit=True),
    lambda query: query.first(),
    lambda query: query.get(),
    lambda query: query.get_or_none(),
    lambda query: query.exists(),
    lambda query: query.scalar(),
    lambda query: query.peek(2),
    lambda query: [list(query.union(Thing.select().where(Thing.id == 3))), query.sql()[0]],
    lambda query: list(Thing.select(Thing.id).where(Thing.id == 1).from_(query.alias('inside'))),
    lambda query: [(thing.name, thing.shelf and thing.shelf.name) for thing in query],
    lambda query: list(query.with_related(Thing.shelf)),
    lambda query: query.select(Thing.id).where(fn.EXISTS(query)).count(),
]
queries = st.tuples(st.lists(known_steps, max_size=3) | st.lists(odd_steps, max_size=3), st.sampled_from(ENDS))


def ask(recipe, which):
    """Ask a generated query, with one set of its values."""
    made, end = recipe
    query = reduce(lambda query, step: getattr(query, step[0])(*built(step[1], which)), made, Thing.select())
    return end(query)


names = st.lists(st.sampled_from([field for field in FIELDS if field is not Thing.id] + [Thing.data]), unique=True)
rows = names.flatmap(
    lambda fields: st.tuples(
        *[st.fixed_dictionaries({field.name: VALUES.get(field, wrong) | wrong | st.none() for field in fields})] * 2
    )
)
