"""A migration that fails leaves nothing behind, or says exactly what."""

import peewee
import pytest

from colibris.persist.migrations import MigrationFailedError, MigrationHistoryError, status
from colibris.persist.migrations.engines import engine_of
from colibris.persist.migrations.history import History

from .workbench import Workbench, make_model

FAILING = """
from colibris.persist import AutoField, CharField


def up(schema):
    schema.create_table('other', id=AutoField())
    schema.alter_column('user', 'name', CharField(max_length=64, unique=True))
    schema.create_table('last', id=AutoField())


def down(schema):
    schema.drop_table('last')
    schema.alter_column('user', 'name', CharField(max_length=64))
    schema.drop_table('other')
"""


@pytest.fixture
def duplicates(workbench: Workbench) -> Workbench:
    workbench.make(make_model('User', name=peewee.CharField(max_length=64)))
    workbench.migrate()
    for _ in range(2):
        workbench.execute("""INSERT INTO "user" ("name") VALUES ('ann')""")
    workbench.write('0002_unique.py', FAILING)
    return workbench


@pytest.fixture
def stepwise(duplicates: Workbench, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    """An engine without transactional changes; the others are made to behave so."""
    if duplicates.engine != 'mysql':
        kind = type(engine_of(duplicates.database))
        monkeypatch.setattr(kind, 'transactional', False)
        monkeypatch.setattr(kind, 'says_done', lambda self, error: 'already exists' in str(error))
    return duplicates


def test_is_rolled_back_or_tells_where_it_stopped(duplicates: Workbench) -> None:
    before = duplicates.schema()
    with pytest.raises(MigrationFailedError) as caught:
        duplicates.migrate()
    message = str(caught.value)
    assert '0002_unique.py' in message
    assert 'CREATE UNIQUE INDEX' in (caught.value.failed or '')
    if duplicates.engine != 'mysql':
        assert 'rolled back' in message
        assert duplicates.schema() == before
        assert status(duplicates.database, duplicates.directory)[1].problem is None


def test_goes_on_once_the_cause_is_removed(duplicates: Workbench) -> None:
    with pytest.raises(MigrationFailedError):
        duplicates.migrate()
    duplicates.execute('UPDATE "user" SET "name" = \'bob\' WHERE "id" = 2')
    assert duplicates.migrate() == ['0002_unique']
    assert duplicates.rows('SELECT * FROM "last"') == []
    assert duplicates.migrate('1') == ['0002_unique']
    assert duplicates.migrate() == ['0002_unique']


def test_in_steps_goes_on_after_a_step_that_was_not_recorded(stepwise: Workbench) -> None:
    with pytest.raises(MigrationFailedError):
        stepwise.migrate()
    stepwise.execute('UPDATE "user" SET "name" = \'bob\' WHERE "id" = 2')
    history = History(stepwise.database)
    entry = history.entries()['0002_unique']
    history.advance(entry.name, entry.checksum, 'up', entry.steps, in_doubt=True)
    stepwise.execute('CREATE UNIQUE INDEX "user__name_key" ON "user" ("name")')
    assert stepwise.migrate() == ['0002_unique']
    assert status(stepwise.database, stepwise.directory)[1].problem is None


def test_in_steps_tells_what_is_done(stepwise: Workbench) -> None:
    with pytest.raises(MigrationFailedError, match='stopped at step 2 of 3') as caught:
        stepwise.migrate()
    assert [line.replace('`', '"').partition(' (')[0] for line in _after_done(str(caught.value))] == [
        '  CREATE TABLE "other"',
        'Failed:',
        '  CREATE UNIQUE INDEX "user__name_key" ON "user"',
        'Not done:',
        '  CREATE TABLE "last"',
    ]
    assert status(stepwise.database, stepwise.directory)[1].problem == 'stopped on the way up after 1 steps'


def test_in_steps_does_not_leave_a_partly_applied_one_behind(stepwise: Workbench) -> None:
    with pytest.raises(MigrationFailedError):
        stepwise.migrate()
    with pytest.raises(MigrationHistoryError, match='0002_unique is applied in part'):
        stepwise.migrate('zero')
    source = (stepwise.directory / '0002_unique.py').read_text().replace("'other'", "'another'")
    stepwise.write('0002_unique.py', source)
    with pytest.raises(MigrationHistoryError, match='first 1 steps'):
        stepwise.migrate()


def test_in_steps_goes_on_on_the_way_down(stepwise: Workbench) -> None:
    stepwise.execute('UPDATE "user" SET "name" = \'bob\' WHERE "id" = 2')
    stepwise.migrate()
    stepwise.execute('DROP TABLE "other"')
    with pytest.raises(MigrationFailedError, match='stopped at step 3 of 3'):
        stepwise.migrate('1')
    assert status(stepwise.database, stepwise.directory)[1].problem == 'stopped on the way down after 2 steps'
    stepwise.execute('CREATE TABLE "other" ("id" INT)')
    assert stepwise.migrate() == ['0002_unique', '0002_unique']
    assert stepwise.rows('SELECT * FROM "last"') == []


def test_error_in_a_data_migration_rolls_back(workbench: Workbench) -> None:
    workbench.make(make_model('User', name=peewee.CharField(max_length=64)))
    workbench.migrate()
    workbench.write(
        '0002_data.py',
        'def up(schema):\n    schema.run(change)\n\n\n'
        "def change(models):\n    models['user'].create(name='x')\n    raise RuntimeError('no')\n",
    )
    with pytest.raises(MigrationFailedError, match=r'0002_data\.py.*RuntimeError: no'):
        workbench.migrate()
    assert workbench.rows('SELECT * FROM "user"') == []
    assert not status(workbench.database, workbench.directory)[1].is_applied


def test_missing_value_is_refused_before_anything_happens(workbench: Workbench) -> None:
    workbench.make(make_model('User', name=peewee.CharField(max_length=64)))
    workbench.migrate()
    workbench.execute("""INSERT INTO "user" ("name") VALUES ('ann')""")
    workbench.write(
        '0002_add.py',
        'from colibris.persist import IntegerField\n\n\n'
        "def up(schema):\n    schema.add_column('user', 'age', IntegerField())\n",
    )
    with pytest.raises(MigrationFailedError, match=r'user\.age may not be NULL, and the table has 1 rows'):
        workbench.migrate()
    assert workbench.rows('SELECT * FROM "user"') == [(1, 'ann')]


def test_broken_reference_is_refused(sqlite_bench: Workbench) -> None:
    user = make_model('User', name=peewee.CharField())
    sqlite_bench.make(user, make_model('Post', owner=peewee.ForeignKeyField(user)))
    sqlite_bench.migrate()
    sqlite_bench.execute("""INSERT INTO "user" ("name") VALUES ('ann')""")
    sqlite_bench.execute("""INSERT INTO "post" ("owner_id") VALUES (1)""")
    sqlite_bench.write(
        '0002_data.py', "def up(schema):\n    schema.run(lambda models: models['user'].delete().execute())\n"
    )
    with pytest.raises(MigrationFailedError, match='1 of post to user'):
        sqlite_bench.migrate()
    assert sqlite_bench.rows('SELECT "name" FROM "user"') == [('ann',)]
    assert sqlite_bench.rows('PRAGMA foreign_keys') == [(1,)]


def _after_done(message: str) -> list[str]:
    lines = message.splitlines()
    return lines[lines.index('Done:') + 1 : -1]
