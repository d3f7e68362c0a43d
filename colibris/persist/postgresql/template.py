"""A database's content, remembered so that tests find it again."""

from dataclasses import dataclass
from typing import Any

__all__ = ['Template']

# Everything that a change of the structure writes: rows of these catalogues, each marked with its transaction.
_STRUCTURE = """
    SELECT md5(string_agg(concat_ws(' ', part, oid, mark), ',' ORDER BY part, oid, mark)) FROM (
        SELECT 'class' AS part, oid, xmin::text AS mark FROM pg_class WHERE oid >= 16384
        UNION ALL SELECT 'attribute', attrelid, concat(attnum, ' ', xmin) FROM pg_attribute WHERE attrelid >= 16384
        UNION ALL SELECT 'default', oid, xmin::text FROM pg_attrdef
        UNION ALL SELECT 'constraint', oid, xmin::text FROM pg_constraint WHERE oid >= 16384
        UNION ALL SELECT 'namespace', oid, xmin::text FROM pg_namespace WHERE oid >= 16384
        UNION ALL SELECT 'type', oid, xmin::text FROM pg_type WHERE oid >= 16384
        UNION ALL SELECT 'enum', oid, xmin::text FROM pg_enum
        UNION ALL SELECT 'function', oid, xmin::text FROM pg_proc WHERE oid >= 16384
        UNION ALL SELECT 'trigger', oid, xmin::text FROM pg_trigger
        UNION ALL SELECT 'rule', oid, xmin::text FROM pg_rewrite WHERE oid >= 16384
        UNION ALL SELECT 'extension', oid, xmin::text FROM pg_extension WHERE oid >= 16384
    ) AS parts"""
_TABLES = """
    SELECT format('%I.%I', n.nspname, c.relname), array(
        SELECT quote_ident(attname) FROM pg_attribute
        WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum)
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.oid >= 16384 AND n.nspname NOT LIKE 'pg\\_%' ORDER BY c.oid"""
_SEQUENCES = """
    SELECT format('%I.%I', schemaname, sequencename), coalesce(last_value, start_value), last_value IS NOT NULL
    FROM pg_sequences ORDER BY 1"""
_END_OTHERS = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""


@dataclass(frozen=True)
class Table:
    """A table as it was.

    :param rows: its rows as JSON, ``None`` if there were none.
    :param digest: of the rows, whatever their order.
    """

    name: str
    columns: tuple[str, ...]
    rows: str | None
    digest: str | None

    @property
    def digest_sql(self) -> str:
        """What compares the table with how it was; cheap for one that was empty."""
        if self.digest is None:
            return f"(SELECT '' FROM {self.name} LIMIT 1)"
        return f"(SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {self.name} AS t)"


@dataclass(frozen=True)
class Template:
    """What a database holds.

    :param structure: a digest of its tables and all else that is defined in it.
    """

    structure: str
    tables: tuple[Table, ...]
    sequences: tuple[tuple[str, int, bool], ...]

    @classmethod
    def of(cls, connection: Any) -> 'Template':
        """What the database of psycopg's ``connection`` holds."""
        tables = [_read(connection, name, columns) for name, columns in connection.execute(_TABLES)]
        return cls(_structure(connection), tuple(tables), tuple(connection.execute(_SEQUENCES).fetchall()))

    def restore(self, connection: Any) -> bool:
        """Bring the database back to what it was; ``False`` if its structure is another by now.

        :param connection: psycopg's, in autocommit mode.
        """
        connection.execute(_END_OTHERS)
        if _structure(connection) != self.structure:
            return False
        changed = self._changed(connection)
        if changed:
            self._rewrite(connection, changed)
        self._reset_sequences(connection)
        return not self._changed(connection) if changed else True

    def _changed(self, connection: Any) -> list[Table]:
        if not self.tables:
            return []
        digests = connection.execute(f'SELECT {", ".join(table.digest_sql for table in self.tables)}').fetchone()
        return [table for table, digest in zip(self.tables, digests, strict=True) if digest != table.digest]

    def _rewrite(self, connection: Any, tables: list[Table]) -> None:
        # Foreign keys are checked at the end of a statement, so that within one the order does not matter.
        deletions = [f'd{i} AS (DELETE FROM {table.name})' for i, table in enumerate(tables)]
        connection.execute(f'WITH {", ".join(deletions)} SELECT 1')
        filled = [table for table in tables if table.rows]
        insertions = [f'i{i} AS ({_insertion(table)})' for i, table in enumerate(filled)]
        if insertions:
            connection.execute(f'WITH {", ".join(insertions)} SELECT 1', [table.rows for table in filled])

    def _reset_sequences(self, connection: Any) -> None:
        now = set(connection.execute(_SEQUENCES).fetchall())
        for sequence in self.sequences:
            if sequence not in now:
                connection.execute('SELECT setval(%s::regclass, %s, %s)', sequence)


def _structure(connection: Any) -> str:
    return str(connection.execute(_STRUCTURE).fetchone()[0])


def _read(connection: Any, name: str, columns: list[str]) -> Table:
    empty = Table(name, tuple(columns), None, '')
    rows, digest = connection.execute(f'SELECT json_agg(t)::text, {empty.digest_sql} FROM {name} AS t').fetchone()
    return Table(name, tuple(columns), rows, digest if rows else None)


def _insertion(table: Table) -> str:
    columns = ', '.join(table.columns)
    return (
        f'INSERT INTO {table.name} ({columns}) OVERRIDING SYSTEM VALUE '
        f'SELECT {columns} FROM json_populate_recordset(NULL::{table.name}, %s::json)'
    )
