"""Targets, plans, history, and migrations written by hand."""

import datetime
from pathlib import Path
from typing import Any

import peewee
import pytest

from colibris.persist.migrations import (
    MigrationError,
    MigrationFileError,
    MigrationHistoryError,
    UnknownMigrationError,
    plan,
    sql,
    status,
)

from .workbench import Workbench, make_model


def table(number: int) -> type[peewee.Model]:
    return make_model(f'Table{number}', name=peewee.CharField(max_length=10))


@pytest.fixture
def three(workbench: Workbench) -> Workbench:
    for count in (1, 2, 3):
        workbench.make(*(table(number) for number in range(count)), name=f'step {count}')
    return workbench


def planned(bench: Workbench, target: str | None = None) -> list[tuple[str, str]]:
    return [(each.direction, each.migration.name) for each in plan(bench.database, bench.directory, target)]


def test_targets(three: Workbench) -> None:
    assert three.migrate('2') == ['0001_step_1', '0002_step_2']
    assert three.migrate('0002_step_2') == []
    assert three.migrate('0003') == ['0003_step_3']
    assert three.migrate('0001_st') == ['0003_step_3', '0002_step_2']
    assert three.migrate() == ['0002_step_2', '0003_step_3']
    assert three.migrate('zero') == ['0003_step_3', '0002_step_2', '0001_step_1']
    with pytest.raises(UnknownMigrationError, match='several migrations begin with 000'):
        three.migrate('000')
    with pytest.raises(UnknownMigrationError, match='no migration is called 9: there are 0001_step_1'):
        three.migrate('9')


def test_plan_changes_nothing(three: Workbench) -> None:
    assert planned(three, '2') == [('up', '0001_step_1'), ('up', '0002_step_2')]
    assert three.schema() == []
    three.migrate()
    assert planned(three) == []
    assert planned(three, '2') == [('down', '0003_step_3')]
    assert plan(three.database, three.directory, '2')[0].changes() == ['drop table table2']


def test_fake_records_only(three: Workbench) -> None:
    assert three.migrate('2', fake=True) == ['0001_step_1', '0002_step_2']
    assert three.schema() == []
    assert [each.is_applied for each in status(three.database, three.directory)] == [True, True, False]
    assert three.migrate('zero', fake=True) == ['0002_step_2', '0001_step_1']


def test_status_tells_the_moment_in_utc(three: Workbench) -> None:
    start = datetime.datetime.now(datetime.UTC)
    three.migrate('1')
    first, second, _ = status(three.database, three.directory)
    assert first.applied is not None
    assert abs(first.applied - start) < datetime.timedelta(seconds=30)
    assert second.applied is None


def test_edited_file_is_refused_until_it_is_accepted(three: Workbench) -> None:
    three.migrate()
    path = three.directory / '0002_step_2.py'
    path.write_text(path.read_text() + '\n\n# changed\n')
    with pytest.raises(MigrationHistoryError, match=r'0002_step_2\.py was edited .* migrate --fake 0002_step_2'):
        three.migrate()
    assert status(three.database, three.directory)[1].problem == 'the file was edited after it had been applied'
    three.migrate('0002_step_2', fake=True)
    three.migrate('3', fake=True)
    assert three.migrate() == []


def test_line_endings_do_not_count(three: Workbench) -> None:
    three.migrate()
    path = three.directory / '0002_step_2.py'
    path.write_bytes(path.read_bytes().replace(b'\n', b'\r\n'))
    assert three.migrate() == []


def test_missing_file_is_refused(three: Workbench) -> None:
    three.migrate()
    (three.directory / '0003_step_3.py').unlink()
    with pytest.raises(MigrationHistoryError, match=r'the file 0003_step_3\.py is missing'):
        three.migrate()
    assert status(three.database, three.directory)[2].problem == 'the file is missing'


def test_late_file_is_refused(three: Workbench) -> None:
    three.migrate('1')
    (three.directory / '0002_step_2.py').rename(three.directory / '0002_step_2.txt')
    (three.directory / '0003_step_3.py').write_text('def up(schema):\n    pass\n')
    three.migrate()
    (three.directory / '0002_step_2.txt').rename(three.directory / '0002_step_2.py')
    with pytest.raises(MigrationHistoryError, match=r'0002_step_2\.py is not applied, but later ones are'):
        three.migrate()


def test_a_gap_is_fine(three: Workbench) -> None:
    (three.directory / '0003_step_3.py').rename(three.directory / '0012_step_3.py')
    assert three.migrate() == ['0001_step_1', '0002_step_2', '0012_step_3']
    path = three.make(*(table(number) for number in range(4)))
    assert path is not None
    assert path.name == '0013_create_table3.py'


@pytest.mark.parametrize(
    ('name', 'body', 'message'),
    [
        ('0002_again.py', 'def up(schema): pass', '0002_again.py and 0002_step_2.py have the same number'),
        ('0004_no_up.py', 'x = 1', r'0004_no_up.py has no function up\(schema\)'),
        ('0004_broken.py', 'def up(', '0004_broken.py cannot be imported: SyntaxError'),
        ('0004_import.py', 'import nowhere_at_all', '0004_import.py cannot be imported: ModuleNotFoundError'),
        ('0004-dash.py', 'def up(schema): pass', '0004-dash.py is not a name for a migration'),
        ('0004_wrong.py', "def up(schema): schema.drop_table('x')", '0004_wrong.py: there is no table x'),
        ('0004_error.py', 'def up(schema): 1 / 0', '0004_error.py: ZeroDivisionError'),
    ],
)
def test_unusable_files(three: Workbench, name: str, body: str, message: str) -> None:
    three.write(name, body)
    with pytest.raises(MigrationFileError, match=message):
        three.migrate()


def test_migration_without_down_cannot_be_unapplied(three: Workbench) -> None:
    three.write('0004_one_way.py', 'def up(schema):\n    pass\n')
    three.migrate()
    with pytest.raises(MigrationFileError, match=r'0004_one_way\.py cannot be unapplied'):
        three.migrate('3')


def test_down_that_does_not_undo_is_refused(three: Workbench) -> None:
    three.write('0004_half.py', "def up(schema):\n    schema.drop_table('table2')\n\n\ndef down(schema):\n    pass\n")
    three.migrate()
    with pytest.raises(
        MigrationHistoryError, match=r'0004_half\.py: down\(\) does not undo what up\(\) does to table2'
    ):
        three.migrate('3')


def test_drops_print_what_goes(three: Workbench) -> None:
    three.migrate()
    three.execute("""INSERT INTO "table0" ("name") VALUES ('x')""")
    three.report.clear()
    three.migrate('zero')
    assert '  drop table table0 (with 1 row)' in three.report
    assert '  drop table table1 (with 0 rows)' in three.report
    assert three.report[-1] == 'Unapplied 0001_step_1'


DATA = """
from colibris.persist import CharField


def up(schema):
    schema.add_column('table0', 'upper', CharField(max_length=10, null=True))
    schema.run(fill)
    schema.execute("UPDATE table0 SET name = 'changed'")


def down(schema):
    schema.drop_column('table0', 'upper')


def fill(models):
    for row in models['table0'].select():
        row.upper = row.name.upper()
        row.save()
"""


def test_data_migration_has_the_models_of_its_moment(three: Workbench) -> None:
    three.migrate()
    three.execute("""INSERT INTO "table0" ("name") VALUES ('x')""")
    three.write('0004_data.py', DATA)
    three.write('0005_later.py', "def up(schema):\n    schema.drop_column('table0', 'name')\n")
    three.migrate()
    assert three.rows('SELECT "upper" FROM "table0"') == [('X',)]
    assert '  run fill' in three.report
    lines = sql(three.database, three.directory, '4')
    assert lines[-2:] == ['-- run fill', "UPDATE table0 SET name = 'changed';"]


def test_models_outside_of_run_are_explained(three: Workbench) -> None:
    three.write('0004_data.py', "def up(schema):\n    schema.models['table0'].select()\n")
    with pytest.raises(MigrationError, match=r'use schema\.run\(function\)'):
        three.migrate()


def test_sql_needs_no_connection(three: Workbench) -> None:
    three.database.close()
    up = sql(three.database, three.directory, '1')
    assert up[0].replace('`', '"').startswith('CREATE TABLE "table0"')
    down = sql(three.database, three.directory, '1', direction='down')
    assert [line.replace('`', '"') for line in down] == ['DROP TABLE "table0";']
    assert three.database.is_closed()


def test_by_hand_extras_survive_a_rebuild(sqlite_bench: Workbench) -> None:
    sqlite_bench.make(table(0))
    sqlite_bench.migrate()
    sqlite_bench.execute('CREATE INDEX "by_hand" ON "table0" ("name" DESC)')
    sqlite_bench.execute('CREATE VIEW "view" AS SELECT "name" FROM "table0"')
    sqlite_bench.execute(
        'CREATE TRIGGER "trigger" AFTER INSERT ON "table0" BEGIN UPDATE "table0" SET "name" = upper("name"); END'
    )
    sqlite_bench.make(make_model('Table0', name=peewee.CharField(max_length=99)))
    sqlite_bench.migrate()
    sqlite_bench.execute("""INSERT INTO "table0" ("name") VALUES ('x')""")
    assert sqlite_bench.rows('SELECT * FROM "view"') == [('X',)]
    assert ('by_hand',) in sqlite_bench.rows('SELECT "name" FROM sqlite_master')


def test_open_connection_stays_open(sqlite_bench: Workbench) -> None:
    sqlite_bench.make(table(0))
    sqlite_bench.database.connect()
    sqlite_bench.migrate()
    assert not sqlite_bench.database.is_closed()
    sqlite_bench.database.close()
    sqlite_bench.migrate()
    assert sqlite_bench.database.is_closed()


def test_database_in_memory(tmp_path: Path, sqlite_bench: Workbench) -> None:
    sqlite_bench.make(table(0))
    sqlite_bench.database = peewee.SqliteDatabase(':memory:')
    sqlite_bench.migrate()
    assert sqlite_bench.rows('SELECT * FROM "table0"') == []
    assert not list(tmp_path.glob('*.lock'))


def test_backend_is_created_when_it_does_not_exist(tmp_path: Path, sqlite_bench: Workbench) -> None:
    class Backend(peewee.SqliteDatabase):
        created = 0

        def exists(self) -> bool:
            return Path(self.database).exists()

        def create(self) -> None:
            self.created += 1
            Path(self.database).parent.mkdir(parents=True, exist_ok=True)
            self.connect()

    sqlite_bench.make(table(0))
    database: Any = Backend(str(tmp_path / 'deep' / 'down' / 'a.db'))
    sqlite_bench.database = database
    assert [each.is_applied for each in status(database, sqlite_bench.directory)] == [False]
    assert not database.exists()
    sqlite_bench.migrate()
    assert database.created == 1
    assert database.is_closed()


def test_sql_can_be_executed_as_it_is_printed(workbench: Workbench) -> None:
    code = peewee.CharField(max_length=10, constraints=[peewee.Check("code LIKE 'p%'")])
    workbench.make(make_model('Part', code=code))
    (statement,) = sql(workbench.database, workbench.directory, '1')
    assert "LIKE 'p%')" in statement
