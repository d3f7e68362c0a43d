"""From JSON lines to tables."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import peewee

from colibris.persist.tools.constraints import deferred, fix_sequences, orphan
from colibris.persist.tools.errors import LoadError
from colibris.persist.tools.tables import Tables
from colibris.persist.tools.values import decode, encode

__all__ = ['load']

BATCH_ROWS = 500
BATCH_VALUES = 10_000
BATCH_BYTES = 2**20

_REFUSALS = (peewee.PeeweeException, OverflowError, ValueError, TypeError)


def load(tables: Tables, lines: BinaryIO, report: Callable[[int, int], None] = lambda rows, size: None) -> int:
    """Insert the rows that :func:`~colibris.persist.tools.dump.dump` has written, all or none.

    A column may be missing if it can be NULL, has a constant default or counts by itself. A password is hashed; where
    one is missing, nobody can log in until there is one.

    :param lines: the file; only a batch of its lines is held in memory.
    :param report: called with the number of rows and of bytes that have been read.
    :returns: the number of rows.
    :raises LoadError: a line is wrong, or the database refuses it; names the line, and the column where it can.
    """
    with tables.database.atomic(), deferred(tables):
        loader = _Loader(tables)
        for number, text in enumerate(lines, 1):
            if text.strip():
                loader.add(number, text)
                report(loader.rows, loader.size)
        loader.insert()
        _check_references(loader, lines)
        fix_sequences(loader.loaded)
    return loader.rows


@dataclass
class _Batch:
    """Rows that one statement inserts."""

    model: Any
    columns: tuple[Any, ...]
    rows: list[tuple[int, tuple[Any, ...]]] = field(default_factory=list)
    size: int = 0

    @property
    def is_full(self) -> bool:
        count = len(self.rows)
        return count >= BATCH_ROWS or count * len(self.columns) >= BATCH_VALUES or self.size >= BATCH_BYTES

    def fits(self, model: Any, columns: tuple[Any, ...]) -> bool:
        """Whether a row with these columns can be added."""
        # Two fields, compared, are a query: that would always be true.
        return not self.is_full and self.model is model and list(map(id, self.columns)) == list(map(id, columns))


class _Loader:
    """Collects rows and inserts them in batches."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.rows = 0
        self.size = 0
        self._loaded: dict[Any, None] = {}
        self._batch: _Batch | None = None

    @property
    def loaded(self) -> list[Any]:
        """The models whose tables have got rows."""
        return list(self._loaded)

    def add(self, number: int, text: bytes) -> None:
        """Take a line."""
        model, row = _read(self.tables, number, text)
        columns = tuple(column for column in model._meta.sorted_fields if column.column_name in row)
        values = tuple(self._value(number, column, row[column.column_name]) for column in columns)
        if self._batch is None or not self._batch.fits(model, columns):
            self.insert()
            self._batch = _Batch(model, columns)
            self._loaded[model] = None
        self._batch.rows.append((number, values))
        self._batch.size += len(text)
        self.rows += 1
        self.size += len(text)

    def _value(self, number: int, column: Any, shown: Any) -> Any:
        value = _decode(number, column, shown)
        password = self.tables.password_field(column)
        return value if password is None else password.db_value(value)

    def insert(self) -> None:
        """Insert the rows that have been collected."""
        batch, self._batch = self._batch, None
        if batch is None:
            return
        try:
            self._insert(batch, batch.rows)
        except _REFUSALS:
            self._insert_singly(batch)

    def _insert(self, batch: _Batch, rows: list[tuple[int, tuple[Any, ...]]]) -> None:
        with self.tables.database.atomic():
            batch.model.insert_many([values for _, values in rows], fields=batch.columns or None).execute()

    def _insert_singly(self, batch: _Batch) -> None:
        """Insert row by row, to find the one that is refused."""
        for row in batch.rows:
            try:
                self._insert(batch, [row])
            except _REFUSALS as exc:
                reason = ' '.join(' '.join(str(exc).splitlines()[:2]).split())  # PostgreSQL's second line has details
                raise LoadError(f'line {row[0]}: {batch.model._meta.table_name}: {reason}') from exc


def _read(tables: Tables, number: int, text: bytes) -> tuple[Any, dict[str, Any]]:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise LoadError(f'line {number}: no JSON: {exc}') from None
    if not isinstance(line, dict) or not isinstance(line.get('row'), dict) or not isinstance(line.get('table'), str):
        raise LoadError(f'line {number}: no object like {{"table": "…", "row": {{…}}}}')
    model = tables.get(line['table'])
    if model is None:
        raise LoadError(f'line {number}: no model has the table {line["table"]}')
    row = {**_without_passwords(tables, model), **line['row']}
    _check_columns(model, number, row)
    return model, row


def _without_passwords(tables: Tables, model: Any) -> dict[str, Any]:
    """What the password columns get that dumps leave out, though they may not be NULL."""
    from colibris.authentication import passwords

    return {
        column.column_name: passwords.unusable()
        for column in model._meta.sorted_fields
        if tables.password_field(column) and not column.null
    }


def _check_columns(model: Any, number: int, row: dict[str, Any]) -> None:
    table, fields = model._meta.table_name, model._meta.sorted_fields
    unknown = sorted(row.keys() - {column.column_name for column in fields})
    if unknown:
        raise LoadError(f'line {number}: {table}.{unknown[0]}: there is no such column')
    for column in fields:
        if column.column_name not in row and not _may_be_missing(column):
            raise LoadError(f'line {number}: {table}.{column.column_name}: is missing')


def _may_be_missing(column: Any) -> bool:
    return bool(column.null or column.auto_increment or column.sequence or column.default is not None)


def _decode(number: int, column: Any, shown: Any) -> Any:
    try:
        return decode(column, shown)
    except ValueError as exc:
        raise LoadError(f'line {number}: {_name(column)}: {exc}') from None


def _name(column: Any) -> str:
    return f'{column.model._meta.table_name}.{column.column_name}'


def _check_references(loader: _Loader, lines: BinaryIO) -> None:
    found = orphan(loader.loaded)
    if found is None:
        return
    column, stored = found
    shown = encode(column, stored)
    place = _place(lines, column, shown)
    raise LoadError(f'{place}{_name(column)}: there is no {_name(column.rel_field)} {shown!r}')


def _place(lines: BinaryIO, column: Any, shown: Any) -> str:
    """Where the file says so; the rows themselves have been let go of long ago."""
    if not lines.seekable():
        return ''
    lines.seek(0)
    for number, text in enumerate(lines, 1):
        line = json.loads(text) if text.strip() else {}
        if line.get('table') == column.model._meta.table_name and line['row'].get(column.column_name) == shown:
            return f'line {number}: '
    return ''
