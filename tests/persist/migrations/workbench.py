import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import peewee
import pytest

from colibris.persist.migrations import Answers, draft, migrate
from colibris.persist.migrations.history import TABLE


class SQLiteServer:
    """Fresh databases, and what is in them; the other engines offer the same."""

    def __init__(self, tmp_path: Path) -> None:
        self.tmp_path = tmp_path

    def database(self, name: str = 'main') -> peewee.Database:
        pragmas = {'foreign_keys': 1, 'journal_mode': 'wal'}
        return peewee.SqliteDatabase(self.tmp_path / f'{name}.db', pragmas=pragmas)

    def expression(self, name: str = 'main') -> str:
        """Python source that makes an object for the same database in another process."""
        return f'peewee.SqliteDatabase({str(self.tmp_path / f"{name}.db")!r}, pragmas={{"foreign_keys": 1}})'

    def schema(self, database: peewee.Database) -> list[Any]:
        rows = database.execute_sql(
            'SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL'
        ).fetchall()
        tables = [row[1] for row in rows if row[0] == 'table' and row[1] != TABLE]
        found = [(*row[:3], self._unordered(row[3])) for row in rows if row[2] != TABLE]
        for table in tables:
            for pragma in ('table_xinfo', 'foreign_key_list', 'index_list'):
                listed = database.execute_sql(f'PRAGMA {pragma}("{table}")').fetchall()
                found += [(pragma, table, *row[1:]) for row in listed]
        return sorted(found, key=str)

    def _unordered(self, sql: str) -> Any:
        head, _, body = sql.partition('(')
        return (head, *sorted(re.split(r', (?=")|, (?=FOREIGN|PRIMARY)', body.rpartition(')')[0])))


def server_settings(engine: str) -> dict[str, Any]:
    """What Peewee's database for the test server is made with."""
    variable = f'COLIBRIS_TEST_{engine.upper()}'
    if variable not in os.environ:
        pytest.fail(f'{variable} is not set: run scripts/test')
    url = urlsplit(os.environ[variable])
    address = {'host': url.hostname, 'port': url.port, 'user': url.username, 'password': url.password}
    return {'database': 'colibris_migrations', **address}


class PostgreSQLServer(SQLiteServer):
    """The server that `scripts/test` starts."""

    def database(self, name: str = 'main') -> peewee.Database:
        settings = server_settings('postgresql')
        name = f'{settings.pop("database")}_{name}'
        admin = peewee.PostgresqlDatabase('postgres', **settings)
        admin.connect()
        admin.connection().autocommit = True
        admin.execute_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        admin.execute_sql(f'CREATE DATABASE "{name}"')
        admin.close()
        return peewee.PostgresqlDatabase(name, **settings)

    def expression(self, name: str = 'main') -> str:
        settings = server_settings('postgresql')
        settings['database'] += f'_{name}'
        return f'peewee.PostgresqlDatabase(**{settings!r})'

    def schema(self, database: peewee.Database) -> list[Any]:
        queries = (
            'SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, '
            'pg_get_expr(d.adbin, d.adrelid), a.attcollation FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid '
            'LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum '
            "WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind = 'r'",
            "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
            'SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint '
            "WHERE connamespace = 'public'::regnamespace",
            "SELECT '', sequencename, data_type::text FROM pg_sequences WHERE schemaname = 'public'",
        )
        rows = [row for query in queries for row in database.execute_sql(query).fetchall()]
        return sorted((row for row in rows if row[0] != TABLE), key=str)


class MySQLServer(SQLiteServer):
    """The server that `scripts/test` starts."""

    def database(self, name: str = 'main') -> peewee.Database:
        settings = server_settings('mysql')
        name = f'{settings.pop("database")}_{name}'
        admin = peewee.MySQLDatabase(None, **settings)
        admin.init('mysql', **settings)
        admin.execute_sql(f'DROP DATABASE IF EXISTS `{name}`')
        admin.execute_sql(f'CREATE DATABASE `{name}` CHARACTER SET utf8mb4')
        admin.close()
        return peewee.MySQLDatabase(name, **settings)

    def expression(self, name: str = 'main') -> str:
        settings = server_settings('mysql')
        settings['database'] += f'_{name}'
        return f'peewee.MySQLDatabase(**{settings!r})'

    def schema(self, database: peewee.Database) -> list[Any]:
        found = []
        for table in database.get_tables():
            if table != TABLE:
                text = database.execute_sql(f'SHOW CREATE TABLE `{table}`').fetchone()[1]
                text = re.sub(r' AUTO_INCREMENT=\d+', '', text)
                found.append((table, *sorted(line.strip().rstrip(',') for line in text.splitlines())))
        return sorted(found)


SERVERS = {'sqlite': SQLiteServer, 'postgresql': PostgreSQLServer, 'mysql': MySQLServer}
ENGINES = tuple(SERVERS)


class Workbench:
    """A directory of migrations and a database to apply them on."""

    def __init__(self, engine: str, server: SQLiteServer, directory: Path) -> None:
        self.engine = engine
        self.server = server
        self.directory = directory
        self.database = server.database()
        self.report: list[str] = []

    def make(self, *models: type[peewee.Model], name: str | None = None, **answers: Any) -> Path | None:
        drafted = draft(models, self.directory, name, answers=Answers(**answers))
        return None if drafted is None else drafted.write()

    def migrate(self, target: str | None = None, **options: Any) -> list[str]:
        return migrate(self.database, self.directory, target, report=self.report.append, **options)

    def start(self) -> 'subprocess.Popen[str]':
        """Start a `migrate` in a process of its own."""
        script = (
            'import peewee\n'
            'from colibris.persist.migrations import migrate\n'
            f'print(migrate({self.server.expression()}, {str(self.directory)!r}))\n'
        )
        return subprocess.Popen(
            [sys.executable, '-c', script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def schema(self) -> list[Any]:
        return self.server.schema(self.database)

    def fresh_schema(self, *models: type[peewee.Model]) -> list[Any]:
        """The schema of a database that was made from `models` at once."""
        database = self.server.database('fresh')
        directory = self.directory.parent / 'fresh'
        drafted = draft(models, directory)
        if drafted is not None:
            drafted.write()
        migrate(database, directory)
        try:
            return self.server.schema(database)
        finally:
            database.close()

    def write(self, name: str, body: str) -> Path:
        self.directory.mkdir(exist_ok=True)
        path = self.directory / name
        path.write_text(body)
        return path

    def rows(self, sql: str) -> list[Any]:
        quote = '`' if self.engine == 'mysql' else '"'
        return [tuple(row) for row in self.database.execute_sql(sql.replace('"', quote)).fetchall()]

    def execute(self, sql: str) -> None:
        quote = '`' if self.engine == 'mysql' else '"'
        self.database.execute_sql(sql.replace('"', quote))


def make_model(name: str, meta: dict[str, Any] | None = None, /, **fields: Any) -> type[peewee.Model]:
    """Define a model, with snake case table names."""
    options = {'legacy_table_names': False, **(meta or {})}
    return type(name, (peewee.Model,), {**fields, 'Meta': type('Meta', (), options)})
