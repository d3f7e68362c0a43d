"""A database's content, remembered so that tests find it again."""

import re
from dataclasses import dataclass, replace
from typing import Any

__all__ = ['Template', 'quote']

_NEXT_NUMBER = re.compile(r' AUTO_INCREMENT=(\d+)')
_DEFINER = re.compile(r'DEFINER=\S+ ')
_VIEW = 'VIEW'
_PREPARE = (
    "SET SESSION foreign_key_checks = 0, unique_checks = 0, lock_wait_timeout = 10, sql_mode = 'NO_AUTO_VALUE_ON_ZERO'"
)


@dataclass(frozen=True)
class Table:
    """A table or a view as it was.

    :param definition: the statement that creates it, without the next number.
    :param next_number: what the next automatic key is.
    :param checksum: of the rows.
    """

    name: str
    is_view: bool
    definition: str
    next_number: int
    checksum: int | None
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()

    @property
    def structure(self) -> tuple[str, str]:
        """What has to be the same if only rows have changed."""
        return self.name, self.definition


@dataclass(frozen=True)
class Template:
    """What a database holds."""

    tables: tuple[Table, ...]
    triggers: tuple[str, ...]

    @classmethod
    def of(cls, cursor: Any) -> 'Template':
        """What the database of PyMySQL's ``cursor`` holds."""
        tables = [_with_rows(cursor, table) for table in _tables(cursor)]
        return cls(tuple(tables), _triggers(cursor))

    def restore(self, cursor: Any) -> bool:
        """Bring the database back to what it was; ``False`` if its structure is another by now."""
        cursor.execute(_PREPARE)
        now = _tables(cursor)
        if [table.structure for table in now] != [table.structure for table in self.tables]:
            return False
        if _triggers(cursor) != self.triggers:
            return False
        for table, before in zip(now, self.tables, strict=True):
            if (table.next_number, table.checksum) != (before.next_number, before.checksum):
                cursor.execute(f'TRUNCATE TABLE {quote(table.name)}')
                _fill(cursor, before)
        return True

    def build(self, cursor: Any) -> None:
        """Make everything in a new database."""
        cursor.execute(_PREPARE)
        for table in sorted(self.tables, key=lambda table: table.is_view):
            cursor.execute(table.definition)
            _fill(cursor, table)
        for trigger in self.triggers:
            cursor.execute(trigger)


def _tables(cursor: Any) -> list[Table]:
    cursor.execute('SHOW FULL TABLES')
    listed = [(name, kind == _VIEW) for name, kind in cursor.fetchall()]
    checksums = _checksums(cursor, [name for name, is_view in listed if not is_view])
    return [_table(cursor, name, is_view, checksums.get(name)) for name, is_view in listed]


def _table(cursor: Any, name: str, is_view: bool, checksum: int | None) -> Table:
    cursor.execute(f'SHOW CREATE TABLE {quote(name)}')
    definition = cursor.fetchone()[1]
    number = _NEXT_NUMBER.search(definition)
    definition = _DEFINER.sub('', _NEXT_NUMBER.sub('', definition))
    return Table(name, is_view, definition, int(number[1]) if number else 1, checksum)


def _checksums(cursor: Any, names: list[str]) -> dict[str, int]:
    if not names:
        return {}
    cursor.execute(f'CHECKSUM TABLE {", ".join(map(quote, names))}')
    return {name: checksum for name, (_, checksum) in zip(names, cursor.fetchall(), strict=True)}


def _with_rows(cursor: Any, table: Table) -> Table:
    if table.is_view:
        return table
    cursor.execute(
        'SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = %s'
        " AND extra NOT LIKE '%%GENERATED%%' ORDER BY ordinal_position",
        (table.name,),
    )
    columns = tuple(name for (name,) in cursor.fetchall())
    cursor.execute(f'SELECT {", ".join(map(quote, columns))} FROM {quote(table.name)}')
    return replace(table, columns=columns, rows=tuple(cursor.fetchall()))


def _fill(cursor: Any, table: Table) -> None:
    if table.rows:
        columns, places = ', '.join(map(quote, table.columns)), ', '.join(['%s'] * len(table.columns))
        cursor.executemany(f'INSERT INTO {quote(table.name)} ({columns}) VALUES ({places})', table.rows)
    if table.next_number > 1:
        cursor.execute(f'ALTER TABLE {quote(table.name)} AUTO_INCREMENT = {table.next_number}')


def _triggers(cursor: Any) -> tuple[str, ...]:
    cursor.execute('SHOW TRIGGERS')
    names = [row[0] for row in cursor.fetchall()]
    return tuple(_trigger(cursor, name) for name in names)


def _trigger(cursor: Any, name: str) -> str:
    cursor.execute(f'SHOW CREATE TRIGGER {quote(name)}')
    return _DEFINER.sub('', cursor.fetchone()[2])


def quote(name: str) -> str:
    """A name as SQL writes it."""
    return '`' + name.replace('`', '``') + '`'
