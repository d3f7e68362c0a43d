"""From tables to JSON lines."""

import itertools
import json
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import peewee

from colibris.persist.tools.errors import DumpError
from colibris.persist.tools.tables import Tables, is_postgresql, is_sqlite
from colibris.persist.tools.values import encode

__all__ = ['dump']

PAGE = 1000


def dump(tables: Tables, names: Iterable[str] = ()) -> Generator[str, None, None]:
    """Yield a line of JSON for each row, as the database is at one moment; only a page of rows is held in memory.

    ``{"table": "thing", "row": {"id": 1, "owner_id": 3}}``: the row has the names of columns. Dates are written in ISO
    8601, decimals and UUIDs as text, bytes in base64. Password fields are left out.

    :param names: the tables; all by default.
    :raises ToolError: there is no such table.
    :raises DumpError: a value cannot be written.
    """
    models = tables.choose(names)
    with _snapshot(tables.database):
        for model in models:
            yield from _lines(tables, model)


@contextmanager
def _snapshot(database: Any) -> Iterator[None]:
    """A transaction that sees nothing of what others commit meanwhile, and stops nobody."""
    is_outermost = not database.in_transaction()
    with database.atomic('DEFERRED') if is_sqlite(database) else database.atomic():
        if is_postgresql(database) and is_outermost:
            database.execute_sql('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY')
        yield


def _lines(tables: Tables, model: Any) -> Iterator[str]:
    fields, table = model._meta.sorted_fields, model._meta.table_name
    shown = [tables.password_field(field) is None for field in fields]
    for stored in _rows(model):
        columns = itertools.compress(zip(fields, stored, strict=True), shown)
        row = {field.column_name: _encode(table, field, value) for field, value in columns}
        yield json.dumps({'table': table, 'row': row}, ensure_ascii=False, separators=(',', ':')) + '\n'


def _encode(table: str, field: Any, stored: Any) -> Any:
    try:
        return encode(field, stored)
    except (ValueError, TypeError, ArithmeticError) as exc:
        raise DumpError(f'{table}.{field.column_name}: {stored!r} cannot be dumped: {exc}') from exc


def _rows(model: Any) -> Iterator[tuple[Any, ...]]:
    """The rows as the driver reads them, in the order of their key, page by page."""
    keys = model._meta.get_primary_keys() if model._meta.primary_key else ()
    if not keys:
        yield from _read(model, model.select())
        return
    names = [field.name for field in model._meta.sorted_fields]  # two fields, compared, are a query
    positions = [names.index(key.name) for key in keys]
    page = model.select().order_by(*keys).limit(PAGE)
    count, query = PAGE, page
    while count == PAGE:
        count = 0
        for row in _read(model, query):
            count += 1
            yield row
        if count:
            last = [peewee.Value(row[position], converter=False) for position in positions]
            query = page.where(peewee.Tuple(*keys) > peewee.Tuple(*last) if len(keys) > 1 else keys[0] > last[0])


def _read(model: Any, query: Any) -> Iterator[tuple[Any, ...]]:
    cursor = model._meta.database.execute(query)
    while (row := cursor.fetchone()) is not None:
        yield row
