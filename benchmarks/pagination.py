"""What a page of a long list costs at its beginning and at row 1,000,000, by cursor and by offset.

    scripts/bench pagination [ROWS [ROUNDS]]

Each line is a way to sort the list, which an index serves. A page holds 25 rows, and is fetched as a list view does it,
in a driven coroutine. The pages take turns within each round; printed are the medians in microseconds, and in the
columns "ratio" how many times the first page's the cost of the page at the end is.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from aiohttp.test_utils import make_mocked_request

from colibris import conf, persist
from colibris.bridge import drive
from colibris.conf import settings
from colibris.persist.slot import slot
from colibris.schemas import ModelSchema
from colibris.views import ListMixin, ModelView
from colibris.views.ordering import apply_ordering
from colibris.views.pagination import CursorPagination, LimitOffsetPagination

NAME = 'colibris_benchmark'
ROWS = 1_000_100
ROUNDS = 200
PAGE = 25


class Event(persist.Model):
    created = persist.DateTimeField()
    kind = persist.IntegerField()
    amount = persist.IntegerField(null=True)
    text = persist.CharField()

    class Meta:
        indexes = ((('created', 'id'), False), (('kind', 'created', 'id'), False), (('amount', 'id'), False))


class EventSchema(ModelSchema):
    class Meta:
        model = Event


class EventsView(ListMixin, ModelView):
    model = Event
    body_schema_class = EventSchema
    ordering_fields = ('created', 'kind', 'amount')


ORDERINGS = {
    '': 'primary key',
    'created': 'unique times',
    '-created': 'unique times, descending',
    'kind,created': 'five values, then times',
    'amount': 'half of them null',
    '-amount': 'half of them null, descending',
}

COLUMNS = 'INSERT INTO event (created, kind, amount, text) '
NUMBERS = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) '
VALUES = "SELECT {time}, {kind}, CASE WHEN i < {rows} / 2 THEN NULL ELSE i END, 'some text' FROM "
SERIES = 'generate_series(1, {rows}) AS n(i)'
FILL = {
    'sqlite': (COLUMNS + NUMBERS + VALUES + 'n', "datetime(i, 'unixepoch')", 'i % 5'),
    'postgresql': (COLUMNS + VALUES + SERIES, 'to_timestamp(i)', 'MOD(i, 5)'),
    'mysql': (COLUMNS + NUMBERS + VALUES + 'n', 'FROM_UNIXTIME(i)', 'MOD(i, 5)'),
}
ANALYZE = {'sqlite': 'ANALYZE', 'postgresql': 'VACUUM ANALYZE event', 'mysql': 'ANALYZE TABLE event'}


def fill(backend, engine, rows):
    backend.drop()
    backend.create()
    backend.create_tables([Event])
    if engine == 'mysql':
        backend.execute_sql(f'SET SESSION max_recursive_iterations = {rows + 1}')
    statement, moment, kind = FILL[engine]
    backend.execute_sql(statement.format(rows=rows, time=moment, kind=kind))
    backend.execute_sql(ANALYZE[engine])
    backend.close()


class List:
    """A list of events, sorted, whose pages are fetched."""

    def __init__(self, ordering, pagination_class):
        self.ordering = ordering
        self.pagination_class = pagination_class

    def fetch(self, **parameters):
        view = EventsView(make_mocked_request('GET', f'/events?ordering={self.ordering}'))
        pagination = self.pagination_class(view, parameters)
        return pagination.paginate(apply_ordering(Event.select(), view))


def cursor_at(ordering, place):
    """A cursor that stands a page after some row: the pages around it are fetched backward and forward."""
    events = List(ordering, LimitOffsetPagination)
    row = events.fetch(offset=place, limit=1).items[0]
    view = EventsView(make_mocked_request('GET', f'/events?ordering={ordering}'))
    pagination = CursorPagination(view, {'page_size': PAGE})
    query = apply_ordering(Event.select(), view)
    return parse_qs(urlsplit(pagination.link_after(row, query)).query)['cursor'][0]


async def measure(function):
    start = time.perf_counter()
    await drive(call(function))
    return (time.perf_counter() - start) * 1e6


async def call(function):
    return function()


async def compare(ordering, place, rounds):
    by_cursor, by_offset = List(ordering, CursorPagination), List(ordering, LimitOffsetPagination)
    cursor = await drive(call(lambda: cursor_at(ordering, place)))
    pages = [
        lambda: by_cursor.fetch(page_size=PAGE),
        lambda: by_cursor.fetch(page_size=PAGE, cursor=cursor),
        lambda: by_offset.fetch(offset=0, limit=PAGE),
    ]
    times = [[] for _ in pages]
    for turn in range(rounds + 10):
        for page, taken in zip(pages, times, strict=True):
            cost = await measure(page)
            if turn >= 10:
                taken.append(cost)
    slow = [await measure(lambda: by_offset.fetch(offset=place, limit=PAGE)) for _ in range(3)]
    return [statistics.median(taken) for taken in (*times, slow)]


async def report(backend, engine, rows, rounds):
    print(f'\n{engine:32}{"by cursor:":>12}{"":>10}{"":>8}{"by offset:":>12}')
    print(f'{"":32}{"first":>12}{"at end":>10}{"ratio":>8}{"first":>12}{"at end":>12}{"ratio":>8}')
    for ordering, name in ORDERINGS.items():
        first, end, offset_first, offset_end = await compare(ordering, rows - 100, rounds)
        print(f'{name:32}{first:12.0f}{end:10.0f}{end / first:8.2f}', end='')
        print(f'{offset_first:12.0f}{offset_end:12.0f}{offset_end / offset_first:8.0f}')
    await backend.stop()


def backends(directory):
    yield 'sqlite', persist.SQLiteBackend(str(Path(directory) / 'benchmark.db'))
    for engine, backend in (('postgresql', persist.PostgreSQLBackend), ('mysql', persist.MySQLBackend)):
        address = os.environ.get(f'COLIBRIS_TEST_{engine.upper()}')
        if not address:
            sys.exit(f'no {engine} server: run scripts/bench pagination')
        url = urlsplit(address)
        yield engine, backend(NAME, url.hostname, url.port, url.username, url.password)


def main(rows=ROWS, rounds=ROUNDS):
    with tempfile.TemporaryDirectory() as directory:
        package = Path(directory) / 'benchmarked'
        package.mkdir()
        (package / '__init__.py').touch()
        (package / 'settings.py').write_text("SECRET_KEY = 'the secret of a benchmark'\n")
        sys.path.insert(0, directory)
        conf.setup(package.name)
        settings.DEBUG = False
        for engine, backend in backends(directory):
            with slot.replace(backend):
                fill(backend, engine, rows)
                try:
                    asyncio.run(report(backend, engine, rows, rounds))
                finally:
                    backend.drop()


if __name__ == '__main__':
    main(*map(int, sys.argv[1:]))
