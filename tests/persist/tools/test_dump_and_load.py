import datetime
import decimal
import io
import itertools
import json
import tracemalloc
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from colibris import persist
from colibris.persist.tools import DumpError, LoadError, Tables, ToolError, count_rows, dump, flush, load
from colibris.persist.tools.dump import PAGE

from .conftest import make_database, make_structure
from .models import MODELS, Code, Colour, Everything, Membership, Note, Person, Team, Thing

VALUES = {
    'bigint': [-(2**63), 2**63 - 1],
    'blob': [b'', bytes(range(256))],
    'boolean': [True, False],
    'char': ['', "a 'quoted' \\ \n line\ttab", 'ünïcode ☃ 𝄞 %s ? {}'],
    'colour': [Colour.RED, Colour.BLUE],
    'date': [datetime.date(1970, 1, 1), datetime.date(9999, 12, 31)],
    'datetime': [datetime.datetime(2024, 2, 29, 23, 59, 59, 999999), datetime.datetime(2024, 10, 27, 2, 30)],
    'decimal': [decimal.Decimal('12345678.1234'), decimal.Decimal('-0.0001'), decimal.Decimal(0)],
    'double': [0.1, -1e300, 5e-324, 123456789.123456],
    'integer': [-(2**31), 2**31 - 1, 0],
    'ip': ['0.0.0.0', '255.255.255.255'],
    'json': [{'a': [1, 2.5, None, True, 'x', {'$bytes': ''}]}, [], 'text', 0, 10**12, {}],
    'small': [-(2**15), 2**15 - 1],
    'stamp': [datetime.datetime(2020, 1, 1), datetime.datetime(2024, 10, 27, 2, 30)],
    'text': ['', 'x' * 10_000],
    'time': [datetime.time(0, 0), datetime.time(23, 59, 59, 999999)],
    'uuid': [uuid.UUID(int=0), uuid.UUID('12345678-1234-5678-9abc-def012345678')],
}


def fill():
    Everything.create()
    for name, values in VALUES.items():
        for value in values:
            Everything.create(**{name: value})
    boss = Person.create(name='boss')
    for number in range(3):
        Person.create(name=f'p{number}', boss=boss)
    team = Team.create(lead=boss)
    Person.update(team=team).execute()
    boss.boss = 4  # who comes later, and refers back
    boss.save()
    code = Code.create(code='Zürich')
    thing = Thing.create(owner=2, code=code)
    Thing.create(owner=3)
    Membership.create(person=2, thing=thing, rank=1)
    Note.insert_many([{'text': 'a'}, {'text': 'a'}]).execute()


def content(tables):
    return [
        (model._meta.table_name, sorted(map(repr, tables.database.execute(model.select()).fetchall())))
        for model in tables
    ]


def file_of(*lines):
    return io.BytesIO(b''.join(line if isinstance(line, bytes) else line.encode() for line in lines))


def line_of(table, **row):
    return json.dumps({'table': table, 'row': row}) + '\n'


def test_every_row_comes_back_as_it_was(tables):
    fill()
    before, lines = content(tables), list(dump(tables))
    flush(tables)
    assert set(count_rows(tables).values()) == {0}
    assert load(tables, file_of(*lines)) == len(lines)
    assert content(tables) == before
    assert list(dump(tables)) == lines


def test_values_are_the_same_for_python(tables):
    fill()
    lines = list(dump(tables, ['everything']))
    flush(tables)
    load(tables, file_of(*lines))
    rows = iter(Everything.select().order_by(Everything.id))
    next(rows)
    for name, values in VALUES.items():
        for value in values:
            found = getattr(next(rows), name)
            assert (bytes(found) if name == 'blob' else found) == value


def test_the_lines_can_be_read(tables):
    fill()
    lines = [json.loads(line) for line in dump(tables)]
    shown = {key: value for line in lines for key, value in line['row'].items() if value is not None}
    assert shown['datetime'] == '2024-10-27T02:30:00'
    assert shown['decimal'] in ('0', '0.0000')
    assert shown['uuid'] == '12345678-1234-5678-9abc-def012345678'
    assert shown['boolean'] is False
    assert shown['colour'] == 'b'
    assert shown['blob'].startswith('AAECAw')
    assert {'table': 'thing', 'row': {'id': 2, 'owned_by': 3, 'code_id': None}} in lines


def test_tables_come_after_those_that_they_refer_to(tables):
    fill()
    order = [table for table, _ in itertools.groupby(json.loads(line)['table'] for line in dump(tables))]
    assert order.index('thing') > order.index('person')
    assert order.index('thing') > order.index('code')
    assert order.index('membership') > order.index('thing')
    assert len(order) == len(set(order)) == 7


def test_chosen_tables(tables):
    fill()
    assert {json.loads(line)['table'] for line in dump(tables, ['note', 'code'])} == {'note', 'code'}
    with pytest.raises(ToolError, match='no model has the table nothing'):
        list(dump(tables, ['code', 'nothing']))


def test_a_dump_is_of_one_moment(tables):
    Person.insert_many([{'name': f'p{number}'} for number in range(3)]).execute()
    lines = dump(tables, ['person', 'note'])
    next(lines)
    with ThreadPoolExecutor(1) as other:
        other.submit(Note.create, text='late').result()
        other.submit(tables.database.close).result()
    assert len(list(lines)) == 2
    assert Note.select().count() == 1


@pytest.mark.parametrize('count', [PAGE - 1, PAGE, PAGE + 1, 2 * PAGE + 3])
def test_pages_leave_nothing_out(tables, count):
    Code.insert_many([(f'c{number}',) for number in range(count)], fields=[Code.code]).execute()
    boss = Person.create(name='boss')
    things = [(boss.id,)] * count
    Thing.insert_many(things, fields=[Thing.owner]).execute()
    Membership.insert_from(
        Thing.select(Thing.owner, Thing.id, Thing.id), [Membership.person, Membership.thing, Membership.rank]
    ).execute()
    for table, key in (('code', 'code'), ('thing', 'id'), ('membership', 'thing_id')):
        keys = [json.loads(line)['row'][key] for line in dump(tables, [table])]
        assert len(keys) == len(set(keys)) == count


def test_memory_does_not_grow_with_the_rows(tables, tmp_path):
    text = 'x' * 10_000
    path = tmp_path / 'lines'

    def lines():
        return (line_of('everything', id=number, text=text) for number in range(1, 3001))

    with path.open('w') as file:
        file.writelines(lines())
    tracemalloc.start()
    try:
        with path.open('rb') as file:
            assert load(tables, file) == 3000
        _, loading = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        assert sum(1 for _ in dump(tables)) == 3000
        _, dumping = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert loading < 15_000_000
    assert dumping < 25_000_000


def test_keys_go_on_behind_those_loaded(tables):
    load(tables, file_of(line_of('person', id=1000, name='x', made='2020-01-01')))
    assert Person.create(name='y').id == 1001


def test_keys_go_on_behind_those_that_were_there(tables):
    Person.insert_many([{'name': 'a', 'id': 5}]).execute()
    load(tables, file_of(line_of('person', id=1, name='x', made='2020-01-01')))
    assert Person.create(name='y').id == 6


def test_columns_may_be_missing(tables):
    lines = line_of('person', name='x', made='2020-01-01'), '\n', line_of('team', lead_id=1), line_of('everything')
    assert load(tables, file_of(*lines)) == 3
    assert Team.get().size == 3
    assert Person.get().boss is None


def test_rows_may_come_before_those_in_the_same_circle(tables):
    load(
        tables,
        file_of(
            line_of('person', id=1, name='x', made='2020-01-01', boss_id=2, team_id=7),
            line_of('team', id=7, lead_id=2),
            line_of('person', id=2, name='y', made='2020-01-01', boss_id=1),
        ),
    )
    assert Person.get_by_id(1).team.lead.boss.name == 'x'


PERSON = line_of('person', id=1, name='x', made='2020-01-01')


@pytest.mark.parametrize(
    ('line', 'message'),
    [
        ('{', 'line 3: no JSON: '),
        (b'\xff\n', 'line 3: no JSON: '),
        ('[' * 100_000, 'line 3: no JSON: '),
        ('[]', 'line 3: no object like'),
        ('{"table": 1, "row": {}}', 'line 3: no object like'),
        ('{"table": "person", "row": []}', 'line 3: no object like'),
        (line_of('nothing'), 'line 3: no model has the table nothing'),
        (line_of('person', name='y', made='2020-01-01', age=3), 'line 3: person.age: there is no such column'),
        (line_of('person', made='2020-01-01'), 'line 3: person.name: is missing'),
        (line_of('person', name='y'), 'line 3: person.made: is missing'),
        (line_of('person', name='y', made='yesterday'), 'line 3: person.made: must be a date and time in ISO 8601'),
        (line_of('person', name=5, made='2020-01-01'), 'line 3: person.name: must be a text, not 5'),
        (line_of('person', name='y', made='2020-01-01', boss_id='1'), 'line 3: person.boss_id: must be a whole number'),
        (line_of('everything', blob='é'), 'line 3: everything.blob: must be bytes in base64'),
        (line_of('everything', blob='abc'), 'line 3: everything.blob: must be bytes in base64'),
        (line_of('everything', boolean=1), 'line 3: everything.boolean: must be true or false'),
        (line_of('everything', integer=True), 'line 3: everything.integer: must be a whole number'),
        (line_of('everything', integer=1.5), 'line 3: everything.integer: must be a whole number'),
        (line_of('everything', double='1'), 'line 3: everything.double: must be a number'),
        (line_of('everything', decimal='1,5'), 'line 3: everything.decimal: must be a decimal number as text'),
        (line_of('everything', date='2020-13-01'), 'line 3: everything.date: must be a date'),
        (line_of('everything', time='25:00'), 'line 3: everything.time: must be a time'),
        (line_of('everything', uuid='x' * 99), "line 3: everything.uuid: must be a UUID, not 'xxxx.*xx[.]{3}$"),
        (line_of('everything', ip='nowhere'), 'line 3: everything.ip: must be an IPv4 address'),
        (line_of('everything', bigint=2**64), 'line 3: everything: .'),
        (line_of('person', id=1, name='y', made='2020-01-01'), 'line 3: person: .*(id|PRIMARY|pkey)'),
        (line_of('person', name='x', made='2020-01-01'), 'line 3: person: .*name'),
        (line_of('person', name=None, made='2020-01-01'), 'line 3: person: .*name'),
        (line_of('thing', owned_by=17), r'line 3: thing(.owned_by)?: .*person'),
        (line_of('person', name='y', made='2020-01-01', boss_id=17), 'line 3: person.boss_id: .* person.id 17'),
        (line_of('team', lead_id=17), 'line 3: team.lead_id: there is no person.id 17'),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_loaded(tables, line, message):
    note = line_of('note', text='a')
    with pytest.raises(LoadError, match=message):
        load(tables, file_of(note, PERSON, line, b'' if isinstance(line, bytes) else '\n', note))
    assert set(count_rows(tables).values()) == {0}
    assert not tables.database.in_transaction()
    load(tables, file_of(note, PERSON))


def test_an_orphan_in_a_stream_is_named_without_its_line(tables):
    file = file_of(line_of('team', lead_id=17))

    class Stream(io.BufferedReader):
        def seekable(self):
            return False

    with pytest.raises(LoadError, match=r'^team.lead_id: there is no person.id 17$'):
        load(tables, Stream(file))


def test_foreign_keys_are_as_strict_afterwards(tables):
    fill()
    lines = list(dump(tables))
    flush(tables)
    load(tables, file_of(*lines))
    for wrong in (lambda: Thing.create(owner=99), lambda: Person.create(name='z', boss=99)):
        with pytest.raises(persist.IntegrityError), tables.database.atomic():
            wrong()


@pytest.mark.parametrize('engine', ['sqlite'], indirect=True)
def test_a_value_that_is_none_of_its_column(tables):
    tables.database.execute_sql("INSERT INTO everything (uuid) VALUES ('no uuid')")
    with pytest.raises(DumpError, match=r"everything.uuid: 'no uuid' cannot be dumped"):
        list(dump(tables))


@pytest.mark.parametrize('engine', ['sqlite'], indirect=True)
def test_numbers_that_are_not_finite(tables):
    Everything.create(double=float('inf'))
    Everything.create(double=float('-inf'))
    lines = list(dump(tables))
    assert '"inf"' in lines[0]
    flush(tables)
    load(tables, file_of(*lines))
    assert [row.double for row in Everything.select()] == [float('inf'), float('-inf')]


def test_progress(tables):
    reports = []
    lines = [line_of('note', text='a'), line_of('note', text='b')]
    load(tables, file_of(*lines), lambda rows, size: reports.append((rows, size)))
    assert reports == [(1, len(lines[0])), (2, len(lines[0] + lines[1]))]


def test_rows_of_one_engine_are_loaded_into_another(tables, tmp_path):
    fill()
    lines = list(dump(tables))
    assert all(json.loads(line) for line in lines)
    database = make_database('sqlite', tmp_path, 'other')
    make_structure(database, tmp_path)
    other = Tables(database, MODELS)
    load(other, file_of(*lines))
    names = ['person', 'thing', 'membership', 'note']
    assert list(map(json.loads, dump(other, names))) == list(map(json.loads, dump(tables, names)))
    database.drop()
