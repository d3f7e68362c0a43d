"""The same work done in the cached ways and in Peewee's general way, and what can be told apart of it."""

import contextlib
import re
from unittest import mock

import peewee

from colibris import persist
from colibris.persist import queries, shapes


class Backwards(persist.TextField):
    """Has its own conversions, also of ``None``."""

    def db_value(self, value):
        if value == 'refused':
            raise ValueError('it is refused')
        return value[::-1] if isinstance(value, str) else value

    def python_value(self, value):
        return 'nothing' if value is None else value[::-1]


class Lowered(persist.TextField):
    """Makes SQL of its values."""

    def db_value(self, value):
        return persist.fn.LOWER(value) if isinstance(value, str) else value


class Shelf(persist.Model):
    name = persist.CharField()
    parent = persist.ForeignKeyField('self', null=True, backref='children')

    class Meta:
        table_name = 'compared_shelf'


class Thing(persist.Model):
    shelf = persist.ForeignKeyField(Shelf, null=True, backref='things')
    name = persist.CharField(null=True)
    number = persist.IntegerField(null=True, default=7)
    size = persist.FloatField(null=True)
    price = persist.DecimalField(null=True, max_digits=10, decimal_places=2)
    day = persist.DateField(null=True)
    at = persist.DateTimeField(null=True)
    is_new = persist.BooleanField(null=True, default=lambda: True)
    code = persist.FixedCharField(null=True, max_length=6)
    key = persist.UUIDField(null=True)
    note = Backwards(null=True)
    lowered = Lowered(null=True)
    data = persist.JSONField(null=True)
    title = persist.TextField(null=True, column_name='heading')

    class Meta:
        table_name = 'compared_thing'


MODELS = [Shelf, Thing]


class GeneralShapes:
    """Knows no shape."""

    def sql(self, query):
        return None


@contextlib.contextmanager
def general(database):
    """All is done in Peewee's own way."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.object(database, 'shapes', GeneralShapes()))
        for name in ('lists', 'lookups', 'inserts'):
            stack.enter_context(mock.patch.object(database, name, None))
        stack.enter_context(mock.patch.object(queries, 'instance_reader', return_value=None))
        yield


@contextlib.contextmanager
def compilations():
    """The shapes whose SQL has been written within the block."""
    made = []
    compile_really = shapes._compile

    def compile_and_note(database, walk, query):
        made.append(query)
        return compile_really(database, walk, query)

    with mock.patch.object(shapes, '_compile', compile_and_note):
        yield made


@contextlib.contextmanager
def bindings():
    """The statements within the block whose SQL was there already."""
    made = []
    bind_really = shapes.CompiledQuery.bind

    def bind_and_note(compiled, values):
        bound = bind_really(compiled, values)
        made.extend([bound] if bound else [])
        return bound

    with mock.patch.object(shapes.CompiledQuery, 'bind', bind_and_note):
        yield made


@contextlib.contextmanager
def statements(database):
    """What is sent to the database within the block: SQL and parameters."""
    sent = []

    def note(event):
        sent.append((event.sql, [shown(value) for value in event.params or ()]))

    database.query_hooks.append(note)
    try:
        yield sent
    finally:
        database.query_hooks.remove(note)


def outcome(database, work, *arguments):
    """All that can be told apart of what ``work`` does."""
    with statements(database) as sent:
        try:
            result = shown(work(*arguments))
        except Exception as exc:
            result = type(exc), '' if isinstance(exc, peewee.DoesNotExist) else str(exc)
    return result, [_with_limit_of_one(*statement) for statement in sent]


def compare(database, work):
    """Do ``work(0)`` and ``work(1)`` in both ways; tell how many statements of the second needed no SQL written."""
    for which in (0, 1):
        with general(database):
            expected = outcome(database, work, which)
        with compilations() as compiled, bindings() as bound:
            assert outcome(database, work, which) == expected
    return len(bound) - len(compiled)


def shown(value):
    """A value so that equal ones are of the same classes, and instances of the same state."""
    if isinstance(value, persist.Model):
        related = {name: shown(other) for name, other in value.__rel__.items()}
        data = {name: shown(other) for name, other in value.__data__.items()}
        extra = {name: shown(other) for name, other in vars(value).items() if not name.startswith('_')}
        return type(value), data, set(value._dirty), related, extra
    if isinstance(value, dict):
        return type(value), {key: shown(other) for key, other in value.items()}
    if isinstance(value, tuple | list):
        return type(value).__name__, [shown(other) for other in value]
    return type(value), None if isinstance(value, peewee.Node) else getattr(value, 'obj', value)


def _with_limit_of_one(sql, params):
    """Peewee limits the one row that counts, which colibris does not, and where it looks a row up it says so longer."""
    if re.match(r'SELECT COUNT\(1\) FROM \(.*\) AS ["`]_wrapped["`] LIMIT (\?|%s)$', sql, flags=re.DOTALL):
        return sql.rpartition(' LIMIT ')[0], params[:-1]
    if sql.endswith((' LIMIT ? OFFSET ?', ' LIMIT %s OFFSET %s')) and params[-2:] == [shown(1), shown(0)]:
        return sql.rpartition(' LIMIT ')[0] + ' LIMIT 1', params[:-2]
    return sql, params


def fill(database):
    """Make the tables, with rows that differ, and some that hardly do."""
    database.create_tables(MODELS)
    root = Shelf.create(name='root')
    for number in range(3):
        Shelf.create(name=f'shelf {number}', parent=root)
    for number in range(12):
        values = {'shelf': 1 + number % 4, 'name': f'n_{number % 5}%', 'number': number % 6, 'size': number / 4}
        Thing.create(**values, code=f'c{number}', note='abc', lowered='X', data={'a': [number]}, title='b\\c')
    Thing.insert(name=None, number=None, is_new=None, shelf=None).execute()


def undone(database, work):
    """Do ``work`` in a transaction that is rolled back, so that it can be done again."""

    def done(which):
        with database.atomic() as transaction:
            try:
                return work(which)
            finally:
                transaction.rollback()

    return done


def attempt(work):
    """What comes of it, also when that is an error."""
    try:
        return shown(work())
    except Exception as exc:
        return type(exc), str(exc)
